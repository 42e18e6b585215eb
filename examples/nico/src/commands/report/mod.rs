//! `nico report`: what a run left in its folder, as one page for a browser.

mod pictures;
mod player;

use std::path::PathBuf;

use frame_features::FeatureStore;
use nico_comments::{Comment, write_whole};
use nico_corpus::{
    LearntWith, Reading, TimeFit,
    report::{RunFolder, report_page},
    row_timeline,
};

use super::Context;
use crate::{
    comments::{Reader, Skipped},
    failure::Outcome,
    source::timeline,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// A folder of `nico run`; what `nico evaluate` left in its `evaluation/` is shown as well.
    dir: PathBuf,
    /// The page to write. Default: DIR/report.html. It looks for commented.mp4 beside it, and for the
    /// video where it is now.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Most pictures of the commented video, taken where most is said.
    #[arg(long, value_name = "N", default_value_t = 6)]
    pictures: usize,
    /// Real comments of the video that was commented on, which the page shows over it as well: files
    /// of any format, or folders of them, taken as they are. Default: those learnt from, filtered
    /// and timed as they were learnt from, where it is the same video.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    comments: Vec<PathBuf>,
    /// The folder of the player that draws comments in the page (scripts/build-player.sh). Default:
    /// `player` beside the program's folder.
    #[arg(long, value_name = "FOLDER")]
    player: Option<PathBuf>,
    /// Font file to use before those of the system; may be given several times.
    #[arg(long, value_name = "FILE")]
    font: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let mut skipped = Skipped::new(context.output);
    let folder = RunFolder::read(&args.dir, |error| skipped.tell(error))?;
    skipped.finish(None);
    if let Some(evaluation) = &folder.outdated_evaluation {
        context.output.warn(&format!(
            "{}: left out, as it is of another model than the run's; `nico evaluate` judges this one",
            evaluation.display()
        ));
    }
    let out = match &args.out {
        Some(out) => out.clone(),
        None => args.dir.join("report.html"),
    };
    let parts = player::find(args.player.as_deref())?;
    let player = match &parts {
        Some(parts) => {
            let real = real_comments(args, &folder, context)?;
            player::player(parts, &folder, &real, &args.font, &out, context.output)?
        }
        None => None,
    };
    let pictures = pictures::draw(&folder, args.pictures, context.output)?;
    let page = report_page(&folder, &pictures, player.as_ref())?;
    write_whole(&out, |file| file.write_all(page.as_bytes()))?;
    context
        .output
        .say(&format!("report: open {} in a browser", out.display()));
    if parts.is_none() {
        context.output.say(
            "report: it shows commented.mp4 alone; with the player of scripts/build-player.sh it draws comments over the video",
        );
    }
    context.print_json(&serde_json::json!({
        "page": out,
        "bytes": page.len(),
        "player": player.is_some(),
    }))
}

/// The real comments of the video that was commented on: those that are given, or those learnt from
/// as the model has learnt from them.
fn real_comments(args: &Args, folder: &RunFolder, context: Context) -> Outcome<Vec<Comment>> {
    if !args.comments.is_empty() {
        return Reader::new(Reading::default(), context.output).read_all(&args.comments);
    }
    let summary = folder.summary.as_ref();
    let Some(summary) = summary.filter(|summary| {
        summary.target == summary.video && summary.comments.iter().all(|path| path.exists())
    }) else {
        return Ok(Vec::new());
    };
    let record = LearntWith::read(folder.path.join("model"))?;
    let (filters, fit) = record.map_or_else(Default::default, |record| {
        (record.filters, record.fit.unwrap_or_default())
    });
    let reader = Reader::new(filters.reading(None)?, context.output);
    let mut comments = reader.read_all(&summary.comments)?;
    if fit != TimeFit::Unchanged {
        let store = folder.path.join("features/source");
        let timeline = match store.join("store.json").exists() {
            true => row_timeline(&FeatureStore::open(store)?)?,
            false => timeline(&summary.video, context.output)?,
        };
        fit.apply(&mut comments, &timeline)?;
    }
    Ok(comments)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use frame_features::{
        EncoderId, FeatureStoreWriter, Layer, Rational, StorePlan, VideoEnd, VideoSource,
    };
    use nico_comments::Vpos;
    use nico_corpus::{CorpusOptions, FilterOptions};

    use super::*;
    use crate::progress::Output;

    /// Half a second later, then stretched from two seconds to four, and one of them left out.
    #[test]
    fn comments_learnt_from_are_shown_as_they_were_learnt_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("run/model")).unwrap();
        fs::create_dir(path("run/features")).unwrap();
        let file = "<packet><chat vpos='100'>草</chat><chat vpos='120'>荒らし</chat></packet>";
        fs::write(path("c.xml"), file).unwrap();
        let summary = serde_json::json!({
            "video": "v.mp4", "target": "v.mp4", "comments": [path("c.xml")],
            "train_comments": 9, "dev_comments": 3, "dev_distinct": 3,
            "dev_distinct_in_train": 1, "vocabulary": 20, "best_epoch": 1,
            "dev_perplexity": 9.0, "dev_perplexity_known": 8.0, "unigram_perplexity": 12.0,
            "shuffled_perplexity": 10.0, "visual_gain": 0.1, "comments_written": 3,
            "frames_rendered": 150, "seconds": {
                "stats": 0.1, "features": 1.0, "target_features": 1.0, "train": 1.0,
                "comment": 0.1, "render": 1.0,
            },
        });
        fs::write(path("run/summary.json"), summary.to_string()).unwrap();
        let encoder = EncoderId::new("made-up", "0".repeat(64), Layer::Relu7, 32);
        let video = VideoSource {
            path: "v.mp4".into(),
            bytes: 0,
            sha256: "1".repeat(64),
        };
        let plan = StorePlan::new(encoder, [1], video);
        let mut store = FeatureStoreWriter::create(path("run/features/source"), plan).unwrap();
        for row in 0..4 {
            store.push(row, row as f64, &[0.0]).unwrap();
        }
        let end = VideoEnd::new(4, Rational::new(1, 1), 4.0);
        store.finish(end).unwrap();

        let read = |comments: Vec<PathBuf>| -> Vec<(i64, String)> {
            let args = Args {
                dir: path("run"),
                out: None,
                pictures: 0,
                comments,
                player: None,
                font: Vec::new(),
            };
            let context = Context {
                output: Output::new(true),
                json: false,
            };
            let run = RunFolder::read(&args.dir, |_| ()).unwrap();
            let comments = real_comments(&args, &run, context).unwrap().into_iter();
            comments.map(|one| (one.vpos.0, one.body)).collect()
        };
        let all = [(100, "草".to_owned()), (120, "荒らし".to_owned())];
        assert_eq!(read(Vec::new()), all, "a folder without a model");
        let filters = FilterOptions::default()
            .shift(Vpos(50))
            .ng_words(["荒らし"]);
        LearntWith::new(&CorpusOptions::default())
            .filters(filters)
            .fit(TimeFit::Length(2.0))
            .write(path("run/model"))
            .unwrap();
        assert_eq!(read(Vec::new()), [(300, "草".to_owned())]);
        assert_eq!(read(vec![path("c.xml")]), all, "those that are given");
    }
}
