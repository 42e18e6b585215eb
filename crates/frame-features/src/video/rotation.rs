//! Rotating frames as the container asks.

use ffmpeg_next::codec::packet::side_data::Type;
use ffmpeg_next::format::stream::Stream;

/// By how much frames are rotated clockwise before they are shown. Phones write such flags; other
/// angles than these are left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rotation {
    None,
    Right,
    Half,
    Left,
}

impl Rotation {
    /// What a stream's display matrix says: nine 32-bit numbers, of which the first two and the
    /// fourth and fifth rotate (16.16 fixed point).
    pub(super) fn from_stream(stream: &Stream<'_>) -> Self {
        stream
            .side_data()
            .find(|data| data.kind() == Type::DisplayMatrix)
            .map_or(Self::None, |data| Self::from_matrix(data.data()))
    }

    fn from_matrix(bytes: &[u8]) -> Self {
        let (numbers, _) = bytes.as_chunks::<4>();
        let at = |index: usize| {
            numbers
                .get(index)
                .map_or(0, |&bytes| i32::from_ne_bytes(bytes))
        };
        match (
            at(0).signum(),
            at(1).signum(),
            at(3).signum(),
            at(4).signum(),
        ) {
            (0, 1, -1, 0) => Self::Right,
            (-1, 0, 0, -1) => Self::Half,
            (0, -1, 1, 0) => Self::Left,
            _ => Self::None,
        }
    }

    /// Width and height after rotating; also before, given those after.
    pub(super) fn rotated_size<T>(self, width: T, height: T) -> (T, T) {
        match self {
            Self::None | Self::Half => (width, height),
            Self::Right | Self::Left => (height, width),
        }
    }

    /// Rotates a picture of three bytes a pixel.
    pub(super) fn rotate(self, rgb: Vec<u8>, width: usize, height: usize) -> Vec<u8> {
        if self == Self::None {
            return rgb;
        }
        let (pixels, _) = rgb.as_chunks::<3>();
        let (new_width, new_height) = self.rotated_size(width, height);
        let mut rotated = Vec::with_capacity(rgb.len());
        for y in 0..new_height {
            for x in 0..new_width {
                let (from_x, from_y) = match self {
                    Self::None => (x, y),
                    Self::Right => (y, height - 1 - x),
                    Self::Half => (width - 1 - x, height - 1 - y),
                    Self::Left => (width - 1 - y, x),
                };
                rotated.extend(pixels[from_y * width + from_x]);
            }
        }
        rotated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 3x2, pixels named by their first byte: 1 2 3 over 4 5 6.
    fn rotated(rotation: Rotation) -> Vec<u8> {
        let picture: Vec<u8> = (1..=6).flat_map(|name| [name, 0, 0]).collect();
        let rotated = rotation.rotate(picture, 3, 2);
        rotated.into_iter().step_by(3).collect()
    }

    #[test]
    fn pictures_rotate_clockwise() {
        assert_eq!(rotated(Rotation::None), [1, 2, 3, 4, 5, 6]);
        assert_eq!(rotated(Rotation::Right), [4, 1, 5, 2, 6, 3]);
        assert_eq!(rotated(Rotation::Half), [6, 5, 4, 3, 2, 1]);
        assert_eq!(rotated(Rotation::Left), [3, 6, 2, 5, 1, 4]);
    }

    #[test]
    fn a_matrix_that_is_too_short_rotates_nothing() {
        assert_eq!(Rotation::from_matrix(&[0, 0, 1]), Rotation::None);
    }
}
