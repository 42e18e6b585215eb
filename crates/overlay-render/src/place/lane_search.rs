//! A lane for each comment, one after the other.

use std::collections::HashMap;

use nico_comments::Position;

use super::lanes::{Draw, FixedLanes, ScrollLanes};
use super::options::{LaneOverflow, LayoutOptions};
use super::placed::PlacedComment;
use super::stage;
use crate::error::Error;

/// Finds the lanes, comment by comment; `step` is called before each.
pub(super) fn place(
    placed: &mut [PlacedComment],
    options: &LayoutOptions,
    mut step: impl FnMut() -> Result<(), Error>,
) -> Result<(), Error> {
    /// Whose comments make room for each other.
    #[derive(PartialEq, Eq, Hash)]
    enum Author {
        Viewer,
        Owner,
        Operator,
    }
    struct Lanes {
        ue: FixedLanes,
        shita: FixedLanes,
        naka: ScrollLanes,
    }
    let stage = stage::STAGE_HEIGHT * options.area;
    let lanes = || Lanes {
        ue: FixedLanes::new(stage),
        shita: FixedLanes::new(stage),
        naka: ScrollLanes::new(stage),
    };
    let mut random = Numbers::new(options.lane_overflow);
    let mut layers: HashMap<(Author, i32), Lanes> = HashMap::new();
    let earliest = earliest_looks(placed);
    for (comment, forget_before) in placed.iter_mut().zip(earliest) {
        step()?;
        if comment.invisible {
            continue;
        }
        let author = match (comment.banner, comment.owner) {
            (true, _) => Author::Operator,
            (_, true) => Author::Owner,
            _ => Author::Viewer,
        };
        let lanes = layers.entry((author, comment.layer)).or_insert_with(lanes);
        let (vpos, height) = (comment.clamped_vpos(), comment.height);
        let overfull = if comment.says_naka {
            (height - stage) / -2.0
        } else {
            0.0
        };
        let place = match comment.position {
            Position::Ue => lanes
                .ue
                .place(vpos, comment.long, height, overfull, &mut random),
            Position::Shita => lanes
                .shita
                .place(vpos, comment.long, height, overfull, &mut random),
            Position::Naka => {
                lanes
                    .naka
                    .place(vpos, comment.scroll(), height, forget_before, &mut random)
            }
        };
        comment.pos_y = place.y;
        comment.overflow = place.drawn;
    }
    Ok(())
}

/// For each comment the earliest time that it or a later one looks at.
fn earliest_looks(placed: &[PlacedComment]) -> Vec<i64> {
    let mut earliest: Vec<i64> = placed
        .iter()
        .rev()
        .scan(i64::MAX, |least, comment| {
            *least = (*least).min(comment.clamped_vpos() + comment.listed().0);
            Some(*least)
        })
        .collect();
    earliest.reverse();
    earliest
}

/// The numbers for comments without a lane.
#[derive(Debug)]
pub(super) struct Numbers {
    source: LaneOverflow,
    state: u64,
}

impl Numbers {
    pub(super) fn new(source: LaneOverflow) -> Self {
        let state = match source {
            LaneOverflow::Random { seed } => seed,
            LaneOverflow::Constant(share) => {
                assert!((0.0..=1.0).contains(&share), "a share of {share}");
                0
            }
        };
        Self { source, state }
    }
}

impl Draw for Numbers {
    /// SplitMix64 (Steele, Lea and Flood, 2014), its upper 53 bits as a fraction.
    fn draw(&mut self) -> f64 {
        if let LaneOverflow::Constant(number) = self.source {
            return number.min(1.0 - f64::EPSILON); // as random ones are below 1
        }
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
        let number = (z >> 11) as f64 / (1u64 << 53) as f64;
        number
    }
}
