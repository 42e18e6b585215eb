//! Comments to what a captioner learns from: pairs of feature rows and words, split by time.

use std::path::PathBuf;

use caption_model::{CommentRate, Pairs};
use frame_features::FeatureStore;
use jp_tokenize::Vocabulary;
use nico_comments::{FrameCounts, Part, Split, SplitRule, SplitTally, Timeline};

use crate::{
    comments::{FitArgs, is_speech, read_all},
    failure::{Failure, Outcome},
    progress::Output,
    source::rows_timeline,
    words::{DictionaryArgs, split},
};

/// What is learnt from: shared by `train` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct CorpusArgs {
    /// How frames are split into those learnt from and those measured on: blocks (of 10 s, with guards between), seconds,
    /// halves, or frames (the original's, which leaks).
    #[arg(long, default_value_t = SplitRule::Blocks)]
    pub(crate) split: SplitRule,
    /// Words of the vocabulary, the most frequent ones; the others become the unknown word.
    #[arg(long, value_name = "N", default_value_t = 30_000)]
    pub(crate) vocabulary: usize,
    /// Words said less often become the unknown word.
    #[arg(long, value_name = "N", default_value_t = 2)]
    min_count: u64,
    /// Comments are cut after so many words.
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) cut: usize,
    #[command(flatten)]
    pub(crate) fit: FitArgs,
    #[command(flatten)]
    pub(crate) dictionary: DictionaryArgs,
}

/// Pairs to learn from and to measure on.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) train: Pairs,
    pub(crate) dev: Pairs,
    /// Words of the training comments alone.
    pub(crate) vocabulary: Vocabulary,
    /// Comments per row of the training frames.
    pub(crate) rate: CommentRate,
    pub(crate) tally: SplitTally,
    /// Rows of the frames that are measured on, with comments or without.
    #[cfg(feature = "video")]
    pub(crate) dev_rows: Vec<usize>,
    rule: SplitRule,
}

impl Corpus {
    /// Reads comments, puts them on the rows of a feature store and splits them.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read and if no comment is left to learn from or to measure on.
    pub(crate) fn read(
        paths: &[PathBuf],
        store: &FeatureStore,
        args: &CorpusArgs,
        seed: u64,
        output: Output,
    ) -> Outcome<Self> {
        let names = || {
            let names: Vec<_> = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            names.join(", ")
        };
        let timeline = rows_timeline(store)?;
        let mut comments = read_all(paths, output)?;
        args.fit.apply(&mut comments, &timeline)?;
        comments.retain(is_speech);
        if comments.is_empty() {
            return Err(Failure::new(format!(
                "{}: no comment has any text",
                names()
            )));
        }
        let parts = Split::new(args.split, seed, &timeline);
        let rows: Vec<usize> = comments
            .iter()
            .map(|comment| timeline.frame_at(comment.vpos))
            .collect();
        let texts: Vec<&str> = comments
            .iter()
            .map(|comment| comment.body.as_str())
            .collect();
        let in_train = |index: usize| parts.assign(rows[index]) == Part::Train;
        let (words, counts) = split(&args.dictionary.tokenizer()?, &texts, in_train);
        let vocabulary = counts.build(Some(args.vocabulary), args.min_count);
        let (mut train, mut dev) = (Pairs::new(args.cut), Pairs::new(args.cut));
        for (index, &row) in rows.iter().enumerate() {
            let ids = vocabulary.encode(words.words(index).iter().map(String::as_str));
            match parts.assign(row) {
                Part::Train => train.push(row, &ids),
                Part::Dev => dev.push(row, &ids),
                Part::Guard => {}
            }
        }
        if train.is_empty() || dev.is_empty() {
            return Err(Failure::new(format!(
                "{}: {} comments to learn from and {} to measure on; use another --split, more comments or a longer video",
                names(),
                train.len(),
                dev.len()
            )));
        }
        let known = texts_of_known_words(&words, &vocabulary, comments.len());
        let tally = parts.tally(rows.iter().copied().zip(known.iter().map(String::as_str)));
        Ok(Self {
            rate: rate(&parts, &timeline, &rows),
            train,
            dev,
            vocabulary,
            tally,
            #[cfg(feature = "video")]
            dev_rows: (0..timeline.num_frames())
                .filter(|&row| parts.assign(row) == Part::Dev)
                .collect(),
            rule: args.split,
        })
    }

    /// Tells the sizes and the leak.
    pub(crate) fn tell(&self, output: Output) {
        let (train, dev) = (self.train.len(), self.dev.len());
        output.say(&format!(
            "corpus: {train} comments to learn from, {dev} to measure on (split by {}); {} of {} distinct dev comments are also in train ({:.1} %)",
            self.rule,
            self.tally.shared,
            self.tally.distinct_dev,
            100.0 * self.tally.leak()
        ));
        let vocabulary = &self.vocabulary;
        output.say(&format!(
            "corpus: {} words, the rarest said {} times; they are {:.1} % of what is said",
            vocabulary.num_words(),
            vocabulary.count_at_cut().unwrap_or(0),
            100.0 * vocabulary.known_share()
        ));
    }
}

/// Each comment with its rare words replaced by the unknown one: as such the original counted distinct comments.
fn texts_of_known_words(
    words: &crate::words::Split,
    vocabulary: &Vocabulary,
    comments: usize,
) -> Vec<String> {
    (0..comments)
        .map(|index| {
            let known = words.words(index).iter().map(|word| {
                vocabulary
                    .id(word)
                    .map_or(jp_tokenize::SPECIAL_WORDS[3], |_| word.as_str())
            });
            known.collect::<Vec<_>>().join("\u{1}")
        })
        .collect()
}

/// Comments per row, over the rows that are learnt from.
fn rate(parts: &Split, timeline: &Timeline, rows: &[usize]) -> CommentRate {
    let counts = FrameCounts::of_frames(timeline.num_frames(), rows.iter().copied());
    let train = counts
        .as_slice()
        .iter()
        .enumerate()
        .filter(|&(row, _)| parts.assign(row) == Part::Train)
        .map(|(_, &count)| count as usize);
    let rows_per_second = timeline.num_frames() as f64 / timeline.duration().max(1e-9);
    CommentRate::from_counts(train, rows_per_second)
}
