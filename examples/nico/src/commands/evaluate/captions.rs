//! `nico evaluate captions`: captions of any data set against references.

use std::path::PathBuf;

use nico_corpus::{CaptionFile, CaptionReport, CaptionSet, CaptionWords};

use super::super::Context;
use crate::{failure::Outcome, files::write_json, words::DictionaryArgs};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct CaptionsArgs {
    /// The captions: COCO's results, `[{"image_id": 1, "caption": "a cat sits"}]`, or a JSON object
    /// a line: `{"hypothesis": "a cat sits", "references": ["a cat is sitting", …]}`. Texts are
    /// split at white space; lists of words are taken as they are.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The references of COCO's results: its annotations.
    #[arg(long, value_name = "FILE")]
    annotations: Option<PathBuf>,
    /// Splits English texts as pycocoevalcap does, by the Penn Treebank's rules: lower case, no
    /// punctuation. Published figures are of such words.
    #[arg(long, conflicts_with = "japanese")]
    ptb: bool,
    /// Splits texts with the dictionary, for Japanese.
    #[arg(long)]
    japanese: bool,
    /// Adds the scores of each picture.
    #[arg(long)]
    per_picture: bool,
    /// File that gets the scores as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Seed of which caption is compared with which other picture.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    dictionary: DictionaryArgs,
}

pub(super) fn run(args: &CaptionsArgs, context: Context) -> Outcome {
    let set = CaptionFile::new(&args.file)
        .annotations(args.annotations.clone())
        .read()?;
    let words = match (args.ptb, args.japanese) {
        (true, _) => CaptionWords::PennTreebank,
        (_, true) => CaptionWords::Dictionary(args.dictionary.tokenizer()?),
        _ => CaptionWords::Spaces,
    };
    warn(&set, &words, context);
    let captions = set.split(&words);
    let mut report = CaptionReport::new(&set, &captions, args.seed);
    if args.per_picture {
        report = report.per_picture(&set, &captions);
    }
    if let Some(path) = &args.out {
        write_json(path, &report)?;
    }
    context.print(&report, || report.table())
}

fn warn(set: &CaptionSet, words: &CaptionWords, context: Context) {
    if set.without_caption > 0 {
        context.output.warn(&format!(
            "{} of {} pictures of the annotations have no caption and are not scored",
            set.without_caption,
            set.without_caption + set.pictures.len()
        ));
    }
    if matches!(words, CaptionWords::Spaces) && set.has_punctuation() {
        context.output.warn(
            "the texts have capitals or punctuation, which make words differ; published figures \
             are without: --ptb, or --japanese",
        );
    }
    if set.pictures.len() == 1 {
        context.output.warn(
            "one picture is too few for CIDEr-D and for the row of other pictures: both are missing",
        );
    }
}
