use std::collections::HashMap;

use caption_metrics::{HeldOutSeconds, Pairs, PoolComment, PoolSubset, TimedWords};
use caption_model::Captioner;
use frame_features::FeatureStore;
use nico_comments::{Comment, Timeline};
use serde::{Deserialize, Serialize};

use crate::{
    corpus::is_speech,
    error::Error,
    learnt_with::LearntWith,
    split::{Part, Split, SplitRule, SplitTally},
    times::row_timeline,
    words::{SplitWords, TextWords, split_words},
};

/// Words after which comments are cut when the model does not say.
const MAX_WORDS: usize = 30;
/// Seconds between this video and others that were learnt from, and between these: more than any
/// has. What was said in a second of one has nothing to do with that second of another.
const BETWEEN_VIDEOS: usize = 1 << 24;

/// The comments that a model is measured on.
#[derive(Clone, Debug, Default)]
pub struct EvaluationComments {
    /// Comments of the video, their times fitted to it.
    pub video: Vec<Comment>,
    /// Comments that the model learnt from, of each video those of its own, where they are other
    /// videos': then all of this video is held out.
    pub learnt_from: Vec<Vec<Comment>>,
}

/// How a video was split when the model learnt.
#[derive(Clone, Debug, Default)]
pub struct SplitSource {
    /// What the model's folder says.
    pub record: Option<LearntWith>,
    /// The rule that is asked for instead.
    pub rule: Option<SplitRule>,
    /// The seed of a model that does not say how its comments were split.
    pub seed: u64,
}

impl SplitSource {
    /// The rule and the seed by which a video is split.
    ///
    /// # Errors
    ///
    /// Fails if the model did not learn from this video, or from all of it.
    pub fn rule_for(&self, store: &FeatureStore) -> Result<(SplitRule, u64), Error> {
        let record = self.record.as_ref();
        let recorded = record.map(LearntWith::rule);
        if recorded == Some(None) || record.is_some_and(|record| record.video(store).is_none()) {
            return Err(Error::NotSplit {
                video: store.info().plan.video.to_string(),
            });
        }
        let rule = self.rule.or(recorded.flatten()).unwrap_or_default();
        Ok((rule, record.map_or(self.seed, |record| record.seed)))
    }

    /// The recorded rule, where another one is asked for: by that the model is measured on comments
    /// that it has learnt.
    #[must_use]
    pub fn overridden(&self) -> Option<SplitRule> {
        let recorded = self.record.as_ref().and_then(LearntWith::rule);
        recorded.filter(|&recorded| self.rule.is_some_and(|asked| asked != recorded))
    }

    /// Whether neither the model nor the caller says how comments were split.
    #[must_use]
    pub fn is_guess(&self) -> bool {
        self.record.is_none() && self.rule.is_none()
    }
}

/// The division that comments are measured on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitSummary {
    /// The rule's name, or `videos` where all of this video is held out.
    pub split: String,
    /// What the rule drew with.
    pub seed: u64,
    /// Comments that were learnt from.
    pub train: u64,
    /// Comments that are held out.
    pub dev: u64,
    /// Comments that are neither.
    pub guard: u64,
    /// Different comments of dev.
    pub dev_distinct: u64,
    /// How many of them are also in train.
    pub leaked: u64,
    /// Share of `leaked` among `dev_distinct`.
    pub leak: f64,
    /// Seconds of the video that are held out.
    pub held_out_seconds: usize,
}

/// A comment: when, what, and for what.
#[derive(Debug)]
struct Said {
    body: String,
    /// Row of the store; of another video's comments nothing.
    row: Option<usize>,
    /// The second of its row; of another video's comments that of their own times, after all of
    /// this video and of those before it.
    second: usize,
    part: PoolSubset,
    /// Ids of its words, cut as the model's were.
    ids: Vec<u32>,
}

/// Everything that is read before anything is measured.
#[derive(Debug)]
pub struct EvaluationData {
    said: Vec<Said>,
    words: TextWords,
    timeline: Timeline,
    parts: Option<Split>,
    max_words: usize,
    pub(super) division: SplitSummary,
}

impl EvaluationData {
    /// Divides comments as they were when the model learnt.
    ///
    /// # Errors
    ///
    /// Fails if the model did not split this video, and if no comment with words was learnt from or
    /// is held out.
    pub fn new(
        captioner: &Captioner,
        store: &FeatureStore,
        tokenizer: &dyn SplitWords,
        comments: EvaluationComments,
        split: &SplitSource,
    ) -> Result<Self, Error> {
        let record = split.record.as_ref();
        let max_words = record.map_or(MAX_WORDS, |record| record.max_words).max(1);
        let timeline = row_timeline(store)?;
        let EvaluationComments { video, learnt_from } = comments;
        let parts = if learnt_from.iter().all(Vec::is_empty) {
            let (rule, seed) = split.rule_for(store)?;
            Some((rule, seed, Split::new(rule, seed, &timeline)))
        } else {
            None
        };
        let (rule, seed, parts) = match parts {
            Some((rule, seed, parts)) => (rule.to_string(), seed, Some(parts)),
            None => ("videos".to_owned(), 0, None),
        };
        let mut said: Vec<Said> = Vec::new();
        let mut add = |comment: Comment, row: Option<usize>, part, video: usize| {
            if is_speech(&comment) {
                let of_row = row.map(|row| timeline.seconds_of(row));
                let own = whole(of_row.unwrap_or_else(|| comment.vpos.as_secs_f64()));
                let first = video.saturating_mul(BETWEEN_VIDEOS);
                said.push(Said {
                    second: first.saturating_add(own.min(BETWEEN_VIDEOS - 1)),
                    body: comment.body,
                    row,
                    part,
                    ids: Vec::new(),
                });
            }
        };
        for comment in video {
            let row = timeline.frame_at(comment.vpos);
            add(comment, Some(row), part_of(parts.as_ref(), row), 0);
        }
        for (comments, video) in learnt_from.into_iter().zip(1..) {
            for comment in comments {
                add(comment, None, PoolSubset::Train, video);
            }
        }
        let texts: Vec<&str> = said.iter().map(|one| one.body.as_str()).collect();
        let (words, _) = split_words(tokenizer, &texts, |_| false);
        let vocabulary = captioner.vocabulary();
        for (index, one) in said.iter_mut().enumerate() {
            let kept = words.get(index).iter().take(max_words);
            one.ids = vocabulary.encode(kept.map(String::as_str));
        }
        let tally = SplitTally::count(said.iter().map(|one| (one.part(), one.ids.as_slice())));
        let mut data = Self {
            division: SplitSummary {
                split: rule,
                seed,
                train: tally.train,
                dev: tally.dev,
                guard: tally.guard,
                dev_distinct: tally.distinct_dev,
                leaked: tally.shared,
                leak: tally.leak(),
                held_out_seconds: 0,
            },
            said,
            words,
            timeline,
            parts,
            max_words,
        };
        data.division.held_out_seconds = data.held_out().as_slice().len();
        if data.count(PoolSubset::Train) == 0 || data.count(PoolSubset::Dev) == 0 {
            return Err(Error::Empty {
                train: data.count(PoolSubset::Train),
                dev: data.count(PoolSubset::Dev),
            });
        }
        Ok(data)
    }

    fn count(&self, part: PoolSubset) -> usize {
        self.indices(part).len()
    }

    /// The comments of a part that have words.
    pub(super) fn indices(&self, part: PoolSubset) -> Vec<usize> {
        (0..self.said.len())
            .filter(|&at| self.said[at].part == part && !self.said[at].ids.is_empty())
            .collect()
    }

    /// Pairs of these comments, with the number that `row_of` makes of each one's.
    pub(super) fn pairs(&self, indices: &[usize], row_of: impl Fn(usize) -> usize) -> Pairs {
        let mut pairs = Pairs::new(self.max_words);
        for &index in indices {
            pairs.push(row_of(index), &self.said[index].ids);
        }
        pairs
    }

    /// The row of a comment; the first one for comments of another video.
    pub(super) fn row(&self, index: usize) -> usize {
        self.said[index].row.unwrap_or(0)
    }

    /// The time of a comment's row in seconds; no number for comments of another video.
    pub(super) fn time(&self, index: usize) -> f64 {
        let time = |row| self.timeline.seconds_of(row);
        self.said[index].row.map_or(f64::NAN, time)
    }

    /// The second of a comment's row; of another video's comments one that no comment of this video
    /// has, nor of a third one.
    pub(super) fn second(&self, index: usize) -> usize {
        self.said[index].second
    }

    /// Ids of a comment's words.
    pub(super) fn ids(&self, index: usize) -> &[u32] {
        &self.said[index].ids
    }

    /// A comment's words as they were written.
    pub(super) fn surfaces(&self, index: usize) -> &[String] {
        self.words.get(index)
    }

    /// Whether the comments that were learnt from are of another video.
    pub(super) fn is_of_another_video(&self) -> bool {
        self.parts.is_none()
    }

    /// Part of a row.
    pub(super) fn is_held_out(&self, row: usize) -> bool {
        part_of(self.parts.as_ref(), row) == PoolSubset::Dev
    }

    /// Number of rows.
    pub(super) fn num_rows(&self) -> usize {
        self.timeline.num_frames()
    }

    /// The time of a row, seconds.
    pub(super) fn time_of_row(&self, row: usize) -> f64 {
        self.timeline.seconds_of(row)
    }

    /// The row of a comment that was written.
    pub(super) fn row_of(&self, comment: &Comment) -> usize {
        self.timeline.frame_at(comment.vpos)
    }

    /// The held-out row of each second that is closest to the second's middle.
    pub(super) fn middle_rows(&self) -> HashMap<u64, usize> {
        let mut rows: HashMap<u64, usize> = HashMap::new();
        let off = |row: usize| (self.time_of_row(row).fract() - 0.5).abs();
        for row in (0..self.num_rows()).filter(|&row| self.is_held_out(row)) {
            let best = rows
                .entry(whole(self.time_of_row(row)) as u64)
                .or_insert(row);
            if off(row) < off(*best) {
                *best = row;
            }
        }
        rows
    }

    /// The seconds that have held-out rows and none that was learnt from.
    pub(super) fn held_out(&self) -> HeldOutSeconds {
        let mut seconds: HashMap<u64, bool> = HashMap::new();
        for row in 0..self.num_rows() {
            let held_out = seconds
                .entry(whole(self.time_of_row(row)) as u64)
                .or_insert(true);
            *held_out &= self.is_held_out(row);
        }
        HeldOutSeconds::new(
            seconds
                .into_iter()
                .filter_map(|(second, held)| held.then_some(second)),
        )
    }

    /// What candidates are taken from: all comments, by the place at which they were read.
    pub(super) fn pool(&self) -> Vec<PoolComment<'_>> {
        let comment = |(index, one): (usize, &'_ Said)| (index, one.part);
        let parts = self.said.iter().enumerate().map(comment);
        parts
            .map(|(index, part)| PoolComment {
                time: self.time(index),
                text: &self.said[index].body,
                words: &self.said[index].ids,
                subset: part,
            })
            .collect()
    }

    /// The held-out comments in time.
    pub(super) fn said_words(&self) -> Vec<TimedWords<'_>> {
        let indices = self.indices(PoolSubset::Dev).into_iter();
        indices
            .map(|index| TimedWords {
                time: self.time(index),
                words: self.ids(index),
            })
            .collect()
    }
}

impl Said {
    fn part(&self) -> Part {
        match self.part {
            PoolSubset::Train => Part::Train,
            PoolSubset::Dev => Part::Dev,
            PoolSubset::Guard => Part::Guard,
        }
    }
}

fn part_of(parts: Option<&Split>, row: usize) -> PoolSubset {
    match parts.map(|parts| parts.assign(row)) {
        Some(Part::Train) => PoolSubset::Train,
        Some(Part::Guard) => PoolSubset::Guard,
        Some(Part::Dev) | None => PoolSubset::Dev,
    }
}

/// The whole part of a time, 0 for what is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is meant"
)]
fn whole(time: f64) -> usize {
    time as usize
}

#[cfg(test)]
mod tests {
    use frame_features::Sampling;
    use nico_comments::Vpos;

    use super::*;
    use crate::evaluate::made_up;

    /// What was written together is together, whatever stands at its place in the file, and what
    /// was written for two videos is apart.
    #[test]
    fn comments_of_other_videos_keep_the_seconds_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = made_up::store(folder.path(), Sampling::All);
        let pieces = made_up::pieces();
        let captioner = made_up::captioner(&pieces);
        let said = |vpos| Comment::new(Vpos(vpos), "草");
        let comments = EvaluationComments {
            video: vec![said(1_250), said(9_999)],
            learnt_from: vec![vec![said(90_099), said(310)], vec![said(310), said(-1)]],
        };
        let split = SplitSource::default();
        let data = EvaluationData::new(&captioner, &store, &pieces, comments, &split).unwrap();
        let seconds: Vec<usize> = (0..6).map(|index| data.second(index)).collect();
        let (one, other) = (BETWEEN_VIDEOS, 2 * BETWEEN_VIDEOS);
        // The second one, past the end, is of the last row.
        assert_eq!(seconds, [12, 39, one + 900, one + 3, other + 3, other]);
        assert!(data.time(2).is_nan(), "it has no time in this video");
    }
}
