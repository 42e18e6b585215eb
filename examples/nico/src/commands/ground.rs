//! `nico ground`: does a captioner look at those whom it names?

use std::path::PathBuf;

use caption_model::{Captioner, JoinedStores};
use frame_features::FeatureStore;
use world::Boxes;

use super::Context;
use crate::{
    corpus::{Corpus, CorpusArgs, Video},
    device::DeviceName,
    failure::{Failure, Outcome},
    files::print_json,
    grounding,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The captioner's folder.
    model: PathBuf,
    /// Features of the show.
    #[arg(long, value_name = "DIR")]
    features: PathBuf,
    /// The show's boxes.json.
    #[arg(long, value_name = "FILE")]
    boxes: PathBuf,
    /// The comments that were learnt from, divided as they were in training.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    comments: Vec<PathBuf>,
    #[command(flatten)]
    corpus: CorpusArgs,
    /// Seed that the training had.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Comments a batch.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let store = FeatureStore::open(&args.features)?;
    let captioner = Captioner::from_dir(&args.model, &args.device.device())?;
    let video = Video {
        comments: &args.comments,
        store: &store,
    };
    let joined = JoinedStores::new([&store])?;
    let corpus = Corpus::read(&[video], &joined, &args.corpus, args.seed, context.output)?;
    if corpus.vocabulary.len() != captioner.vocabulary().len() {
        return Err(Failure::new(format!(
            "{}: knows {} words, these comments divided so have {}; give the comments and options of its training",
            args.model.display(),
            captioner.vocabulary().len(),
            corpus.vocabulary.len()
        )));
    }
    let boxes = Boxes::read(&args.boxes)?;
    let truth = grounding::truth(&boxes, &store, captioner.vocabulary());
    let measured = grounding::measure(
        &captioner,
        [&corpus.train, &corpus.dev],
        &corpus.dev_rows,
        &store,
        &truth,
        args.batch,
        args.seed,
    )?;
    if context.json {
        print_json(&measured)
    } else {
        measured.tell(context.output);
        Ok(())
    }
}
