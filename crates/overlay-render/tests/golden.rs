//! Agreement with the reference renderer.

mod common;

use std::fs;
use std::path::Path;

use overlay_render::{
    Fonts, LaneOverflow, Layout, LayoutOptions, Player, layout, write_layout_json,
};
use serde_json::Value;

/// Comments that agree and comments compared, for each thing compared.
#[derive(Clone, Copy, Default)]
struct Score {
    agree: usize,
    of: usize,
}

impl Score {
    fn add(&mut self, agrees: bool) {
        self.agree += usize::from(agrees);
        self.of += 1;
    }

    fn percent(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let percent = 100.0 * self.agree as f64 / self.of.max(1) as f64;
        percent
    }
}

const NAMES: [&str; 8] = [
    "class",
    "style",
    "width",
    "height",
    "posY",
    "posY lane",
    "overflow",
    "frames",
];

fn compare(golden: &Value, ours: &Value, layout: &Layout, verbose: bool) -> [Score; 8] {
    let mut scores = [Score::default(); 8];
    let list = |value: &Value| value["comments"].as_array().cloned().expect("comments");
    let (golden_list, our_list) = (list(golden), list(ours));
    assert_eq!(golden_list.len(), our_list.len(), "every comment is placed");
    let mut shown = 0;
    // The reference does not say of what it made narrower in the Flash player's look.
    let is_flash = golden["meta"]["mode"] == "flash";
    for (index, (g, o)) in golden_list.iter().zip(&our_list).enumerate() {
        let same = |names: &[&str]| names.iter().all(|name| g[name] == o[name]);
        let near = |name: &str, tolerance: f64| match (g[name].as_f64(), o[name].as_f64()) {
            (Some(g), Some(o)) => (g - o).abs() <= tolerance,
            (g, o) => g == o,
        };
        let lane = g["overflow"].is_null();
        let results = [
            same(&["id", "vpos", "src", "loc", "lineCount", "long", "invisible"]),
            same(&[
                "size",
                "font",
                "color",
                "full",
                "ender",
                "_live",
                "owner",
                "layer",
                "resizedY",
                "strokeColor",
                "opacity",
            ]) && (is_flash || same(&["resizedX"]))
                && near("scale", 1e-4)
                && near("scaleX", 1e-4),
            near("width", 1.0),
            near("height", 1.0),
            near("posY", 1.0),
            near("posY", 1.0),
            same(&["overflow"]),
        ];
        let invisible = g["invisible"] == true;
        for (i, (score, agrees)) in scores.iter_mut().zip(results).enumerate() {
            let applies = match i {
                0 | 1 => true,
                2 => !invisible && g["fallback"].is_null(),
                5 => !invisible && lane,
                _ => !invisible,
            };
            if applies {
                score.add(agrees);
                if verbose && !agrees && shown < 12 {
                    shown += 1;
                    eprintln!(
                        "  {} of {index}: {g}\n   ours {o}\n   {:?}",
                        NAMES[i],
                        layout.comments()[index].text
                    );
                }
            }
        }
    }
    for frame in golden["frames"].as_array().into_iter().flatten() {
        let t = frame["vpos"].as_f64().expect("vpos");
        let draw = frame["draw"].as_array().expect("draw");
        let mut ours = layout.draw_list(t);
        // The reference does not paint comments that are very wide; we do.
        ours.retain(|item| layout.comments()[item.index].width <= 8184.0);
        let agrees = draw.len() == ours.len()
            && draw.iter().zip(&ours).all(|(g, o)| {
                let near = |g: &Value, o: f64| g.as_f64().is_some_and(|g| (g - o).abs() <= 0.05);
                g[0].as_u64() == u64::try_from(o.index).ok() && near(&g[1], o.x) && near(&g[2], o.y)
            });
        if verbose && !agrees {
            let g: Vec<_> = draw.iter().filter_map(|item| item[0].as_u64()).collect();
            let o: Vec<_> = ours.iter().map(|item| item.index).collect();
            eprintln!("  frame {t}: {g:?}\n   ours {o:?}");
        }
        scores[7].add(agrees);
    }
    scores
}

/// Compares samples with the places that the reference gave them in a player's look, and prints a
/// table.
fn agree(dir: &Path, samples: &[&str], player: Player, fonts: &Fonts, thresholds: [f64; 8]) {
    let verbose = std::env::var_os("VERBOSE").is_some();
    let mut total = [Score::default(); 8];
    println!(
        "sample {}",
        NAMES.map(|name| format!("{name:>10}")).concat()
    );
    for sample in samples {
        let comments = common::read(&dir.join(format!("{sample}.json")));
        let ending = match player {
            Player::Flash => "flash.layout.json",
            _ => "layout.json",
        };
        let path = dir.join(format!("{sample}.{ending}"));
        let text = fs::read_to_string(path).expect("a golden file");
        let golden: Value = serde_json::from_str(&text).expect("JSON");
        let options = LayoutOptions::default()
            .player(player)
            .lane_overflow(LaneOverflow::Constant(0.5));
        let laid_out = layout(&comments, fonts, &options);
        let mut out = Vec::new();
        write_layout_json(&laid_out, &mut out).expect("a Vec takes all");
        let ours: Value = serde_json::from_slice(&out).expect("JSON");
        if let Some(scripts) = golden["meta"].get("nicoScripts") {
            assert_eq!(scripts, &ours["meta"]["nicoScripts"]);
        }
        let scores = compare(&golden, &ours, &laid_out, verbose);
        println!(
            "{sample:>6} {}",
            scores.map(|s| format!("{:>10.2}", s.percent())).concat()
        );
        for (sum, score) in total.iter_mut().zip(scores) {
            sum.agree += score.agree;
            sum.of += score.of;
        }
    }
    println!(
        "   all {}",
        total.map(|s| format!("{:>10.2}", s.percent())).concat()
    );
    println!("    of {}", total.map(|s| format!("{:>10}", s.of)).concat());
    for ((name, score), least) in NAMES.iter().zip(total).zip(thresholds) {
        assert!(
            score.percent() >= least,
            "{name}: {:.2} %, wanted {least}",
            score.percent()
        );
    }
}

/// Comments of ours, with the fonts beside the tests (`tests/data/README.md`).
#[test]
fn small_layouts_agree_with_the_reference() {
    let dir = common::data("golden");
    let samples = ["crowd", "styles"];
    agree(&dir, &samples, Player::Html5, &common::subset(), [100.0; 8]);
}

/// The same in the Flash player's look, with comment art of ours.
#[test]
fn layouts_in_the_look_of_flash_agree_with_the_reference() {
    let dir = common::data("golden");
    let samples = ["crowd", "styles", "flash"];
    agree(&dir, &samples, Player::Flash, &common::subset(), [100.0; 8]);
}

/// The samples in the Flash player's look, where `FLASH_SAMPLES` says that they lie with the
/// reference's layouts (`tests/data/golden/make.py --mode flash --families …` makes them).
#[cfg(feature = "system-fonts")]
#[test]
#[ignore = "needs layouts that a browser makes"]
fn samples_in_the_look_of_flash_agree_with_the_reference() {
    let dir = std::env::var_os("FLASH_SAMPLES").expect("FLASH_SAMPLES is a folder");
    let fonts = common::noto().expect("Noto's CJK fonts");
    let samples: Vec<String> = (0..30).step_by(2).map(|one| one.to_string()).collect();
    let samples: Vec<&str> = samples.iter().map(String::as_str).collect();
    let thresholds = [100.0, 99.9, 99.9, 100.0, 99.5, 99.4, 99.9, 93.0];
    agree(dir.as_ref(), &samples, Player::Flash, &fonts, thresholds);
}

/// The samples of the reference, 10,578 comments (`../shared/data/niconico`, README there).
///
/// `VERBOSE=1 cargo test -p overlay-render --test golden -- --nocapture` shows what differs.
#[cfg(feature = "system-fonts")]
#[test]
fn layouts_agree_with_the_reference() {
    let (Some(dir), Some(fonts)) = (common::golden_dir(), common::noto()) else {
        return;
    };
    let samples: Vec<String> = (0..30)
        .step_by(2)
        .map(|sample| sample.to_string())
        .collect();
    let samples: Vec<&str> = samples.iter().map(String::as_str).collect();
    let thresholds = [100.0, 100.0, 99.9, 100.0, 100.0, 100.0, 100.0, 100.0];
    agree(&dir, &samples, Player::Html5, &fonts, thresholds);
}
