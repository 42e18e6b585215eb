//! Duplicate frames: pictures that are shown again.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Duplicate frames: when a frame counts as the one before it, shown again, since animation draws
/// many pictures for two or three frames. Such a frame gets no features of its own but refers to
/// those of the earlier one.
///
/// Compared are the pictures that the network would be given, the earlier one being the last that
/// has features of its own, so that slow changes do not add up unseen.
///
/// # Example
///
/// ```
/// use frame_features::DuplicateFrames;
///
/// assert_eq!(DuplicateFrames::default(), DuplicateFrames::Equal);
/// assert_eq!(DuplicateFrames::Within(2.0).to_string(), "duplicates within 2");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DuplicateFrames {
    /// Never: every frame has features of its own.
    Separate,
    /// If all bytes are equal: the features are then equal too. The default.
    #[default]
    Equal,
    /// If in no tile of 16x16 pixels, the grid of `conv5_3`, bytes differ by more than this on
    /// average. 0 is as [`Equal`](Self::Equal); 1 to 2 lets noise of compression pass and still
    /// sees a mouth move. Features are then those of a picture that differs by so much.
    Within(f32),
}

impl DuplicateFrames {
    /// Refuses a distance that bytes cannot have.
    pub(crate) fn check(self) -> Result<(), Error> {
        match self {
            Self::Within(limit) if !(0.0..=255.0).contains(&limit) => Err(Error::Option {
                option: "the distance of duplicate frames",
                value: limit.to_string(),
                expected: "0 to 255",
            }),
            _ => Ok(()),
        }
    }

    /// Whether two pictures of `width` count as one, three bytes a pixel.
    #[cfg(feature = "video")]
    pub(crate) fn same(self, width: usize, earlier: &[u8], now: &[u8]) -> bool {
        match self {
            Self::Separate => false,
            Self::Equal => earlier == now,
            Self::Within(limit) => {
                earlier.len() == now.len() && (earlier == now || near(width, earlier, now, limit))
            }
        }
    }
}

impl fmt::Display for DuplicateFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Separate => f.write_str("no duplicates"),
            Self::Equal => f.write_str("duplicates if equal"),
            Self::Within(limit) => write!(f, "duplicates within {limit}"),
        }
    }
}

/// Side of a tile in pixels.
#[cfg(feature = "video")]
const TILE: usize = 16;

#[cfg(feature = "video")]
fn near(width: usize, earlier: &[u8], now: &[u8], limit: f32) -> bool {
    let band = width * 3 * TILE;
    earlier
        .chunks(band)
        .zip(now.chunks(band))
        .all(|(earlier, now)| {
            let mut sums = vec![0_u32; width.div_ceil(TILE)];
            for (earlier, now) in earlier.chunks(width * 3).zip(now.chunks(width * 3)) {
                let tiles = earlier.chunks(3 * TILE).zip(now.chunks(3 * TILE));
                for (sum, (earlier, now)) in sums.iter_mut().zip(tiles) {
                    let pairs = earlier.iter().zip(now);
                    *sum += pairs
                        .map(|(one, other)| u32::from(one.abs_diff(*other)))
                        .sum::<u32>();
                }
            }
            let rows = earlier.len() / (width * 3);
            sums.iter().enumerate().all(|(tile, &sum)| {
                let columns = TILE.min(width - tile * TILE);
                let bytes = u32::try_from(rows * columns * 3).unwrap_or(u32::MAX);
                f64::from(sum) <= f64::from(limit) * f64::from(bytes)
            })
        })
}

#[cfg(all(test, feature = "video"))]
mod tests {
    use super::*;

    /// 768 bytes of a tile, of which 96 differ by 8: 1 on average.
    #[test]
    fn a_tile_decides() {
        let earlier = vec![100; 40 * 40 * 3];
        let mut now = earlier.clone();
        for row in 16..20 {
            now[row * 120 + 48..][..24].fill(108); // half of four rows of the tile in the middle
        }
        assert!(!DuplicateFrames::Equal.same(40, &earlier, &now));
        assert!(DuplicateFrames::Within(1.0).same(40, &earlier, &now));
        assert!(!DuplicateFrames::Within(0.99).same(40, &earlier, &now));
        assert!(!DuplicateFrames::Separate.same(40, &earlier, &earlier));
        assert!(DuplicateFrames::Equal.same(40, &earlier, &earlier));
        assert!(DuplicateFrames::Within(0.0).same(40, &earlier, &earlier));
    }

    /// The last column of tiles is 8 pixels wide, the last row 8 high: 192 bytes, one differs by
    /// 192.
    #[test]
    fn tiles_at_the_edge_count_their_own_pixels() {
        let earlier = vec![0; 40 * 40 * 3];
        let mut now = earlier.clone();
        *now.last_mut().unwrap() = 192;
        assert!(DuplicateFrames::Within(1.0).same(40, &earlier, &now));
        assert!(!DuplicateFrames::Within(0.99).same(40, &earlier, &now));
    }
}
