//! The inner loop of drawing: coverage laid over samples of a picture.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::area::Area;
use super::blocks::{BLOCK, Blocks, Place};
use super::planes::Plane;
use super::prefetch::prefetch;
use super::sample::Sample;

/// Blocks between the one that is laid and the one whose memory is asked for.
const AHEAD: usize = 12;

/// Coverage with its origin at `at`, and for each plane of some size the samples of text and
/// outline.
pub(super) struct Layer<'a, S, const N: usize> {
    pub(super) blocks: &'a Blocks,
    pub(super) at: (i32, i32),
    pub(super) colors: [[S; 2]; N],
}

/// Lays coverage over planes of one size.
pub(super) fn lay<S: Sample, const N: usize>(
    arch: Arch,
    planes: [Plane<'_, S>; N],
    (width, height): (i32, i32),
    layer: Layer<'_, S, N>,
) {
    let Layer { blocks, at, colors } = layer;
    let placed = blocks.area.shifted(at.0, at.1);
    let shared = placed.intersect(Area::of_size(width, height));
    if shared.is_empty() {
        return;
    }
    let row =
        |distance: i32| u32::try_from(distance).expect("the shared part lies in the blocks' area");
    arch.dispatch(Job {
        planes: planes.map(|plane| Plane {
            data: &mut plane.data[index(shared.top) * plane.stride..],
            stride: plane.stride,
        }),
        width: Area::of_size(width, 1).width().cast_signed(),
        blocks,
        rows: row(shared.top - placed.top)..row(shared.bottom - placed.top),
        left: placed.left as isize,
        colors,
    });
}

/// Lays `cover`/255 of an even colour over samples.
pub(super) fn lay_flat<S: Sample>(samples: &mut [S], cover: &[u8], color: S) {
    for (sample, &cover) in samples.iter_mut().zip(cover) {
        *sample = sample.over(cover, cover, color, color);
    }
}

fn index(coordinate: i32) -> usize {
    usize::try_from(coordinate).expect("coordinates were cut to the picture")
}

/// Rows of blocks, and for each plane the samples from the first of the rows on that they lie on.
struct Job<'a, S, const N: usize> {
    planes: [Plane<'a, S>; N],
    width: isize, // of the picture
    blocks: &'a Blocks,
    rows: Range<u32>, // of the blocks' area
    left: isize,      // edge of that area, in the picture
    colors: [[S; 2]; N],
}

impl<S: Sample, const N: usize> WithSimd for Job<'_, S, N> {
    type Output = ();

    /// Compiled for each instruction set, by which it is made into vectors.
    #[inline(always)]
    fn with_simd<V: Simd>(self, _: V) {
        if self.colors.iter().all(|[fill, outline]| fill == outline) {
            self.cut_where_needed::<true>();
        } else {
            self.cut_where_needed::<false>();
        }
    }
}

impl<S: Sample, const N: usize> Job<'_, S, N> {
    #[inline(always)]
    fn cut_where_needed<const EVEN: bool>(self) {
        let end = self.left + self.blocks.area.width().cast_signed();
        if self.left >= 0 && end <= self.width - BLOCK.cast_signed() {
            self.run::<EVEN, true>();
        } else {
            self.run::<EVEN, false>();
        }
    }

    /// `EVEN` if text and outline have the same samples, as greys have in both planes of chroma:
    /// then what is inside does not matter. `WHOLE` if no block reaches beyond the left or right
    /// edge.
    #[inline(always)]
    fn run<const EVEN: bool, const WHOLE: bool>(self) {
        let Self {
            mut planes,
            width,
            blocks,
            rows,
            left,
            colors,
        } = self;
        let (places, covers, insides) = blocks.of_rows(rows.clone());
        let column = |place: &Place| left + place.column as isize;
        let is_seen = |column: isize| WHOLE || (column > -BLOCK.cast_signed() && column < width);
        let at = |place: &Place, stride: usize| {
            ((place.row - rows.start) as usize * stride).wrapping_add_signed(column(place))
        };
        let ask_for = |planes: &[Plane<'_, S>; N], block: usize| {
            let Some(place) = places.get(block) else {
                return;
            };
            if is_seen(column(place)) {
                for plane in planes {
                    let at = at(place, plane.stride);
                    prefetch(plane.data, at);
                    if size_of::<S>() > 1 {
                        prefetch(plane.data, at.wrapping_add(BLOCK / 2));
                    }
                    prefetch(plane.data, at.wrapping_add(BLOCK - 1));
                }
                prefetch(covers, block);
                if !EVEN {
                    prefetch(insides, block);
                }
            }
        };
        for block in 0..AHEAD {
            ask_for(&planes, block);
        }
        let laid = places.iter().zip(covers).zip(insides).enumerate();
        for (block, ((place, cover), inside)) in laid {
            ask_for(&planes, block + AHEAD);
            let column = column(place);
            if !is_seen(column) {
                continue;
            }
            let inside = if EVEN { cover } else { inside };
            let at = planes.each_ref().map(|plane| at(place, plane.stride));
            if WHOLE || (0..=width - BLOCK.cast_signed()).contains(&column) {
                lay_block(&mut planes, at, [&cover.0, &inside.0], colors);
            } else {
                let [cover, inside] = [cover, inside].map(|block| cut(&block.0, column, width));
                lay_block(&mut planes, at, [&cover, &inside], colors);
            }
        }
    }
}

/// Lays a block over each plane's samples from a place on.
#[inline(always)]
fn lay_block<S: Sample, const N: usize>(
    planes: &mut [Plane<'_, S>; N],
    at: [usize; N],
    [cover, inside]: [&[u8; BLOCK]; 2],
    colors: [[S; 2]; N],
) {
    for ((plane, at), colors) in planes.iter_mut().zip(at).zip(colors) {
        let target = plane.data.get_mut(at..at.wrapping_add(BLOCK));
        match target.and_then(<[S]>::first_chunk_mut) {
            Some(target) => *target = blended(*target, *cover, *inside, colors),
            None => lay_corner(plane.data, at, cover, inside, colors),
        }
    }
}

/// Nothing, all and nothing.
const EDGES: [u8; 3 * BLOCK] = {
    let mut edges = [0; 3 * BLOCK];
    let mut at = BLOCK;
    while at < 2 * BLOCK {
        edges[at] = 255;
        at += 1;
    }
    edges
};

/// Empties what is left of a row and what is right of it. What lies there is in the rows above and
/// below, and stays as it is.
#[inline(always)]
fn cut(block: &[u8; BLOCK], column: isize, width: isize) -> [u8; BLOCK] {
    let in_block = |pixels: isize| pixels.clamp(0, BLOCK.cast_signed()).cast_unsigned();
    let (from, to) = (in_block(-column), in_block(width - column));
    let (left, right) = (
        &EDGES[BLOCK - from..][..BLOCK],
        &EDGES[2 * BLOCK - to..][..BLOCK],
    );
    let mut cut = [0; BLOCK];
    for i in 0..BLOCK {
        cut[i] = block[i] & left[i] & right[i];
    }
    cut
}

/// Lays a block that begins before the first sample, or ends behind the last one.
#[cold]
fn lay_corner<S: Sample>(
    samples: &mut [S],
    at: usize,
    cover: &[u8; BLOCK],
    inside: &[u8; BLOCK],
    [fill, outline]: [S; 2],
) {
    for (i, (&cover, &inside)) in cover.iter().zip(inside).enumerate() {
        if let Some(sample) = samples.get_mut(at.wrapping_add(i)) {
            *sample = sample.over(cover, inside, fill, outline);
        }
    }
}

/// Arrays and not slices, since a sample that is written might else be the next one's cover.
#[inline(always)]
fn blended<S: Sample>(
    mut samples: [S; BLOCK],
    cover: [u8; BLOCK],
    inside: [u8; BLOCK],
    [fill, outline]: [S; 2],
) -> [S; BLOCK] {
    for i in 0..BLOCK {
        samples[i] = samples[i].over(cover[i], inside[i], fill, outline);
    }
    samples
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "small numbers, made for the test"
)]
mod tests {
    use super::*;
    use crate::draw::coverage::Coverage;
    use proptest::prelude::*;

    /// The sum of the doc comment, in f64.
    fn exact(sample: u8, cover: u8, inside: u8, [fill, outline]: [u8; 2]) -> f64 {
        let [s, c, i, f, o] = [sample, cover, inside, fill, outline].map(f64::from);
        (s * (255.0 - c) + f * i + o * (c - i)) / 255.0
    }

    /// Half of 200 over 0, 100 and 255, then all of 16.
    #[test]
    fn half_transparent_is_half_way() {
        let laid = |sample: u8, cover, inside, colors: [u8; 2]| {
            sample.over(cover, inside, colors[0], colors[1])
        };
        assert_eq!(
            [0, 100, 255].map(|s| laid(s, 128, 128, [200, 0])),
            [100, 150, 227]
        );
        assert_eq!(laid(100, 255, 0, [200, 16]), 16);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

        /// Coverage anywhere, also beyond every edge, with every instruction set: each sample is
        /// the exact sum, rounded, and nothing outside is touched.
        #[test]
        fn samples_are_the_exact_sums(
            area_width in 1_i32..70,
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
            let mut drawn = Coverage::new(Area { left: -3, top: -1, right: -3 + area_width, bottom: 4 });
            for (cover, fill) in drawn.cover.iter_mut().zip(&mut drawn.fill) {
                // Long stretches of nothing and of text, and mixtures between.
                (*cover, *fill) = match next() % 4 { 0 => (0, 0), 1 => (255, 255), _ => (next(), next()) };
                *fill = (*fill).min(*cover);
            }
            drawn.cover[..16.min(area_width as usize)].fill(255);
            drawn.fill[..16.min(area_width as usize)].fill(255);
            let colors = if even { [colors[0]; 2] } else { colors };
            let before: Vec<u8> = (0..stride * 7).map(|i| (i * 37 % 256) as u8).collect();
            let blocks = Blocks::pack(&drawn);
            for arch in [Arch::new(), Arch::Scalar] {
                let mut data = before.clone();
                lay(arch, [Plane { data: &mut data, stride }], (width, height), Layer { blocks: &blocks, at: (x, y), colors: [colors] });
                for (at, (&after, &before)) in data.iter().zip(&before).enumerate() {
                    let (column, row) = ((at % stride) as i32, (at / stride) as i32);
                    let (from_left, from_top) = (column - x + 3, row - y + 1);
                    let inside = column < width && (0..area_width).contains(&from_left) && (0..5).contains(&from_top);
                    let expected = if inside {
                        let at = (from_top * area_width + from_left) as usize;
                        exact(before, drawn.cover[at], drawn.fill[at], colors)
                    } else {
                        f64::from(before)
                    };
                    prop_assert!((f64::from(after) - expected).abs() <= 0.5 + 1e-9, "{column},{row}");
                }
                // The same where samples are deeper: of the same values the same come.
                let mut deep: Vec<u16> = before.iter().copied().map(u16::from).collect();
                let layer = Layer { blocks: &blocks, at: (x, y), colors: [colors.map(u16::from)] };
                lay(arch, [Plane { data: &mut deep, stride }], (width, height), layer);
                for (deep, shallow) in deep.iter().zip(&data) {
                    prop_assert!(deep.abs_diff(u16::from(*shallow)) <= 1);
                }
            }
        }
    }
}
