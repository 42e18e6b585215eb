//! Rotations that a file asks its player for.

use ffmpeg_next::{codec::packet::side_data, format};

use crate::draw::planes::Subsampling;

/// How far a picture must be turned, clockwise, to stand upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Rotation {
    #[default]
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

impl Rotation {
    /// What the stream's display matrix says, to the nearest quarter.
    pub(super) fn of(stream: &format::stream::Stream<'_>) -> Self {
        let matrix = stream
            .side_data()
            .find(|data| data.kind() == side_data::Type::DisplayMatrix);
        matrix.map_or(Self::None, |matrix| Self::of_matrix(matrix.data()))
    }

    /// The matrix is nine 16.16 numbers; its first column turns the x axis.
    fn of_matrix(bytes: &[u8]) -> Self {
        let number = |at: usize| {
            let bytes = bytes.get(at * 4..at * 4 + 4)?;
            Some(f64::from(i32::from_ne_bytes(bytes.try_into().ok()?)))
        };
        let (Some(a), Some(b)) = (number(0), number(1)) else {
            return Self::None;
        };
        let degrees = b.atan2(a).to_degrees().rem_euclid(360.0);
        if (45.0..135.0).contains(&degrees) {
            Self::Quarter
        } else if (135.0..225.0).contains(&degrees) {
            Self::Half
        } else if (225.0..315.0).contains(&degrees) {
            Self::ThreeQuarters
        } else {
            Self::None
        }
    }

    fn is_sideways(self) -> bool {
        matches!(self, Self::Quarter | Self::ThreeQuarters)
    }

    /// Whether pictures with so much chroma can be turned plane by plane: by a quarter, chroma that
    /// is halved in its columns alone would have to be halved in its rows.
    pub(super) fn turns(self, chroma: Subsampling) -> bool {
        let (across, down) = chroma.halves();
        !self.is_sideways() || across == down
    }

    /// Width and height after turning; the same function takes them back.
    pub(super) fn size<T>(self, (width, height): (T, T)) -> (T, T) {
        if self.is_sideways() {
            (height, width)
        } else {
            (width, height)
        }
    }
}

/// Size of a plane and samples from row to row.
#[derive(Clone, Copy)]
pub(super) struct Raster {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) stride: usize,
}

/// Copies a plane, turned; what the target has more is filled with the last row and column.
pub(super) fn copy_rotated<S: Copy + Default>(
    from: &[S],
    source: Raster,
    to: &mut [S],
    target: Raster,
    rotation: Rotation,
) {
    let (last_x, last_y) = (
        source.width.saturating_sub(1),
        source.height.saturating_sub(1),
    );
    for y in 0..target.height {
        let row = &mut to[y * target.stride..][..target.width];
        if rotation == Rotation::None {
            let start = y.min(last_y) * source.stride;
            let line = &from[start..start + source.width];
            let shared = row.len().min(line.len());
            row[..shared].copy_from_slice(&line[..shared]);
            let last = line.last().copied().unwrap_or_default();
            row[shared..].fill(last);
            continue;
        }
        for (x, pixel) in row.iter_mut().enumerate() {
            let (sx, sy) = match rotation {
                Rotation::None => (x, y),
                Rotation::Quarter => (y.min(last_x), last_y.saturating_sub(x)),
                Rotation::Half => (last_x.saturating_sub(x), last_y.saturating_sub(y)),
                Rotation::ThreeQuarters => (last_x.saturating_sub(y), x.min(last_y)),
            };
            *pixel = from[sy * source.stride + sx];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(a: i32, b: i32) -> Vec<u8> {
        [a, b, 0, -b, a, 0, 0, 0, 1 << 30]
            .iter()
            .flat_map(|n| n.to_ne_bytes())
            .collect()
    }

    #[test]
    fn display_matrices_are_quarter_turns() {
        let one = 1 << 16;
        assert_eq!(Rotation::of_matrix(&matrix(one, 0)), Rotation::None);
        assert_eq!(Rotation::of_matrix(&matrix(0, one)), Rotation::Quarter);
        assert_eq!(Rotation::of_matrix(&matrix(-one, 0)), Rotation::Half);
        assert_eq!(
            Rotation::of_matrix(&matrix(0, -one)),
            Rotation::ThreeQuarters
        );
        assert_eq!(Rotation::of_matrix(&[1, 2, 3]), Rotation::None);
    }

    #[test]
    fn planes_turn_where_both_sides_have_as_much_chroma() {
        use Subsampling::{Both, Horizontal, None};
        for rotation in [Rotation::None, Rotation::Half] {
            assert!([None, Horizontal, Both].iter().all(|&c| rotation.turns(c)));
        }
        for rotation in [Rotation::Quarter, Rotation::ThreeQuarters] {
            assert!(rotation.turns(None) && rotation.turns(Both));
            assert!(!rotation.turns(Horizontal));
        }
    }

    /// A plane of 3x2, turned clockwise by a quarter: the first column read upwards becomes the
    /// first row.
    #[test]
    fn planes_turn_clockwise() {
        let from = [1, 2, 3, 4, 5, 6];
        let source = Raster {
            width: 3,
            height: 2,
            stride: 3,
        };
        let turned = |rotation, width, height| {
            let mut to = vec![0; width * height];
            let target = Raster {
                width,
                height,
                stride: width,
            };
            copy_rotated(&from, source, &mut to, target, rotation);
            to
        };
        assert_eq!(turned(Rotation::Quarter, 2, 3), [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(Rotation::Half, 3, 2), [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(Rotation::ThreeQuarters, 2, 3), [3, 6, 2, 5, 1, 4]);
        assert_eq!(turned(Rotation::None, 4, 2), [1, 2, 3, 3, 4, 5, 6, 6]);
    }
}
