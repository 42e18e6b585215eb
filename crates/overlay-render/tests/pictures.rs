//! Drawn moments beside the reference renderer's pictures of them
//! (`../shared/data/niconico/N-VPOS.png`).

mod common;

use std::fs;

use image::RgbaImage;
use overlay_render::{LaneOverflow, LayoutOptions, draw_stage, layout};

/// What differs between two pictures shown over grey, of 255.
struct Difference {
    /// Mean over all pixels of the mean over channels, alpha included.
    mean: f64,
    /// Mean difference of alpha over the pixels that either one paints.
    alpha_of_inked: f64,
    /// Share of all pixels where a channel differs by more than 64.
    far: f64,
}

/// A pixel over middle grey, and its alpha.
fn shown(pixel: [u8; 4]) -> [f64; 4] {
    let alpha = f64::from(pixel[3]) / 255.0;
    let over = |channel: u8| f64::from(channel) * alpha + 128.0 * (1.0 - alpha);
    [
        over(pixel[0]),
        over(pixel[1]),
        over(pixel[2]),
        alpha * 255.0,
    ]
}

fn compare(ours: &RgbaImage, theirs: &RgbaImage) -> Difference {
    let (mut sum, mut alpha, mut inked, mut far, mut all) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b) in ours.pixels().zip(theirs.pixels()) {
        let (a, b) = (shown(a.0), shown(b.0));
        let differences = [0, 1, 2, 3].map(|i| (a[i] - b[i]).abs());
        sum += differences.iter().sum::<f64>() / 4.0;
        if a[3] > 0.0 || b[3] > 0.0 {
            inked += 1.0;
            alpha += differences[3];
        }
        far += f64::from(differences.iter().any(|&d| d > 64.0));
        all += 1.0;
    }
    Difference {
        mean: sum / all,
        alpha_of_inked: alpha / f64::max(inked, 1.0),
        far: far / all,
    }
}

/// `-- --nocapture` shows the table.
#[test]
fn pictures_are_those_of_the_reference() {
    let (Some(dir), Some(fonts)) = (common::golden_dir(), common::noto()) else {
        return;
    };
    let mut pictures: Vec<_> = fs::read_dir(&dir)
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| {
            let (sample, vpos) = name.strip_suffix(".png")?.split_once('-')?;
            Some((sample.to_owned(), vpos.parse::<u32>().ok()?))
        })
        .collect();
    pictures.sort();
    assert!(!pictures.is_empty(), "no pictures in {}", dir.display());
    println!("picture        mean  alpha of inked  far pixels");
    for (sample, vpos) in pictures {
        let comments = common::read(&dir.join(format!("{sample}.json")));
        let options = LayoutOptions::default().lane_overflow(LaneOverflow::Constant(0.5));
        let placed = layout(&comments, &fonts, &options);
        let too_wide = |c: &overlay_render::PlacedComment| c.width > 8184.0 || c.height > 8184.0;
        let shown = placed.draw_list(f64::from(vpos));
        if shown
            .iter()
            .any(|item| too_wide(&placed.comments()[item.index]))
        {
            println!(
                "{sample}-{vpos}: left out, the reference does not paint its very wide comments"
            );
            continue;
        }
        let ours = draw_stage(&placed, f64::from(vpos), 1920, 1080).expect("a good size");
        let theirs = image::open(dir.join(format!("{sample}-{vpos}.png")))
            .expect("a picture")
            .into_rgba8();
        let difference = compare(&ours, &theirs);
        println!(
            "{:<12} {:>6.2} {:>15.2} {:>9.3} %",
            format!("{sample}-{vpos}"),
            difference.mean,
            difference.alpha_of_inked,
            difference.far * 100.0
        );
        assert!(
            difference.mean < 3.0 && difference.far < 0.02,
            "{sample}-{vpos}"
        );
    }
}
