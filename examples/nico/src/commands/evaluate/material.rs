//! What a model is judged on: comments with their times, words and parts.

use std::collections::HashMap;

use caption_model::{
    Captioner, Pairs,
    evaluate::{HeldOutSeconds, PoolComment, PoolPart, SaidWords},
};
use frame_features::FeatureStore;
use nico_comments::{Comment, Timeline};
use nico_corpus::{Part, Split, SplitRule, SplitTally};
use serde::{Deserialize, Serialize};

use super::ModelArgs;
use crate::{
    comments::{is_speech, read_all},
    failure::{Failure, Outcome},
    progress::Output,
    source::rows_timeline,
    split_record::SplitRecord,
    words::{self, split},
};

/// Words after which comments are cut when the model does not say.
const CUT: usize = 30;

/// The division that comments are judged on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Division {
    /// The rule's name, or `videos` where all of this video is held out.
    pub(crate) split: String,
    pub(crate) seed: u64,
    pub(crate) train: u64,
    pub(crate) dev: u64,
    pub(crate) guard: u64,
    /// Different comments of dev, and how many of them are also in train.
    pub(crate) dev_distinct: u64,
    pub(crate) leaked: u64,
    /// The share of the latter.
    pub(crate) leak: f64,
    /// Seconds of the video that are held out.
    pub(crate) held_out_seconds: usize,
}

/// A comment: when, what, and for what.
#[derive(Debug)]
struct Said {
    body: String,
    /// Row of the store; of another video's comments nothing.
    row: Option<usize>,
    part: PoolPart,
    /// Ids of its words, cut as the model's were.
    ids: Vec<u32>,
}

/// Everything that is read before anything is measured.
#[derive(Debug)]
pub(crate) struct Material {
    said: Vec<Said>,
    words: words::Split,
    timeline: Timeline,
    parts: Option<Split>,
    cut: usize,
    pub(crate) division: Division,
}

impl Material {
    /// Reads the comments and divides them as they were when the model learnt.
    pub(crate) fn read(
        args: &ModelArgs,
        captioner: &Captioner,
        store: &FeatureStore,
        output: Output,
    ) -> Outcome<Self> {
        let record = SplitRecord::read(&args.model)?;
        let cut = record.as_ref().map_or(CUT, |record| record.cut).max(1);
        let timeline = rows_timeline(store)?;
        let mut comments = read_all(&args.comments, output)?;
        args.fit.apply(&mut comments, &timeline)?;
        let learnt_from = read_all(&args.learnt_from, output)?;
        let parts = if learnt_from.is_empty() {
            Some(division(
                args,
                record.as_ref(),
                captioner,
                store,
                &timeline,
                output,
            )?)
        } else {
            None
        };
        let (rule, seed, parts) = match parts {
            Some((rule, seed, parts)) => (rule.to_string(), seed, Some(parts)),
            None => ("videos".to_owned(), 0, None),
        };
        let mut said: Vec<Said> = Vec::new();
        let mut add = |comment: Comment, row: Option<usize>, part| {
            if is_speech(&comment) {
                said.push(Said {
                    body: comment.body,
                    row,
                    part,
                    ids: Vec::new(),
                });
            }
        };
        for comment in comments {
            let row = timeline.frame_at(comment.vpos);
            add(comment, Some(row), part_of(parts.as_ref(), row));
        }
        for comment in learnt_from {
            add(comment, None, PoolPart::Train);
        }
        let texts: Vec<&str> = said.iter().map(|one| one.body.as_str()).collect();
        let (words, _) = split(&args.dictionary.tokenizer()?, &texts, |_| false);
        let vocabulary = captioner.vocabulary();
        for (index, one) in said.iter_mut().enumerate() {
            let kept = words.words(index).iter().take(cut);
            one.ids = vocabulary.encode(kept.map(String::as_str));
        }
        let tally = SplitTally::count(said.iter().map(|one| (one.part(), one.ids.as_slice())));
        let mut material = Self {
            division: Division {
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
            cut,
        };
        material.division.held_out_seconds = material.held_out().as_slice().len();
        if material.count(PoolPart::Train) == 0 || material.count(PoolPart::Dev) == 0 {
            return Err(Failure::new(format!(
                "{} comments that were learnt from and {} that are held out have words; there is nothing to compare",
                material.count(PoolPart::Train),
                material.count(PoolPart::Dev)
            )));
        }
        Ok(material)
    }

    fn count(&self, part: PoolPart) -> usize {
        self.indices(part).len()
    }

    /// The comments of a part that have words.
    pub(crate) fn indices(&self, part: PoolPart) -> Vec<usize> {
        (0..self.said.len())
            .filter(|&at| self.said[at].part == part && !self.said[at].ids.is_empty())
            .collect()
    }

    /// Pairs of these comments, with the number that `row_of` makes of each one's.
    pub(crate) fn pairs(&self, indices: &[usize], row_of: impl Fn(usize) -> usize) -> Pairs {
        let mut pairs = Pairs::new(self.cut);
        for &index in indices {
            pairs.push(row_of(index), &self.said[index].ids);
        }
        pairs
    }

    /// The row of a comment; the first one for comments of another video.
    pub(crate) fn row(&self, index: usize) -> usize {
        self.said[index].row.unwrap_or(0)
    }

    /// The time of a comment's row in seconds; no number for comments of another video.
    pub(crate) fn time(&self, index: usize) -> f64 {
        let time = |row| self.timeline.seconds_of(row);
        self.said[index].row.map_or(f64::NAN, time)
    }

    /// The second of a comment's row.
    pub(crate) fn second(&self, index: usize) -> usize {
        whole(self.time(index))
    }

    /// Ids of a comment's words.
    pub(crate) fn ids(&self, index: usize) -> &[u32] {
        &self.said[index].ids
    }

    /// A comment's words as they were written.
    pub(crate) fn surfaces(&self, index: usize) -> &[String] {
        self.words.words(index)
    }

    /// Whether the comments that were learnt from are of another video.
    pub(crate) fn is_of_another_video(&self) -> bool {
        self.parts.is_none()
    }

    /// Part of a row.
    pub(crate) fn is_held_out(&self, row: usize) -> bool {
        part_of(self.parts.as_ref(), row) == PoolPart::Dev
    }

    /// Number of rows.
    pub(crate) fn num_rows(&self) -> usize {
        self.timeline.num_frames()
    }

    /// The time of a row, seconds.
    pub(crate) fn time_of_row(&self, row: usize) -> f64 {
        self.timeline.seconds_of(row)
    }

    /// The row of a comment that was written.
    pub(crate) fn row_of(&self, comment: &Comment) -> usize {
        self.timeline.frame_at(comment.vpos)
    }

    /// The held-out row of each second that is closest to the second's middle.
    pub(crate) fn middle_rows(&self) -> HashMap<u64, usize> {
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
    pub(crate) fn held_out(&self) -> HeldOutSeconds {
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
    pub(crate) fn pool(&self) -> Vec<PoolComment<'_>> {
        let comment = |(index, one): (usize, &'_ Said)| (index, one.part);
        let parts = self.said.iter().enumerate().map(comment);
        parts
            .map(|(index, part)| PoolComment {
                time: self.time(index),
                text: &self.said[index].body,
                words: &self.said[index].ids,
                part,
            })
            .collect()
    }

    /// The held-out comments in time.
    pub(crate) fn said_words(&self) -> Vec<SaidWords<'_>> {
        let indices = self.indices(PoolPart::Dev).into_iter();
        indices
            .map(|index| SaidWords {
                time: self.time(index),
                words: self.ids(index),
            })
            .collect()
    }
}

impl Said {
    fn part(&self) -> Part {
        match self.part {
            PoolPart::Train => Part::Train,
            PoolPart::Dev => Part::Dev,
            PoolPart::Guard => Part::Guard,
        }
    }
}

/// The rule and seed of the model, or those that are asked for.
fn division(
    args: &ModelArgs,
    record: Option<&SplitRecord>,
    captioner: &Captioner,
    store: &FeatureStore,
    timeline: &Timeline,
    output: Output,
) -> Outcome<(SplitRule, u64, Split)> {
    let recorded = record.map(SplitRecord::rule).transpose()?;
    let is_whole = recorded == Some(None) || record.is_some_and(|record| !record.has(store));
    if is_whole {
        return Err(Failure::new(format!(
            "{}: the model did not split {}; say with --learnt-from from which comments it learnt, and all of this video is held out",
            args.model.display(),
            store.info().plan.video
        )));
    }
    let recorded = recorded.flatten();
    if let (Some(asked), Some(recorded)) = (args.split, recorded)
        && asked != recorded
    {
        output.say(&format!(
            "evaluate: the model learnt from a split by {recorded}; by {asked} it is judged on comments that it has learnt"
        ));
    }
    if recorded.is_none() && args.split.is_none() {
        output.say("evaluate: the model does not say how its comments were split; taking blocks (see --split)");
    }
    let rule = args.split.or(recorded).unwrap_or_default();
    let seed = record.map_or(captioner.config().training.seed, |record| record.seed);
    Ok((rule, seed, Split::new(rule, seed, timeline)))
}

fn part_of(parts: Option<&Split>, row: usize) -> PoolPart {
    match parts.map(|parts| parts.assign(row)) {
        Some(Part::Train) => PoolPart::Train,
        Some(Part::Guard) => PoolPart::Guard,
        Some(Part::Dev) | None => PoolPart::Dev,
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
