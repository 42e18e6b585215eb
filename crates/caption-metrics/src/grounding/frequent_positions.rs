use super::ground_truth::GroundTruth;
use crate::pairs::Pairs;

/// The grid of places, as fine as conv5_3 of a 224-pixel picture.
const SIDE: usize = 14;

/// Location prior, the pointing game's strongest baseline that does not look: for each character
/// the place that lay in its box most often when it was named in train.
///
/// ```
/// use caption_metrics::{Pairs, GroundTruth, BoundingBox, FrequentPositions};
///
/// let mut truth = GroundTruth::new(1);
/// let ruri = truth.add_character("ruri", [9]);
/// truth.add_box(0, ruri, BoundingBox { left: 0.5, top: 0.5, right: 1.0, bottom: 1.0 });
/// let mut train = Pairs::new(30);
/// train.push(0, &[9]);
/// let [x, y] = FrequentPositions::fit(&train, &truth).get(ruri).expect("was named");
/// assert!(x > 0.5 && y > 0.5);
/// ```
#[derive(Clone, Debug)]
pub struct FrequentPositions(Vec<Option<[f64; 2]>>);

impl FrequentPositions {
    /// Counts where those are who are named in `train`. Of equally frequent places it takes the one
    /// nearest to all others of them.
    #[must_use]
    pub fn fit(train: &Pairs, truth: &GroundTruth) -> Self {
        let mut counts = vec![[0u32; SIDE * SIDE]; truth.len()];
        for pair in train.iter() {
            for character in pair
                .words
                .iter()
                .filter_map(|&word| truth.character_of(word))
            {
                let Some(region) = truth.bounding_box(pair.row, character) else {
                    continue;
                };
                for (cell, count) in counts[character].iter_mut().enumerate() {
                    *count += u32::from(region.contains(middle(cell)));
                }
            }
        }
        Self(counts.iter().map(|counts| most_frequent(counts)).collect())
    }

    /// The place of a character, from the left and from the top; `None` if it was never named in
    /// view.
    #[must_use]
    pub fn get(&self, character: usize) -> Option<[f64; 2]> {
        self.0.get(character).copied().flatten()
    }
}

/// The cell nearest to the mean of the most frequent ones, among them.
fn most_frequent(counts: &[u32]) -> Option<[f64; 2]> {
    let most = counts.iter().copied().max().filter(|&most| most > 0)?;
    let places = || {
        (0..counts.len())
            .filter(|&cell| counts[cell] == most)
            .map(middle)
    };
    let number = places().count() as f64;
    let mean = places().fold([0.0; 2], |[x, y], [a, b]| [x + a / number, y + b / number]);
    let distance = |[x, y]: [f64; 2]| (x - mean[0]).powi(2) + (y - mean[1]).powi(2);
    places().min_by(|&a, &b| distance(a).total_cmp(&distance(b)))
}

/// The middle of a cell.
fn middle(cell: usize) -> [f64; 2] {
    let side = SIDE as f64;
    [
        ((cell % SIDE) as f64 + 0.5) / side,
        ((cell / SIDE) as f64 + 0.5) / side,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grounding::bounding_box::BoundingBox;

    /// Named twice on the left and once on the right: the left wins, at the middle of what both
    /// boxes there share.
    #[test]
    fn usual_place_is_where_most_boxes_overlap() {
        let mut truth = GroundTruth::new(3);
        let who = truth.add_character("who", [5]);
        let region = |left, right| BoundingBox {
            left,
            top: 0.0,
            right,
            bottom: 1.0,
        };
        truth.add_box(0, who, region(0.0, 0.4));
        truth.add_box(1, who, region(0.2, 0.6));
        truth.add_box(2, who, region(0.7, 1.0));
        let mut train = Pairs::new(9);
        for row in 0..3 {
            train.push(row, &[5, 6]);
        }
        let [x, y] = FrequentPositions::fit(&train, &truth).get(who).unwrap();
        assert!(
            (0.2..0.4).contains(&x) && (0.4..0.6).contains(&y),
            "{x} {y}"
        );
        let nobody = FrequentPositions::fit(&Pairs::new(9), &truth);
        assert!(nobody.get(who).is_none());
    }
}
