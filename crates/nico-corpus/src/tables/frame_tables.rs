//! Tables that need the frames of a video, and splits.

use std::{cmp::Reverse, collections::BTreeMap};

use nico_comments::{BurstOptions, FrameCounts, Timeline, Vpos};
use serde::Serialize;

use crate::split::{Part, Split, SplitRule, SplitTally, VideoSplit};

/// What each way to split leaves, by its name.
pub(crate) type Splits = BTreeMap<String, SplitTable>;

/// Seed of the splits in the table.
pub(crate) const SPLIT_SEED: u64 = 1;

/// Comments over the time of a video.
#[derive(Debug, Serialize)]
pub(crate) struct FrameTables {
    /// Frames with the most comments: count, index, time.
    #[serde(skip)]
    pub(crate) top: Vec<(u32, usize, String)>,
    /// Frames, those without comments, and the mean number of comments of a frame.
    pub(crate) frames: usize,
    pub(crate) without: usize,
    pub(crate) mean: f64,
    /// Comments before the first or past the last frame; they are counted at these.
    pub(crate) outside: u64,
    /// How many frames have how many comments.
    pub(crate) distribution: Vec<(usize, u64)>,
    /// The longest runs of frames without comments: length, first frame, time.
    pub(crate) empty_runs: Vec<(usize, usize, String)>,
    /// Comments of each second.
    pub(crate) seconds: Vec<u64>,
    /// The strongest bursts.
    pub(crate) bursts: Vec<BurstRow>,
}

/// A burst: seconds from `start` until before `end`.
#[derive(Debug, Serialize)]
pub(crate) struct BurstRow {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) time: String,
    pub(crate) comments: u64,
    /// How much more likely it is in a burst than at the mean rate, nats.
    pub(crate) weight: f64,
}

impl FrameTables {
    pub(crate) fn of(positions: &[Vpos], timeline: &Timeline, rows: usize) -> Self {
        let counts = FrameCounts::new(timeline, positions.iter().copied());
        let mut runs: Vec<_> = counts.empty_runs().collect();
        runs.sort_by_key(|run| Reverse(run.len())); // stable: of equals the earlier first
        runs.truncate(rows);
        let mut bursts = counts.bursts(timeline, &BurstOptions::default());
        bursts.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        bursts.truncate(rows);
        let outside = |vpos: &&Vpos| timeline.frame_within(**vpos).is_none();
        let histogram = counts.histogram();
        Self {
            top: counts
                .top(rows)
                .into_iter()
                .map(|(count, frame)| (count, frame, timeline.minutes_seconds(frame)))
                .collect(),
            frames: timeline.num_frames(),
            without: counts.num_empty(),
            mean: counts.mean(),
            outside: positions.iter().filter(outside).count() as u64,
            distribution: histogram
                .into_iter()
                .enumerate()
                .filter(|&(_, frames)| frames > 0)
                .collect(),
            empty_runs: runs
                .into_iter()
                .map(|run| (run.len(), run.start, timeline.minutes_seconds(run.start)))
                .collect(),
            seconds: counts.per_second(timeline),
            bursts: bursts
                .into_iter()
                .map(|burst| BurstRow {
                    start: burst.bins.start,
                    end: burst.bins.end,
                    time: minutes_seconds(burst.bins.start),
                    comments: burst.comments,
                    weight: burst.weight,
                })
                .collect(),
        }
    }
}

fn minutes_seconds(seconds: usize) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// What a way to split leaves: a row of the original's table. Distinct comments are compared by
/// their whole texts.
#[derive(Debug, Serialize)]
pub(crate) struct SplitTable {
    pub(crate) all: u64,
    pub(crate) train: u64,
    pub(crate) dev: u64,
    /// In neither.
    pub(crate) guard: u64,
    #[serde(flatten)]
    pub(crate) distinct: Distinct,
    /// The same with unknown words replaced, as the original compared comments.
    pub(crate) known: Distinct,
}

/// Distinct comments.
#[derive(Debug, Serialize)]
pub(crate) struct Distinct {
    pub(crate) distinct: u64,
    pub(crate) distinct_train: u64,
    pub(crate) distinct_dev: u64,
    /// In train and dev.
    pub(crate) shared: u64,
    /// Share of the distinct dev comments that are also in train.
    pub(crate) leak: f64,
}

impl Distinct {
    fn of(tally: &SplitTally) -> Self {
        Self {
            distinct: tally.distinct,
            distinct_train: tally.distinct_train,
            distinct_dev: tally.distinct_dev,
            shared: tally.shared,
            leak: tally.leak(),
        }
    }
}

impl SplitTable {
    fn of(parts: &[Part], texts: &[u64], known: &[u64]) -> Self {
        let tally =
            |hashes: &[u64]| SplitTally::count(parts.iter().copied().zip(hashes.iter().copied()));
        let (whole, known) = (tally(texts), tally(known));
        Self {
            all: whole.all(),
            train: whole.train,
            dev: whole.dev,
            guard: whole.guard,
            distinct: Distinct::of(&whole),
            known: Distinct::of(&known),
        }
    }
}

/// The comments of one video by every rule, given as their positions and the hashes of their texts.
pub(crate) fn splits_of_video(
    positions: &[Vpos],
    timeline: &Timeline,
    texts: &[u64],
    known: &[u64],
) -> Splits {
    let row = |rule: SplitRule| {
        let split = Split::new(rule, SPLIT_SEED, timeline);
        let parts: Vec<Part> = positions
            .iter()
            .map(|&vpos| split.assign(timeline.frame_at(vpos)))
            .collect();
        (rule.to_string(), SplitTable::of(&parts, texts, known))
    };
    SplitRule::ALL.into_iter().map(row).collect()
}

/// The comments of several videos, a file each, some of which are held out.
pub(crate) fn splits_of_videos(
    num_files: usize,
    files: &[usize],
    texts: &[u64],
    known: &[u64],
) -> Splits {
    let split = VideoSplit::new(num_files, SPLIT_SEED);
    let parts: Vec<Part> = files.iter().map(|&file| split.assign(file)).collect();
    let table = SplitTable::of(&parts, texts, known);
    std::iter::once(("videos".to_owned(), table)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_a_video() {
        let timeline = Timeline::constant(10, 1, 600).unwrap();
        let mut positions: Vec<Vpos> = (0..60).map(|second| Vpos(second * 100)).collect();
        positions.extend([Vpos(2010); 50]);
        positions.push(Vpos(9_999));
        let places = FrameTables::of(&positions, &timeline, 2);
        assert_eq!(places.top[0], (50, 201, "0:20".to_owned()));
        assert_eq!((places.top.len(), places.frames), (2, 600));
        assert_eq!((places.outside, places.seconds.len()), (1, 60));
        assert_eq!(places.without, 600 - 62); // 60 seconds, the burst, and the last frame
        assert_eq!(places.distribution, [(0, 538), (1, 61), (50, 1)]);
        assert_eq!(places.empty_runs[0], (9, 1, "0:00".to_owned()));
        let burst = &places.bursts[0];
        assert_eq!((burst.start, burst.end, &*burst.time), (20, 21, "0:20"));
    }

    #[test]
    fn splits_count_every_comment() {
        let timeline = Timeline::constant(10, 1, 600).unwrap();
        let positions: Vec<Vpos> = (0..60).map(|second| Vpos(second * 100)).collect();
        let texts: Vec<u64> = (0..60).collect();
        let known = vec![7; 60];
        let splits = splits_of_video(&positions, &timeline, &texts, &known);
        assert_eq!(splits.len(), SplitRule::ALL.len());
        for (rule, split) in &splits {
            assert_eq!(split.train + split.dev + split.guard, 60, "{rule}");
            assert_eq!((split.distinct.distinct, split.distinct.shared), (60, 0));
            assert_eq!((split.known.distinct, split.known.shared), (1, 1));
        }
        let videos = splits_of_videos(2, &[0, 0, 1], &[1, 2, 2], &[1, 2, 2]);
        assert_eq!(
            (videos["videos"].all, videos["videos"].distinct.shared),
            (3, 1)
        );
    }
}
