//! Pictures with a border of zeros, each channel's rows one after the other.
//!
//! Rows are two numbers longer than a picture's, so that the nine neighbours of location `p` of a
//! channel lie `0, 1, 2, s, s + 1, s + 2, 2s, 2s + 1, 2s + 2` numbers after it, where `s` is a row:
//! whole vectors of locations can be read across the ends of rows. What is summed up for the two
//! last numbers of a row means nothing and is left out.

/// Locations in a block: whole ones of any vectors.
pub(super) const BLOCK: usize = 48;

/// The shape of a picture's map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Shape {
    /// Numbers of a picture without the border.
    pub(super) fn picture(self) -> usize {
        self.channels * self.height * self.width
    }

    /// Numbers from one row to the next.
    pub(super) fn row(self) -> usize {
        self.width + 2
    }

    /// Locations that are summed up for, with those that mean nothing, in whole blocks.
    pub(super) fn locations(self) -> usize {
        (self.height * self.row()).next_multiple_of(BLOCK)
    }

    /// Numbers of a channel with the border, and as many more as are read from any location on in
    /// whole blocks.
    pub(super) fn plane(self) -> usize {
        self.height * self.row() + BLOCK + 2 * self.row() + 2
    }

    /// Writes a picture's channels into `planes` of [`Self::plane`] numbers each, which hold zeros
    /// elsewhere.
    pub(super) fn pad(self, picture: &[f32], planes: &mut [f32]) {
        self.copy(picture, planes, self.plane(), self.row() + 1);
    }

    /// The same without a border before, into planes of [`Self::locations`] numbers: location `p`
    /// of a picture stands where [`Self::pad`]'s upper left neighbour of it stands, and what means
    /// nothing is zero.
    pub(super) fn align(self, picture: &[f32], planes: &mut [f32]) {
        self.copy(picture, planes, self.locations(), 0);
    }

    /// Writes a picture's rows into planes of `plane` numbers, from the place `first` on.
    fn copy(self, picture: &[f32], planes: &mut [f32], plane: usize, first: usize) {
        let planes = planes.chunks_exact_mut(plane);
        let channels = picture.chunks_exact(self.height * self.width);
        for (plane, channel) in planes.zip(channels) {
            let rows = plane[first..].chunks_mut(self.row());
            for (to, from) in rows.zip(channel.chunks_exact(self.width)) {
                to[..self.width].copy_from_slice(from);
            }
        }
    }
}
