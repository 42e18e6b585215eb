//! The inner loop of drawing: ink laid over samples of a picture.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::area::Area;
use super::blocks::{BLOCK, Block, Blocks};
use super::ink::low_byte;
use super::yuv::Plane;

/// Lays ink whose origin is at `x`, `y` over a plane of some size, the text in the sample `fill` and the rest in `outline`.
pub(super) fn lay(
    arch: Arch,
    plane: Plane<'_>,
    (width, height): (i32, i32),
    ink: &Blocks,
    (x, y): (i32, i32),
    [fill, outline]: [u8; 2],
) {
    let placed = ink.area.shifted(x, y);
    let shared = placed.intersect(Area::of_size(width, height));
    if shared.is_empty() {
        return;
    }
    arch.dispatch(Job {
        samples: &mut plane.data[index(shared.top) * plane.stride..],
        stride: plane.stride,
        width: Area::of_size(width, 1).width(),
        ink,
        rows: index(shared.top - placed.top)..index(shared.bottom - placed.top),
        left: i64::from(placed.left),
        colors: [fill, outline],
    });
}

/// Lays `cover`/255 of an even colour over samples.
pub(super) fn lay_flat(samples: &mut [u8], cover: &[u8], color: u8) {
    for (sample, &cover) in samples.iter_mut().zip(cover) {
        *sample = over(*sample, cover, cover, color, color);
    }
}

pub(super) fn index(coordinate: i32) -> usize {
    usize::try_from(coordinate).expect("coordinates were cut to the picture")
}

/// sample · (1 - cover) + fill colour · fill + outline colour · (cover - fill), in 255ths. The weights add up to 255, so sums
/// stay below 2¹⁶.
#[inline(always)]
fn over(sample: u8, cover: u8, inside: u8, fill: u8, outline: u8) -> u8 {
    let [sample, cover, inside, fill, outline] =
        [sample, cover, inside, fill, outline].map(u16::from);
    let sum = sample * (255 - cover) + fill * inside + outline * (cover - inside) + 128;
    low_byte((sum + (sum >> 8)) >> 8)
}

/// Rows of ink, and the rows of samples that they lie on.
struct Job<'a> {
    samples: &'a mut [u8],
    stride: usize,
    width: usize, // of the picture
    ink: &'a Blocks,
    rows: Range<usize>, // of the ink
    left: i64,          // edge of the ink, in the picture
    colors: [u8; 2],
}

impl WithSimd for Job<'_> {
    type Output = ();

    /// Compiled for each instruction set, by which it is made into vectors.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if self.colors[0] == self.colors[1] {
            self.run::<true>();
        } else {
            self.run::<false>();
        }
    }
}

impl Job<'_> {
    /// `EVEN` if text and outline have the same sample.
    #[inline(always)]
    fn run<const EVEN: bool>(self) {
        let colors = self.colors;
        for (row, samples) in self.rows.zip(self.samples.chunks_mut(self.stride)) {
            let samples = &mut samples[..self.width];
            for stretch in self.ink.row(row) {
                let start = self.left + stretch.start as i64;
                let end = start + stretch.len as i64;
                if end <= 0 {
                    continue;
                }
                if start >= self.width as i64 {
                    break;
                }
                let whole = usize::try_from(start).ok();
                let target = whole.and_then(|start| samples.get_mut(start..start + stretch.len));
                match (target, stretch.ink) {
                    (Some(target), None) => target.fill(colors[0]),
                    (Some(target), Some((cover, fill))) => {
                        blocks::<EVEN>(target, cover, fill, colors);
                    }
                    (None, ink) => cut::<EVEN>(samples, start, stretch.len, ink, colors),
                }
            }
        }
    }
}

/// Lays a stretch of which a part is beyond the picture's left or right edge, or both.
#[inline(always)]
fn cut<const EVEN: bool>(
    samples: &mut [u8],
    start: i64,
    len: usize,
    ink: Option<(&[Block], &[Block])>,
    colors: [u8; 2],
) {
    let inside = whole_blocks(start, len, samples.len());
    let place = |block: usize| start + (block * BLOCK) as i64;
    let at = usize::try_from(place(inside.start)).unwrap_or(samples.len());
    if let Some(target) = samples.get_mut(at..at + inside.len() * BLOCK) {
        match ink {
            None => target.fill(colors[0]),
            Some((cover, fill)) => {
                blocks::<EVEN>(
                    target,
                    &cover[inside.clone()],
                    &fill[inside.clone()],
                    colors,
                );
            }
        }
    }
    for block in [inside.start.wrapping_sub(1), inside.end] {
        if block >= len / BLOCK {
            continue;
        }
        let before = usize::try_from(-place(block)).unwrap_or(0); // pixels left of the picture
        let at = usize::try_from(place(block))
            .unwrap_or(0)
            .min(samples.len());
        let shown = (BLOCK - before.min(BLOCK)).min(samples.len() - at);
        let mut whole = [[0; BLOCK]];
        let target = &mut samples[at..at + shown];
        whole[0][BLOCK.min(before)..][..shown].copy_from_slice(target);
        match ink {
            None => whole[0].fill(colors[0]),
            Some((cover, fill)) => blocks::<EVEN>(
                whole.as_flattened_mut(),
                &cover[block..=block],
                &fill[block..=block],
                colors,
            ),
        }
        target.copy_from_slice(&whole[0][BLOCK.min(before)..][..shown]);
    }
}

/// Greys have the same sample for text and outline in both planes of chroma: then what is inside does not matter.
///
/// Four blocks at a time: of a loop over single ones compilers make vectors across the blocks, byte by byte.
#[inline(always)]
fn blocks<const EVEN: bool>(target: &mut [u8], cover: &[Block], inside: &[Block], colors: [u8; 2]) {
    const WIDE: usize = 4 * BLOCK;
    let (targets, target) = target.as_chunks_mut::<WIDE>();
    let (covers, cover) = cover.as_flattened().as_chunks::<WIDE>();
    let (insides, inside) = inside.as_flattened().as_chunks::<WIDE>();
    for ((target, cover), inside) in targets.iter_mut().zip(covers).zip(insides) {
        *target = blended::<EVEN, WIDE>(*target, *cover, *inside, colors);
    }
    let targets = target.as_chunks_mut::<BLOCK>().0.iter_mut();
    let covers = cover.as_chunks::<BLOCK>().0;
    let insides = inside.as_chunks::<BLOCK>().0;
    for ((target, cover), inside) in targets.zip(covers).zip(insides) {
        *target = blended::<EVEN, BLOCK>(*target, *cover, *inside, colors);
    }
}

/// Arrays and not slices, since a sample that is written might else be the next one's cover.
#[inline(always)]
fn blended<const EVEN: bool, const N: usize>(
    samples: [u8; N],
    cover: [u8; N],
    inside: [u8; N],
    [fill, outline]: [u8; 2],
) -> [u8; N] {
    let inside = if EVEN { cover } else { inside };
    let mut blended = [0; N];
    for i in 0..N {
        blended[i] = over(samples[i], cover[i], inside[i], fill, outline);
    }
    blended
}

/// The blocks of a stretch that lie in a row as a whole; those before and behind may do so in part.
#[inline(always)]
fn whole_blocks(start: i64, len: usize, width: usize) -> Range<usize> {
    let block = BLOCK as i64;
    let first = (-start).max(0) + block - 1;
    let end = (width as i64 - start).clamp(0, len as i64) / block;
    let first = (first / block).min(end);
    let index = |number: i64| usize::try_from(number).unwrap_or(0);
    index(first)..index(end)
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "small numbers, made for the test"
)]
mod tests {
    use super::*;
    use crate::draw::ink::Ink;
    use proptest::prelude::*;

    /// The sum of the doc comment, in f64.
    fn exact(sample: u8, cover: u8, inside: u8, [fill, outline]: [u8; 2]) -> f64 {
        let [s, c, i, f, o] = [sample, cover, inside, fill, outline].map(f64::from);
        (s * (255.0 - c) + f * i + o * (c - i)) / 255.0
    }

    /// Half of 200 over 0, 100 and 255, then all of 16.
    #[test]
    fn half_transparent_is_half_way() {
        let laid = |sample, cover, inside, colors: [u8; 2]| {
            over(sample, cover, inside, colors[0], colors[1])
        };
        assert_eq!(
            [0, 100, 255].map(|s| laid(s, 128, 128, [200, 0])),
            [100, 150, 227]
        );
        assert_eq!(laid(100, 255, 0, [200, 16]), 16);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

        /// Ink anywhere, also beyond every edge, with every instruction set: each sample is the exact sum, rounded, and
        /// nothing outside is touched.
        #[test]
        fn samples_are_the_exact_sums(
            ink_width in 1_i32..70,
            (x, y) in (-80_i32..80, -6_i32..10),
            seed in any::<u64>(),
            colors in any::<[u8; 2]>(),
            even in any::<bool>(),
        ) {
            let (width, height, stride) = (50_i32, 7_i32, 53_usize);
            let mut state = seed;
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            };
            let mut ink = Ink::new(Area { left: -3, top: -1, right: -3 + ink_width, bottom: 4 });
            for (cover, fill) in ink.cover.iter_mut().zip(&mut ink.fill) {
                // Long stretches of nothing and of text, and mixtures between.
                (*cover, *fill) = match next() % 4 { 0 => (0, 0), 1 => (255, 255), _ => (next(), next()) };
                *fill = (*fill).min(*cover);
            }
            ink.cover[..16.min(ink_width as usize)].fill(255);
            ink.fill[..16.min(ink_width as usize)].fill(255);
            let colors = if even { [colors[0]; 2] } else { colors };
            let before: Vec<u8> = (0..stride * 7).map(|i| (i * 37 % 256) as u8).collect();
            let blocks = Blocks::pack(&ink);
            for arch in [Arch::new(), Arch::Scalar] {
                let mut data = before.clone();
                lay(arch, Plane { data: &mut data, stride }, (width, height), &blocks, (x, y), colors);
                for (at, (&after, &before)) in data.iter().zip(&before).enumerate() {
                    let (column, row) = ((at % stride) as i32, (at / stride) as i32);
                    let (from_left, from_top) = (column - x + 3, row - y + 1);
                    let inside = column < width && (0..ink_width).contains(&from_left) && (0..5).contains(&from_top);
                    let expected = if inside {
                        let at = (from_top * ink_width + from_left) as usize;
                        exact(before, ink.cover[at], ink.fill[at], colors)
                    } else {
                        f64::from(before)
                    };
                    prop_assert!((f64::from(after) - expected).abs() <= 0.5 + 1e-9, "{column},{row}");
                }
            }
        }
    }
}
