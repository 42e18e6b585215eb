//! Turning frames as the container asks.

use video_rs::ffmpeg::codec::packet::side_data::Type;
use video_rs::ffmpeg::format::stream::Stream;

/// By how much frames are turned clockwise before they are shown. Phones write such flags; other
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
    /// fourth and fifth turn (16.16 fixed point).
    pub(super) fn of(stream: &Stream<'_>) -> Self {
        stream
            .side_data()
            .find(|data| data.kind() == Type::DisplayMatrix)
            .map_or(Self::None, |data| Self::of_matrix(data.data()))
    }

    fn of_matrix(bytes: &[u8]) -> Self {
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

    /// Width and height after turning; also before, given those after.
    pub(super) fn turned<T>(self, width: T, height: T) -> (T, T) {
        match self {
            Self::None | Self::Half => (width, height),
            Self::Right | Self::Left => (height, width),
        }
    }

    /// Turns a picture of three bytes a pixel.
    pub(super) fn turn(self, rgb: Vec<u8>, width: usize, height: usize) -> Vec<u8> {
        if self == Self::None {
            return rgb;
        }
        let (pixels, _) = rgb.as_chunks::<3>();
        let (new_width, new_height) = self.turned(width, height);
        let mut turned = Vec::with_capacity(rgb.len());
        for y in 0..new_height {
            for x in 0..new_width {
                let (from_x, from_y) = match self {
                    Self::None => (x, y),
                    Self::Right => (y, height - 1 - x),
                    Self::Half => (width - 1 - x, height - 1 - y),
                    Self::Left => (width - 1 - y, x),
                };
                turned.extend(pixels[from_y * width + from_x]);
            }
        }
        turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 3x2, pixels named by their first byte: 1 2 3 over 4 5 6.
    fn turned(rotation: Rotation) -> Vec<u8> {
        let picture: Vec<u8> = (1..=6).flat_map(|name| [name, 0, 0]).collect();
        let turned = rotation.turn(picture, 3, 2);
        turned.into_iter().step_by(3).collect()
    }

    #[test]
    fn pictures_turn_clockwise() {
        assert_eq!(turned(Rotation::None), [1, 2, 3, 4, 5, 6]);
        assert_eq!(turned(Rotation::Right), [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(Rotation::Half), [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(Rotation::Left), [3, 6, 2, 5, 1, 4]);
    }

    #[test]
    fn a_matrix_that_is_too_short_turns_nothing() {
        assert_eq!(Rotation::of_matrix(&[0, 0, 1]), Rotation::None);
    }
}
