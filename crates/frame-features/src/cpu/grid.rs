//! A layer's output with a border of zeros, channels last.

/// Sides are filled up to multiples of this, the side of the tiles that Winograd's algorithm makes.
pub(super) const TILE: usize = 4;

/// Numbers for the locations of some pictures, rows from the top, channels side by side. Around
/// each picture lies a border of zeros: one location at the top and left, and as many at the bottom
/// and right as make up whole tiles and one more, so that 3x3 convolutions need no special cases.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) pictures: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    pub(super) values: Vec<f32>,
}

impl Grid {
    /// Takes a shape and clears the border; what lies inside is left to be written.
    pub(super) fn shape(&mut self, pictures: usize, height: usize, width: usize, channels: usize) {
        (self.pictures, self.height) = (pictures, height);
        (self.width, self.channels) = (width, channels);
        let (plane, stride) = (self.plane(), self.stride());
        self.values.resize(pictures * plane, 0.0);
        for picture in self.values.chunks_exact_mut(plane) {
            let (top, rest) = picture.split_at_mut(stride);
            let (rows, bottom) = rest.split_at_mut(height * stride);
            top.fill(0.0);
            bottom.fill(0.0);
            for row in rows.chunks_exact_mut(stride) {
                row[..channels].fill(0.0);
                row[(width + 1) * channels..].fill(0.0);
            }
        }
    }

    /// Numbers from one row to the next.
    pub(super) fn stride(&self) -> usize {
        (self.width.next_multiple_of(TILE) + 2) * self.channels
    }

    /// Numbers from one picture to the next.
    pub(super) fn plane(&self) -> usize {
        (self.height.next_multiple_of(TILE) + 2) * self.stride()
    }

    /// The rows of a picture without the border.
    pub(super) fn rows(&self, picture: usize) -> impl Iterator<Item = &[f32]> {
        let (plane, stride, channels) = (self.plane(), self.stride(), self.channels);
        self.values[picture * plane..][..plane]
            .chunks_exact(stride)
            .skip(1)
            .take(self.height)
            .map(move |row| &row[channels..][..self.width * channels])
    }

    /// The rows of all pictures with the border at their ends, in groups of up to `rows`; no group
    /// reaches into the next picture.
    pub(super) fn groups_mut(&mut self, rows: usize) -> Vec<&mut [f32]> {
        let (plane, stride, height) = (self.plane(), self.stride(), self.height);
        self.values
            .chunks_exact_mut(plane)
            .flat_map(|picture| picture[stride..][..height * stride].chunks_mut(rows * stride))
            .collect()
    }
}
