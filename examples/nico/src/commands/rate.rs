//! `nico rate`: fits how many comments a second gets.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use caption_model::ModelFolder;
use frame_features::FeatureStore;
use nico_comments::FrameCounts;
use nico_corpus::{FittedRate, LearntWith, is_speech, row_timeline};

use super::Context;
use crate::{
    comments::{FitArgs, Reader},
    failure::Outcome,
    filters::FilterArgs,
    source::warn_of_store,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The model that gets the rate, made by `nico train`; `nico comment --rate fitted` writes by
    /// it.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// Comments of the video: files of any format, or folders of them.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    comments: Vec<PathBuf>,
    /// Features of the video, made by `nico features`.
    #[arg(long, value_name = "DIR")]
    features: PathBuf,
    #[command(flatten)]
    fit: FitArgs,
    #[command(flatten)]
    filters: FilterArgs,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    if !args.model.join("config.json").exists() {
        return Err(anyhow!(
            "{}: is no model folder: it has no config.json",
            args.model.display()
        ));
    }
    let store = FeatureStore::open(&args.features)?;
    store.check_encoder(&ModelFolder::new(&args.model).config()?.encoder)?;
    warn_of_store(&store, context.output)?;
    let timeline = row_timeline(&store)?;
    let (video, asked) = (&store.info().plan.video, args.filters.options()?);
    let (fit, filters) = match LearntWith::read(&args.model)? {
        Some(record) => record
            .fit_of(video, args.fit.asked())
            .and_then(|fit| Ok((fit, record.filters_of(video, &asked)?)))
            .with_context(|| args.model.display().to_string())?,
        None => (args.fit.times(), asked),
    };
    let reader = Reader::new(filters.reading(None)?, context.output);
    let mut comments = reader.read_all(&args.comments)?;
    fit.apply(&mut comments, &timeline)?;
    comments.retain(is_speech);
    let rows = comments
        .iter()
        .map(|comment| timeline.frame_at(comment.vpos));
    let counts = FrameCounts::of_frames(timeline.num_frames(), rows);
    let counts: Vec<_> = counts.as_slice().iter().copied().map(Some).collect();
    let (rate, fit) = FittedRate::fit(&store, &counts)?;
    rate.save(args.model.join(FittedRate::FILE))?;
    let ridge = match fit.ridge {
        Some(ridge) => format!("with the pictures, ridge {ridge}"),
        None => "without the pictures, which do not help".to_owned(),
    };
    context.output.say(&format!(
        "rate: deviance of a held-out second {:.2}, with the mean rate {:.2} ({} of {} seconds held out; {ridge})",
        fit.deviance, fit.mean_deviance, fit.held_out, fit.seconds
    ));
    if fit.deviance >= fit.mean_deviance {
        context.output.warn(
            "rate: the fitted rate is no better than the mean one here; --rate auto serves as well",
        );
    }
    context.print_json(&fit)
}
