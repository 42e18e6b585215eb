mod tally;
mod videos;

pub use tally::SplitTally;
pub use videos::VideoSplit;

use std::fmt;
use std::hash::Hash;

use crate::Timeline;
use crate::counts::whole_second;

/// How the frames of a video are divided into train and dev. Whole videos are held out by [`VideoSplit`].
///
/// ```
/// use nico_comments::SplitRule;
///
/// assert_eq!("halves".parse(), Ok(SplitRule::Halves));
/// assert_eq!(SplitRule::default().to_string(), "blocks");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SplitRule {
    /// Frames 9:1 at random, as in the original experiment. Leaky: the neighbour of a dev frame is a train frame.
    Frames,
    /// Whole seconds 9:1 at random.
    Seconds,
    /// Blocks of at least 10 s 9:1 at random, with a guard of 2 s where train and dev meet that belongs to neither. Videos too
    /// short for two blocks are cut into two (those of less than eight frames may be guard altogether).
    #[default]
    Blocks,
    /// The first half of the frames trains, the second is dev.
    Halves,
}

impl SplitRule {
    /// All rules.
    pub const ALL: [Self; 4] = [Self::Frames, Self::Seconds, Self::Blocks, Self::Halves];

    /// The name: `frames`, `seconds`, `blocks`, `halves`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Seconds => "seconds",
            Self::Blocks => "blocks",
            Self::Halves => "halves",
        }
    }
}

impl fmt::Display for SplitRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// There is no split rule of this name.
///
/// ```
/// # use nico_comments::SplitRule;
/// let error = "random".parse::<SplitRule>().unwrap_err();
/// assert_eq!(error.to_string(), "no split is called \"random\": expected frames, seconds, blocks or halves");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no split is called {0:?}: expected frames, seconds, blocks or halves")]
pub struct UnknownSplit(pub String);

impl std::str::FromStr for SplitRule {
    type Err = UnknownSplit;

    fn from_str(name: &str) -> Result<Self, UnknownSplit> {
        Self::ALL
            .into_iter()
            .find(|rule| rule.as_str() == name)
            .ok_or_else(|| UnknownSplit(name.to_owned()))
    }
}

/// What a frame is for.
///
/// ```
/// # use nico_comments::{Part, Split, SplitRule, Timeline};
/// # let timeline = Timeline::constant(30, 1, 60)?;
/// assert_eq!(Split::new(SplitRule::Halves, 0, &timeline).assign(0), Part::Train);
/// # Ok::<(), nico_comments::TimelineError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// To learn from.
    Train,
    /// To judge by.
    Dev,
    /// For neither: too close to the other part.
    Guard,
}

/// The division of a video's frames; the same for the same rule, seed and timeline, on every machine.
///
/// A comment follows its frame. Every rule leaves at least one unit (frame, second, block, half) to dev if there are two.
///
/// ```
/// use nico_comments::{Part, Split, SplitRule, Timeline};
///
/// let timeline = Timeline::constant(30, 1, 30 * 100)?; // 100 s: ten blocks, one of them dev
/// let split = Split::new(SplitRule::Blocks, 7, &timeline);
/// let dev = (0..3000).filter(|&frame| split.assign(frame) == Part::Dev).count();
/// let guard = (0..3000).filter(|&frame| split.assign(frame) == Part::Guard).count();
/// assert!(dev >= 30 * 8 && guard >= 60 && guard <= 120);
/// # Ok::<(), nico_comments::TimelineError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    parts: Vec<Part>,
}

/// Least length of a block, in seconds.
const BLOCK: f64 = 10.0;
/// Half of a guard, in seconds: this much on either side of a border.
const HALF_GUARD: f64 = 1.0;

impl Split {
    /// Divides the frames of `timeline`.
    #[must_use]
    pub fn new(rule: SplitRule, seed: u64, timeline: &Timeline) -> Self {
        let frames = 0..timeline.num_frames();
        let parts = match rule {
            SplitRule::Frames => draw(frames.len(), seed),
            SplitRule::Seconds => {
                let seconds: Vec<_> = frames.map(|frame| whole_second(timeline, frame)).collect();
                let drawn = draw(seconds.last().map_or(0, |last| last + 1), seed);
                seconds.into_iter().map(|second| drawn[second]).collect()
            }
            SplitRule::Blocks => blocks(timeline, seed),
            SplitRule::Halves => {
                let half = frames.len().div_ceil(2);
                frames
                    .map(|frame| if frame < half { Part::Train } else { Part::Dev })
                    .collect()
            }
        };
        Self { parts }
    }

    /// The part of a frame. Frames past the last go with the last.
    #[must_use]
    pub fn assign(&self, frame: usize) -> Part {
        self.parts
            .get(frame)
            .or(self.parts.last())
            .copied()
            .unwrap_or(Part::Train)
    }

    /// Counts comments, given as frame and text, and how many of their distinct texts are in train and dev at once; see
    /// [`SplitTally::count`].
    pub fn tally<T: Eq + Hash>(
        &self,
        comments: impl IntoIterator<Item = (usize, T)>,
    ) -> SplitTally {
        SplitTally::count(
            comments
                .into_iter()
                .map(|(frame, text)| (self.assign(frame), text)),
        )
    }
}

fn blocks(timeline: &Timeline, seed: u64) -> Vec<Part> {
    let duration = timeline.duration().max(0.0);
    let num_blocks = whole(duration / BLOCK).clamp(2, 100_000); // 11 days: a damaged timeline costs no memory
    let length = duration / f64::from(num_blocks);
    let drawn = draw(num_blocks as usize, seed);
    let part = |frame| {
        let time = timeline.seconds_of(frame);
        let block = whole(time / length).min(num_blocks - 1);
        let own = drawn[block as usize];
        let since = time - f64::from(block) * length;
        let other = |block: Option<u32>| {
            block
                .and_then(|n| drawn.get(n as usize))
                .is_some_and(|&part| part != own)
        };
        // A block shorter than two guards keeps its middle.
        let guard = HALF_GUARD.min(length / 4.0);
        let before = since < guard && other(block.checked_sub(1));
        let after = length - since <= guard && other(Some(block + 1));
        if before || after { Part::Guard } else { own }
    };
    (0..timeline.num_frames()).map(part).collect()
}

/// The whole part of a number, 0 for negative ones and NaN.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is meant"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

/// A tenth of `units`, at least one if there are two, drawn for dev.
fn draw(units: usize, seed: u64) -> Vec<Part> {
    let num_dev = if units < 2 {
        0
    } else {
        ((units + 5) / 10).max(1)
    };
    let mut order: Vec<_> = (0..units).collect();
    let mut random = SplitMix(seed);
    let mut parts = vec![Part::Train; units];
    for drawn in 0..num_dev {
        let at = drawn + random.below(units - drawn);
        order.swap(drawn, at);
        parts[order[drawn]] = Part::Dev;
    }
    parts
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, by the upper half of the product; its bias is below n/2⁶⁴.
    fn below(&mut self, n: usize) -> usize {
        let product = u128::from(self.next()) * n as u128;
        usize::try_from(product >> 64).expect("less than n, which is a usize")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(split: &Split, part: Part) -> usize {
        split.parts.iter().filter(|&&p| p == part).count()
    }

    #[test]
    fn nine_to_one() {
        let timeline = Timeline::constant(30_000, 1001, 42_469).unwrap();
        assert_eq!(
            count(&Split::new(SplitRule::Frames, 1, &timeline), Part::Dev),
            4247
        );
        let seconds = Split::new(SplitRule::Seconds, 1, &timeline); // 1418 seconds, 142 of them dev
        assert!((4200..4300).contains(&count(&seconds, Part::Dev)));
        assert_eq!(
            count(&Split::new(SplitRule::Halves, 1, &timeline), Part::Dev),
            21_234
        );
        let blocks = Split::new(SplitRule::Blocks, 1, &timeline);
        let (dev, guard) = (count(&blocks, Part::Dev), count(&blocks, Part::Guard));
        assert!(
            (3300..4250).contains(&dev) && (60 * 14..=60 * 28).contains(&guard),
            "{dev} {guard}"
        );
    }

    #[test]
    fn seeds_repeat_and_differ() {
        let timeline = Timeline::constant(30, 1, 3000).unwrap();
        let split = |seed| Split::new(SplitRule::Frames, seed, &timeline);
        assert_eq!(split(3), split(3));
        assert_ne!(split(3), split(4));
        // The numbers published with the algorithm for seed 1234567.
        let mut random = SplitMix(1_234_567);
        assert_eq!(
            [random.next(), random.next()],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
        );
    }

    #[test]
    fn train_and_dev_blocks_never_touch() {
        for seed in 0..20 {
            let timeline = Timeline::constant(30, 1, 30 * 95).unwrap();
            let split = Split::new(SplitRule::Blocks, seed, &timeline);
            for pair in split.parts.windows(2) {
                assert!(pair[0] == pair[1] || pair.contains(&Part::Guard));
            }
            assert!(count(&split, Part::Dev) > 0);
        }
    }

    #[test]
    fn short_videos_have_both_parts() {
        for frames in [2, 3, 8, 30, 300] {
            let timeline = Timeline::constant(30, 1, frames).unwrap();
            let blocks = (frames >= 8).then_some(SplitRule::Blocks); // of less the guard takes all
            for rule in [SplitRule::Frames, SplitRule::Halves]
                .into_iter()
                .chain(blocks)
            {
                let split = Split::new(rule, 0, &timeline);
                assert!(count(&split, Part::Train) > 0, "{rule} of {frames} frames");
                assert!(count(&split, Part::Dev) > 0, "{rule} of {frames} frames");
            }
        }
        let single = Timeline::variable(&[0.0]).unwrap();
        assert_eq!(
            Split::new(SplitRule::Blocks, 0, &single).assign(5),
            Split::new(SplitRule::Blocks, 0, &single).assign(0)
        );
    }
}
