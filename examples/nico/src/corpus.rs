//! Comments to what a captioner learns from: pairs of feature rows and words, split by time.

use std::path::PathBuf;

use caption_model::{CommentRate, JoinedStores, Pairs};
use frame_features::FeatureStore;
use jp_tokenize::Vocabulary;
use nico_comments::{Comment, FrameCounts, Timeline};
use nico_corpus::{Part, SplitTally};

use crate::{
    comments::{FitArgs, is_speech, read_all},
    failure::{Failure, Outcome},
    progress::Output,
    source::rows_timeline,
    split::{Parts, SplitName},
    words::{DictionaryArgs, split},
};

/// Seconds between one video and the next where their times are put on one line: more than any two moments must be apart.
const BETWEEN_VIDEOS: f64 = 3600.0;

/// What is learnt from: shared by `train` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct CorpusArgs {
    /// How frames are split into those learnt from and those measured on: blocks (of 10 s, with guards between), seconds,
    /// halves, frames (the original's, which leaks), or whole videos.
    #[arg(long, value_name = "blocks|seconds|halves|frames|videos", default_value_t = SplitName::Within(nico_corpus::SplitRule::Blocks))]
    pub(crate) split: SplitName,
    /// With --split videos: numbers, from 1, of the videos to measure on. Default: a tenth of them at random.
    #[arg(long, value_name = "N", num_args = 1..)]
    hold_out: Vec<usize>,
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

/// A video to learn from: its comments, and its features.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Video<'a> {
    pub(crate) comments: &'a [PathBuf],
    pub(crate) store: &'a FeatureStore,
}

impl Video<'_> {
    /// Its comments with the row of each.
    fn read(
        &self,
        args: &CorpusArgs,
        timeline: &Timeline,
        output: Output,
    ) -> Outcome<Vec<(usize, Comment)>> {
        let mut comments = read_all(self.comments, output)?;
        args.fit.apply(&mut comments, timeline)?;
        comments.retain(is_speech);
        if comments.is_empty() {
            return Err(Failure::new(format!(
                "{}: no comment has any text",
                self.names()
            )));
        }
        let placed = comments.into_iter();
        Ok(placed
            .map(|comment| (timeline.frame_at(comment.vpos), comment))
            .collect())
    }

    fn names(&self) -> String {
        let names = self.comments.iter().map(|path| path.display().to_string());
        names.collect::<Vec<_>>().join(", ")
    }
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
    /// Times of all rows in seconds, ascending; an hour lies between one video and the next.
    pub(crate) times: Vec<f64>,
    split: SplitName,
}

impl Corpus {
    /// Reads comments, puts them on the rows of their videos, which `joined` has one after the other, and splits them.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read and if no comment is left to learn from or to measure on.
    pub(crate) fn read(
        videos: &[Video<'_>],
        joined: &JoinedStores<'_>,
        args: &CorpusArgs,
        seed: u64,
        output: Output,
    ) -> Outcome<Self> {
        let timelines = videos.iter().map(|video| rows_timeline(video.store));
        let timelines: Vec<Timeline> = timelines.collect::<Outcome<_>>()?;
        let parts = Parts::new(args.split, &timelines, &args.hold_out, seed)?;
        let mut comments: Vec<(Place, Comment)> = Vec::new();
        for (number, (video, timeline)) in videos.iter().zip(&timelines).enumerate() {
            let place = |row| Place {
                video: number,
                row,
                part: parts.assign(number, row),
            };
            let read = video.read(args, timeline, output)?.into_iter();
            comments.extend(read.map(|(row, comment)| (place(row), comment)));
        }
        let texts: Vec<&str> = comments
            .iter()
            .map(|(_, comment)| comment.body.as_str())
            .collect();
        let in_train = |index: usize| comments[index].0.part == Part::Train;
        let (words, counts) = split(&args.dictionary.tokenizer()?, &texts, in_train);
        let vocabulary = counts.build(Some(args.vocabulary), args.min_count);
        let (mut train, mut dev) = (Pairs::new(args.cut), Pairs::new(args.cut));
        for (index, (place, _)) in comments.iter().enumerate() {
            let ids = vocabulary.encode(words.words(index).iter().map(String::as_str));
            let row = joined.row(place.video, place.row);
            match place.part {
                Part::Train => train.push(row, &ids),
                Part::Dev => dev.push(row, &ids),
                Part::Guard => {}
            }
        }
        if train.is_empty() || dev.is_empty() {
            let names: Vec<String> = videos.iter().map(Video::names).collect();
            return Err(Failure::new(format!(
                "{}: {} comments to learn from and {} to measure on; use another --split, more comments or a longer video",
                names.join(", "),
                train.len(),
                dev.len()
            )));
        }
        let known = texts_of_known_words(&words, &vocabulary, comments.len());
        let tallied = comments.iter().zip(&known);
        let tally = SplitTally::count(tallied.map(|((place, _), text)| (place.part, text)));
        Ok(Self {
            rate: rate(&parts, &timelines, comments.iter().map(|(place, _)| *place)),
            times: times(videos),
            train,
            dev,
            vocabulary,
            tally,
            split: args.split,
        })
    }

    /// Tells the sizes and the leak.
    pub(crate) fn tell(&self, output: Output) {
        let (train, dev) = (self.train.len(), self.dev.len());
        output.say(&format!(
            "corpus: {train} comments to learn from, {dev} to measure on (split by {}); {} of {} distinct dev comments are also in train ({:.1} %)",
            self.split,
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
fn rate(
    parts: &Parts,
    timelines: &[Timeline],
    places: impl Iterator<Item = Place> + Clone,
) -> CommentRate {
    let mut train = Vec::new();
    for (video, timeline) in timelines.iter().enumerate() {
        let own = places.clone().filter(|place| place.video == video);
        let counts = FrameCounts::of_frames(timeline.num_frames(), own.map(|place| place.row));
        let counts = counts.as_slice().iter().enumerate();
        train.extend(
            counts
                .filter(|&(row, _)| parts.assign(video, row) == Part::Train)
                .map(|(_, &count)| count as usize),
        );
    }
    let rows: usize = timelines.iter().map(Timeline::num_frames).sum();
    let seconds: f64 = timelines.iter().map(Timeline::duration).sum();
    CommentRate::from_counts(train, rows as f64 / seconds.max(1e-9))
}

/// The times of all rows, those of each video an hour after the one before.
fn times(videos: &[Video<'_>]) -> Vec<f64> {
    let mut times = Vec::new();
    let mut start = 0.0;
    for video in videos {
        let own = &video.store.info().times;
        let first = own.first().copied().unwrap_or(0.0);
        times.extend(own.iter().map(|time| start + time - first));
        start = times.last().copied().unwrap_or(0.0) + BETWEEN_VIDEOS;
    }
    times
}

/// Where a comment stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    video: usize,
    row: usize,
    part: Part,
}
