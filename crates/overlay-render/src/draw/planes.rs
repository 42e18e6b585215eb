//! Pictures as planes of luma and chroma.

use super::sample::Sample;
use crate::viewport::Viewport;

/// One plane of a picture.
pub(crate) struct Plane<'a, S> {
    pub(crate) data: &'a mut [S],
    /// From row to row, in samples.
    pub(crate) stride: usize,
}

/// How many samples chroma has beside luma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "video"),
    allow(
        dead_code,
        reason = "frames of videos alone have more chroma than 4:2:0"
    )
)]
pub(crate) enum Subsampling {
    /// As many: 4:4:4.
    None,
    /// Half as many in each row: 4:2:2.
    Horizontal,
    /// Half as many in each row, and half the rows: 4:2:0.
    Both,
}

impl Subsampling {
    /// Whether there are half as many columns, and half as many rows.
    pub(crate) fn halves(self) -> (bool, bool) {
        (self != Self::None, self == Self::Both)
    }
}

/// A picture whose planes can be had.
pub(crate) trait Planes {
    /// What samples are stored as.
    type Sample: Sample;

    /// How many samples chroma has.
    fn subsampling(&self) -> Subsampling;

    /// Luma, Cb and Cr; sides of the latter two that are half as long are rounded up.
    fn planes(&mut self) -> [Plane<'_, Self::Sample>; 3];
}

/// A picture of 8-bit YUV 4:2:0: luma, Cb and Cr, the latter two of half the size, rounded up.
///
/// ```
/// # use overlay_render::Yuv420p;
/// let (mut y, mut u, mut v) = ([16; 4], [128; 1], [128; 1]);
/// let black = Yuv420p { planes: [&mut y, &mut u, &mut v], strides: [2, 1, 1] };
/// assert_eq!(black.planes[0].len(), 4);
/// ```
#[derive(Debug)]
pub struct Yuv420p<'a> {
    /// The samples, row by row.
    pub planes: [&'a mut [u8]; 3],
    /// From the start of a row to that of the next, in samples.
    pub strides: [usize; 3],
}

impl Yuv420p<'_> {
    /// Panics if a plane is smaller than the viewport asks for.
    pub(super) fn check(&self, viewport: Viewport) {
        let sides = [viewport.width(), viewport.height()].map(|side| side as usize);
        for (plane, (data, &stride)) in self.planes.iter().zip(&self.strides).enumerate() {
            let [width, height] =
                sides.map(|side| if plane == 0 { side } else { side.div_ceil(2) });
            assert!(
                stride >= width && data.len() >= stride * (height - 1) + width,
                "plane {plane} has {} samples in rows of {stride}, too few for {width}x{height}",
                data.len()
            );
        }
    }
}

impl Planes for Yuv420p<'_> {
    type Sample = u8;

    fn subsampling(&self) -> Subsampling {
        Subsampling::Both
    }

    fn planes(&mut self) -> [Plane<'_, u8>; 3] {
        let [y, u, v] = &mut self.planes;
        let [a, b, c] = self.strides;
        [(y, a), (u, b), (v, c)].map(|(data, stride)| Plane { data, stride })
    }
}
