//! `nico slang`: words that the dictionary lacks, learnt from the comments that use them.

use std::path::PathBuf;

use jp_tokenize::{SlangLearner, SlangOptions};
use nico_comments::write_whole;
use nico_corpus::is_speech;
use serde::Serialize;

use super::Context;
use crate::{
    comments::{files, read_each},
    failure::Outcome,
    words::SystemDictionaryArgs,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Comment files: XML or JSON, any format.
    #[arg(required = true)]
    comments: Vec<PathBuf>,
    /// The user lexicon to write, MeCab's CSV: what `--user-lexicon` of the other commands reads.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Least count of a word; a comment that occurs n times counts as 1 + log2 n.
    #[arg(long, value_name = "N", default_value_t = SlangOptions::default().min_count)]
    min_count: u32,
    /// Most words learnt. Default: no limit.
    #[arg(long, value_name = "N")]
    max_words: Option<usize>,
    /// Keeps words though they do not help to foretell other comments: several times as many,
    /// phrases among them.
    #[arg(long)]
    generous: bool,
    /// Words printed.
    #[arg(long, value_name = "N", default_value_t = 30)]
    top: usize,
    #[command(flatten)]
    dictionary: SystemDictionaryArgs,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Learnt<'a> {
    /// Number of words learnt.
    learnt: usize,
    /// The first of them.
    words: Vec<Word<'a>>,
}

/// A word that was learnt.
#[derive(Serialize)]
struct Word<'a> {
    surface: &'a str,
    /// The dictionary's split of it.
    before: Vec<&'a str>,
    count: u64,
    /// Bits that each occurrence saves.
    saving: f64,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let tokenizer = args.dictionary.tokenizer()?;
    let mut options = SlangOptions::default().min_count(args.min_count);
    options.max_words = args.max_words;
    if args.generous {
        options = options.min_held_out_gain(None);
    }
    let mut learner = SlangLearner::new(&tokenizer, options)?;
    for path in files(&args.comments, context.output)? {
        read_each(&path, context.output, |comment| {
            if is_speech(&comment) && !comment.is_owner() {
                learner.add(&comment.body);
            }
            Ok(())
        })?;
    }
    if learner.num_skipped() > 0 {
        context.output.warn(&format!(
            "{} comments are more than is learnt from at once and were left out",
            learner.num_skipped()
        ));
    }
    let lexicon = learner.learn();
    if lexicon.entries().is_empty() {
        context
            .output
            .warn("no word was learnt: --generous keeps more, and so does a lower --min-count");
    }
    if let Some(path) = &args.out {
        write_whole(path, |out| out.write_all(lexicon.to_csv().as_bytes()))?;
    }
    let words: Vec<Word<'_>> = lexicon
        .entries()
        .iter()
        .take(args.top)
        .map(|entry| Word {
            surface: &entry.surface,
            before: tokenizer.words(&entry.surface),
            count: entry.count,
            saving: entry.bits_saved,
        })
        .collect();
    let learnt = Learnt {
        learnt: lexicon.entries().len(),
        words,
    };
    context.print(&learnt, || learnt.table())
}

impl Learnt<'_> {
    fn table(&self) -> String {
        let mut lines = vec![
            format!("{} words learnt", self.learnt),
            "     count  bits saved  word, and how it was split".to_owned(),
        ];
        lines.extend(self.words.iter().map(|word| {
            let before = word.before.join(" ");
            format!(
                "{:>10} {:>11.1}  {}  {before}",
                word.count, word.saving, word.surface
            )
        }));
        lines.join("\n")
    }
}
