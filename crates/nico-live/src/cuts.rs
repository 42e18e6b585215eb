//! Cuts: pictures that differ much from those before them.

use frame_features::Picture;

/// Cells of a picture, across and down.
const CELLS: (usize, usize) = (16, 9);
/// Points that are looked at in a cell, on each side.
const POINTS: usize = 4;
/// Mean difference of cells, of 255, from which on it may be a cut.
const LEAST: f64 = 18.0;
/// How many times the usual difference it has to be.
const TIMES_USUAL: f64 = 3.0;

/// Finds cuts in pictures that come one after the other.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    last: Option<Vec<f64>>,
    /// Mean of the latest differences, each weighing a tenth.
    usual: f64,
}

impl Cuts {
    /// Whether the picture begins something new. The first one does not.
    pub(crate) fn is_cut(&mut self, picture: &Picture<'_>) -> bool {
        let cells = cells(picture);
        let Some(last) = self.last.replace(cells.clone()) else {
            return false;
        };
        let differences = cells.iter().zip(&last).map(|(a, b)| (a - b).abs());
        let difference = differences.sum::<f64>() / cells.len() as f64;
        let is_cut = difference >= LEAST && difference >= TIMES_USUAL * self.usual;
        // A cut is none of the usual.
        if !is_cut {
            self.usual += 0.1 * (difference - self.usual);
        }
        is_cut
    }

    /// Forgets the pictures so far.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Mean brightness in each cell and channel, 0 to 255, at a few points.
fn cells(picture: &Picture<'_>) -> Vec<f64> {
    let (width, height, rgb) = (picture.width(), picture.height(), picture.rgb());
    let mut cells = vec![0.0; CELLS.0 * CELLS.1 * 3];
    let (across, down) = (CELLS.0 * POINTS, CELLS.1 * POINTS);
    for row in 0..down {
        let y = (2 * row + 1) * height / (2 * down);
        for column in 0..across {
            let x = (2 * column + 1) * width / (2 * across);
            let cell = (row / POINTS * CELLS.0 + column / POINTS) * 3;
            let pixel = (y.min(height - 1) * width + x.min(width - 1)) * 3;
            for channel in 0..3 {
                cells[cell + channel] += f64::from(rgb[pixel + channel]);
            }
        }
    }
    let points = (POINTS * POINTS) as f64;
    cells.iter_mut().for_each(|cell| *cell /= points);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(shift: usize, light: u8) -> Vec<u8> {
        let pixel = |at: usize| {
            let (x, y) = (at % 64 + shift, at / 64);
            [
                u8::try_from(x * 3 % 200).unwrap(),
                u8::try_from(y * 5 % 200).unwrap(),
                light,
            ]
        };
        (0..64 * 36).flat_map(pixel).collect()
    }

    #[test]
    fn a_cut_is_found_and_a_pan_is_none() {
        let mut cuts = Cuts::default();
        let mut look = |shift, light| {
            let rgb = picture(shift, light);
            cuts.is_cut(&Picture::new(64, 36, &rgb).unwrap())
        };
        assert!(!look(0, 10));
        assert!((1..20).all(|shift| !look(shift, 10)));
        assert!(look(20, 240));
        assert!(!look(21, 240));
        cuts.clear();
        let tiny = [1, 2, 3];
        assert!(!cuts.is_cut(&Picture::new(1, 1, &tiny).unwrap()));
        assert!(cuts.is_cut(&Picture::new(1, 1, &[200, 200, 200]).unwrap()));
    }
}
