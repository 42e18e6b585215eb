use std::fmt;

use caption_metrics::Pairs;
use caption_model::CommentRate;
use frame_features::FeatureStore;

use jp_tokenize::{PieceOptions, Pieces, SPECIAL_WORDS, Vocabulary};
use nico_comments::{Comment, FrameCounts, Kind, Timeline};
use serde::Serialize;

use crate::{
    error::Error,
    parts::{SplitBy, VideoParts},
    split::{Part, SplitTally},
    times::timeline_from,
    words::{SplitWords, TextWords, split_words},
};

/// Seconds between one video and the next where their times are put on one line: more than any two
/// moments must be apart.
const BETWEEN_VIDEOS: f64 = 3600.0;

/// How comments become pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CorpusOptions {
    /// What is held out to be measured on. Default: blocks of ten seconds, with guards between.
    pub split: SplitBy,
    /// With [`SplitBy::Videos`]: numbers, from 1, of the videos to measure on. Default: a tenth of
    /// them at random.
    pub hold_out: Vec<usize>,
    /// Words of the vocabulary, the most frequent ones; the others become the unknown word.
    /// Default: 30,000.
    pub vocabulary: usize,
    /// Words said less often become the unknown word. Default: 2.
    pub min_count: u64,
    /// Comments are cut after so many words. Default: 30.
    pub max_words: usize,
    /// Seed of the split. Default: 1.
    pub seed: u64,
}

impl Default for CorpusOptions {
    fn default() -> Self {
        Self {
            split: SplitBy::default(),
            hold_out: Vec::new(),
            vocabulary: 30_000,
            min_count: 2,
            max_words: 30,
            seed: 1,
        }
    }
}

impl CorpusOptions {
    /// Refuses values that cannot work.
    fn check(&self) -> Result<(), Error> {
        let zero = [
            (self.max_words == 0, "words after which comments are cut"),
            (self.vocabulary == 0, "words of the vocabulary"),
        ];
        match zero.into_iter().find(|(is_zero, _)| *is_zero) {
            None => Ok(()),
            Some((_, option)) => Err(Error::Option {
                option,
                value: "0".to_owned(),
                expected: "1 or more",
            }),
        }
    }

    /// Sets [`split`](Self::split).
    #[must_use]
    pub fn split(mut self, split: SplitBy) -> Self {
        self.split = split;
        self
    }

    /// Sets [`hold_out`](Self::hold_out).
    #[must_use]
    pub fn hold_out(mut self, videos: Vec<usize>) -> Self {
        self.hold_out = videos;
        self
    }

    /// Sets [`vocabulary`](Self::vocabulary).
    #[must_use]
    pub fn vocabulary(mut self, words: usize) -> Self {
        self.vocabulary = words;
        self
    }

    /// Sets [`min_count`](Self::min_count).
    #[must_use]
    pub fn min_count(mut self, times: u64) -> Self {
        self.min_count = times;
        self
    }

    /// Sets [`max_words`](Self::max_words).
    #[must_use]
    pub fn max_words(mut self, words: usize) -> Self {
        self.max_words = words;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

/// A video to learn from: its comments, and the times of its frames.
#[derive(Clone, Debug)]
pub struct CorpusVideo<'a> {
    /// Its comments, their times fitted to the video. Those that say nothing are left out.
    pub comments: Vec<Comment>,
    /// Time of each row of its features, in seconds, ascending.
    pub row_times: &'a [f64],
    /// Time of the video's first frame, whether or not it has a row: comments count from there.
    pub start: f64,
}

impl<'a> CorpusVideo<'a> {
    /// A video whose features are in a store.
    #[must_use]
    pub fn of_store(comments: Vec<Comment>, store: &'a FeatureStore) -> Self {
        Self {
            comments,
            row_times: &store.info().times,
            start: store.info().start(),
        }
    }
}

/// Whether a comment is somebody speaking: not deleted, not empty, no script.
#[must_use]
pub fn is_speech(comment: &Comment) -> bool {
    Kind::Speech.has(comment)
}

/// What a captioner learns from: pairs of feature rows and words to learn from and to measure on,
/// and their vocabulary.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Corpus {
    /// Pairs to learn from.
    pub train: Pairs,
    /// Pairs to measure on.
    pub dev: Pairs,
    /// Words of the training comments alone.
    pub vocabulary: Vocabulary,
    /// Comments per row of the training frames.
    pub rate: CommentRate,
    /// How many comments each part got, and how many of dev stand in train too.
    pub tally: SplitTally,
    /// Times of all rows in seconds, ascending; an hour lies between one video and the next.
    pub times: Vec<f64>,
    /// For each video, whether all of it is held out: [`SplitBy::Videos`].
    pub held_out: Vec<bool>,
    /// For each video, how many of its comments stand before its begin or after its end: they are on
    /// the first or the last row.
    pub outside: Vec<CommentsOutside>,
}

/// How many of a video's comments, those that say nothing left out, stand outside of it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CommentsOutside {
    /// Those before its begin or after its end.
    pub outside: usize,
    /// All of them.
    pub of: usize,
    /// The video's length, seconds.
    pub seconds: f64,
}

impl CommentsOutside {
    fn count<'a>(comments: impl IntoIterator<Item = &'a Comment>, timeline: &Timeline) -> Self {
        let seconds = timeline.duration();
        let (mut outside, mut of) = (0, 0);
        for comment in comments {
            of += 1;
            let time = comment.vpos.as_secs_f64();
            outside += usize::from(time < 0.0 || time > seconds);
        }
        Self {
            outside,
            of,
            seconds,
        }
    }

    /// Whether they are one in a hundred or more: a few stand outside in most logs, many in those of
    /// another video or of a broadcast that began earlier.
    #[must_use]
    pub fn is_suspicious(&self) -> bool {
        self.outside > 0 && self.outside.saturating_mul(100) >= self.of
    }
}

impl fmt::Display for CommentsOutside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            outside,
            of,
            seconds,
        } = self;
        write!(
            f,
            "{outside} of {of} comments lie outside the video of {seconds:.0} s; they are taken for the first or last frame's"
        )
    }
}

impl Corpus {
    /// Puts comments on the rows of their videos and splits them.
    ///
    /// The rows of several videos are counted one video after the other, as
    /// [`JoinedStores`](frame_features::JoinedStores) has them.
    ///
    /// # Errors
    ///
    /// Fails if an option cannot work, if the videos cannot be split so, if no comment is left to
    /// learn from or to measure on, and with [`Error::EmptyVocabulary`] if no word was said often enough to be learnt.
    pub fn new(
        videos: Vec<CorpusVideo<'_>>,
        tokenizer: &dyn SplitWords,
        options: &CorpusOptions,
    ) -> Result<Self, Error> {
        Self::build(videos, WordsOf::Splitter(tokenizer), options, None)
    }

    /// As [`new`](Self::new), with a vocabulary of [`Pieces`] that are learnt from the training
    /// comments alone: at most `size` ids, special words and bytes included. The options' own size
    /// of the vocabulary and least count are those of words and do nothing.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and if there cannot be so many pieces.
    pub fn with_pieces(
        videos: Vec<CorpusVideo<'_>>,
        size: usize,
        options: &CorpusOptions,
    ) -> Result<Self, Error> {
        Self::build(videos, WordsOf::Pieces(size), options, None)
    }

    /// As [`new`](Self::new), with the words of a model that training begins with: its size and the
    /// least count of a word are those of the model.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_vocabulary(
        videos: Vec<CorpusVideo<'_>>,
        tokenizer: &dyn SplitWords,
        options: &CorpusOptions,
        vocabulary: Vocabulary,
    ) -> Result<Self, Error> {
        let splitter = WordsOf::Splitter(tokenizer);
        Self::build(videos, splitter, options, Some(vocabulary))
    }

    fn build(
        videos: Vec<CorpusVideo<'_>>,
        words_of: WordsOf<'_>,
        options: &CorpusOptions,
        vocabulary: Option<Vocabulary>,
    ) -> Result<Self, Error> {
        options.check()?;
        let timelines = videos
            .iter()
            .map(|video| timeline_from(video.start, video.row_times));
        let timelines: Vec<Timeline> = timelines.collect::<Result<_, _>>()?;
        let parts = VideoParts::new(options.split, &timelines, &options.hold_out, options.seed)?;
        let times = times(&videos);
        let first_rows: Vec<usize> = timelines
            .iter()
            .scan(0, |next, timeline| {
                let first = *next;
                *next += timeline.num_frames();
                Some(first)
            })
            .collect();
        let mut comments: Vec<(Place, Comment)> = Vec::new();
        let mut outside = Vec::with_capacity(timelines.len());
        for (number, (video, timeline)) in videos.into_iter().zip(&timelines).enumerate() {
            let before = comments.len();
            let spoken = video.comments.into_iter().filter(is_speech);
            comments.extend(spoken.map(|comment| {
                let row = timeline.frame_at(comment.vpos);
                let part = parts.assign(number, row);
                (
                    Place {
                        video: number,
                        row,
                        part,
                    },
                    comment,
                )
            }));
            let own = comments[before..].iter().map(|(_, comment)| comment);
            outside.push(CommentsOutside::count(own, timeline));
            if comments.len() == before {
                return Err(Error::NoSpeech { video: number + 1 });
            }
        }
        let texts: Vec<&str> = comments
            .iter()
            .map(|(_, comment)| comment.body.as_str())
            .collect();
        let in_train = |index: usize| comments[index].0.part == Part::Train;
        let pieces;
        let (splitter, learnt): (&dyn SplitWords, _) = match words_of {
            WordsOf::Splitter(splitter) => (splitter, None),
            WordsOf::Pieces(size) => {
                let train = texts
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| in_train(*index));
                let options = PieceOptions::default().size(size);
                pieces = Pieces::learn(train.map(|(_, text)| text), &options)?;
                (&pieces, Some(&pieces))
            }
        };
        let (words, counts) = split_words(splitter, &texts, in_train);
        let vocabulary = vocabulary.unwrap_or_else(|| match learnt {
            Some(pieces) => pieces.to_vocabulary(&counts),
            None => counts.build(Some(options.vocabulary), options.min_count),
        });
        let (mut train, mut dev) = (Pairs::new(options.max_words), Pairs::new(options.max_words));
        for (index, (place, _)) in comments.iter().enumerate() {
            let ids = vocabulary.encode(words.get(index).iter().map(String::as_str));
            let row = first_rows[place.video] + place.row;
            match place.part {
                Part::Train => train.push(row, &ids),
                Part::Dev => dev.push(row, &ids),
                Part::Guard => {}
            }
        }
        if train.is_empty() || dev.is_empty() {
            return Err(Error::Empty {
                train: train.len(),
                dev: dev.len(),
            });
        }
        if vocabulary.num_words() == 0 {
            return Err(Error::EmptyVocabulary {
                min_count: options.min_count,
                words: counts.total(),
                distinct: counts.num_words(),
                most_frequent: counts
                    .table(|_| true)
                    .first()
                    .map_or(0, |(_, times)| *times),
            });
        }
        let known = texts_of_known_words(&words, &vocabulary, comments.len());
        let tallied = comments.iter().zip(&known);
        let tally = SplitTally::count(tallied.map(|((place, _), text)| (place.part, text)));
        Ok(Self {
            held_out: (0..timelines.len())
                .map(|video| parts.holds_out(video))
                .collect(),
            outside,
            rate: rate(&parts, &timelines, comments.iter().map(|(place, _)| *place)),
            times,
            train,
            dev,
            vocabulary,
            tally,
        })
    }
}

/// What splits the comments of a corpus.
#[derive(Clone, Copy)]
enum WordsOf<'a> {
    /// What there is.
    Splitter(&'a dyn SplitWords),
    /// Pieces that are to be learnt, so many.
    Pieces(usize),
}

/// Each comment with its rare words replaced by the unknown one: as such the original counted
/// distinct comments.
fn texts_of_known_words(
    words: &TextWords,
    vocabulary: &Vocabulary,
    comments: usize,
) -> Vec<String> {
    (0..comments)
        .map(|index| {
            let known = words.get(index).iter().map(|word| {
                vocabulary
                    .id(word)
                    .map_or(SPECIAL_WORDS[3], |_| word.as_str())
            });
            known.collect::<Vec<_>>().join("\u{1}")
        })
        .collect()
}

/// Comments per row, over the rows that are learnt from.
fn rate(
    parts: &VideoParts,
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
fn times(videos: &[CorpusVideo<'_>]) -> Vec<f64> {
    let mut times = Vec::new();
    let mut start = 0.0;
    for video in videos {
        let own = video.row_times;
        times.extend(own.iter().map(|time| start + time - video.start));
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

#[cfg(test)]
mod tests {
    use nico_comments::Vpos;

    use super::*;

    /// A video of two seconds: −0.01 s and 2.01 s lie outside, its begin and its end do not.
    #[test]
    fn comments_before_and_after_a_video_are_outside() {
        let timeline = Timeline::constant(10, 1, 20).unwrap();
        let count = |positions: &[i64]| {
            let comments = positions.iter().map(|&vpos| Comment::new(Vpos(vpos), "w"));
            let comments: Vec<Comment> = comments.collect();
            CommentsOutside::count(&comments, &timeline)
        };
        let found = count(&[-1, 0, 200, 201]);
        assert_eq!((found.outside, found.of), (2, 4));
        assert!(found.is_suspicious() && !count(&[0]).is_suspicious());
        let mut few = vec![100; 199];
        few.push(900);
        assert!(!count(&few).is_suspicious());
    }
}
