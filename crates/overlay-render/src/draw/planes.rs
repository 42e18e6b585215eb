//! Pictures as planes of luma and chroma.

/// One plane of a picture.
pub(crate) struct Plane<'a> {
    pub(crate) data: &'a mut [u8],
    pub(crate) stride: usize,
}

/// A picture whose planes can be had.
pub(crate) trait Planes {
    /// Luma, Cb and Cr, the latter two of half the size, rounded up.
    fn planes(&mut self) -> [Plane<'_>; 3];
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

impl Planes for Yuv420p<'_> {
    fn planes(&mut self) -> [Plane<'_>; 3] {
        let [y, u, v] = &mut self.planes;
        let [a, b, c] = self.strides;
        [(y, a), (u, b), (v, c)].map(|(data, stride)| Plane { data, stride })
    }
}
