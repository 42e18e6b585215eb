use super::{
    attention_map::{AttentionMap, CENTRE},
    bounding_box::BoundingBox,
    frequent_positions::FrequentPositions,
    ground_truth::GroundTruth,
    name_map::NameMap,
};

/// Score of one map: whether and how much it looks at the character who is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MapScore {
    /// Whether the map's peak lies in the character's box.
    pub(crate) hit: bool,
    /// The share of the map in the box.
    pub(crate) mass: f64,
}

impl MapScore {
    fn at(region: &BoundingBox, map: &[f32], grid: Option<[usize; 2]>) -> Option<Self> {
        let map = match grid {
            None => AttentionMap::new(map),
            Some([rows, columns]) => AttentionMap::with_grid(map, rows, columns),
        }?;
        Some(Self {
            hit: region.contains(map.peak()),
            mass: map.mass_in(region),
        })
    }
}

/// Attention at a name in a comment whose character is in view: what the pointing game counts.
///
/// ```
/// use caption_metrics::{
///     BoundingBox, FrequentPositions, GroundTruth, Mention, MentionMaps, NamePosition, Pairs,
///     pointing,
/// };
///
/// let mut truth = GroundTruth::new(1);
/// let ruri = truth.add_character("ruri", [9]);
/// truth.add_box(0, ruri, BoundingBox { left: 0.5, top: 0.0, right: 1.0, bottom: 1.0 });
/// let usual = FrequentPositions::fit(&Pairs::new(30), &truth);
/// let named = NamePosition { row: 0, character: ruri, position: 0 };
/// // Four locations; the map that writes the name looks at the upper right one.
/// let maps = MentionMaps {
///     maps: [Some(&[0.1, 0.7, 0.1, 0.1]), None, None],
///     ..MentionMaps::default()
/// };
/// let mention = Mention::new(named, maps, &truth, &usual).expect("she is in view");
/// let score = &pointing([&mention], &truth, 1)[ruri];
/// assert_eq!((score.before.pointing.value, score.area), (1.0, 0.5)); // beside the box's share
/// ```
#[derive(Clone, Debug)]
pub struct Mention {
    pub(crate) character: usize,
    pub(crate) group: usize,
    pub(crate) position: usize,
    pub(crate) in_view: usize,
    pub(crate) scores: [Option<MapScore>; 3],
    /// By the posterior of the locations, where the name is the first word.
    pub(crate) posterior: Option<MapScore>,
    /// The box's share of the picture.
    pub(crate) area: f64,
    pub(crate) centre: bool,
    pub(crate) usual: bool,
}

/// Where a name stands: in which row's comment, whose name it is, and at which word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamePosition {
    /// Row of the frame.
    pub row: usize,
    /// Number of the character in the [`GroundTruth`].
    pub character: usize,
    /// Which word of the comment the name is, from 0.
    pub position: usize,
}

/// Attention maps that belong to a name in a comment, one weight a location; those that are missing
/// count for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MentionMaps<'a> {
    /// The maps in the order of [`NameMap::ALL`].
    pub maps: [Option<&'a [f32]>; NameMap::ALL.len()],
    /// The posterior of the locations given the name, where it is the first word.
    pub posterior: Option<&'a [f32]>,
    /// Rows and columns of the maps; squares if it is missing.
    pub grid: Option<[usize; 2]>,
}

impl Mention {
    /// A mention with its attention maps; `None` if the character is out of view.
    #[must_use]
    pub fn new(
        named: NamePosition,
        maps: MentionMaps<'_>,
        truth: &GroundTruth,
        usual: &FrequentPositions,
    ) -> Option<Self> {
        let region = truth.bounding_box(named.row, named.character)?;
        let score = |map: Option<&[f32]>| MapScore::at(region, map?, maps.grid);
        Some(Self {
            character: named.character,
            group: truth.group(named.row),
            position: named.position,
            in_view: truth.in_view(named.row).count(),
            scores: maps.maps.map(score),
            posterior: score(maps.posterior),
            area: region.area(),
            centre: region.contains(CENTRE),
            usual: (usual.get(named.character)).is_some_and(|place| region.contains(place)),
        })
    }

    /// Which word of the comment the name is, from 0. The map that writes it has read the words up
    /// to two before it, so from 2 on it can know who is meant.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// Number of characters in view, the named one among them: where it is 1, any figure is the
    /// right one.
    #[must_use]
    pub fn in_view(&self) -> usize {
        self.in_view
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A in the right half, B beside her; she was named there in train. The map before
    /// the name looks left, the one after it right, the posterior at both alike.
    #[test]
    fn mention_of_known_maps() {
        let mut truth = GroundTruth::new(2);
        let (a, b) = (truth.add_character("a", [4]), truth.add_character("b", [5]));
        let half = |left| BoundingBox {
            left,
            top: 0.0,
            right: left + 0.5,
            bottom: 1.0,
        };
        truth.add_box(0, a, half(0.5));
        truth.add_box(0, b, half(0.0));
        truth.set_group(0, 7);
        let mut train = crate::pairs::Pairs::new(9);
        train.push(0, &[4]);
        let usual = FrequentPositions::fit(&train, &truth);
        let named = |row| NamePosition {
            row,
            character: a,
            position: 2,
        };
        let maps = MentionMaps {
            maps: [
                Some(&[0.7, 0.1, 0.1, 0.1]),
                None,
                Some(&[0.0, 0.0, 0.25, 0.75]),
            ],
            posterior: Some(&[0.25; 4]),
            grid: None,
        };
        let mention = Mention::new(named(0), maps, &truth, &usual).unwrap();
        let [before, at, after] = mention.scores;
        assert!(!before.unwrap().hit && (before.unwrap().mass - 0.2).abs() < 1e-6);
        assert_eq!(at, None);
        let right = MapScore {
            hit: true,
            mass: 0.75,
        };
        assert_eq!(after, Some(right));
        assert_eq!(mention.posterior.unwrap().mass, 0.5);
        assert_eq!((mention.position(), mention.in_view()), (2, 2));
        assert_eq!((mention.group, mention.area), (7, 0.5));
        assert!(mention.usual && mention.centre); // a box has its left edge, and so the centre
        assert!(Mention::new(named(1), maps, &truth, &usual).is_none()); // out of view
    }

    /// Three weights fill no square: there is no map to look with.
    #[test]
    fn a_map_that_is_no_square_is_missing() {
        let mut truth = GroundTruth::new(1);
        truth.add_character("a", [4]);
        let whole = BoundingBox {
            left: 0.0,
            top: 0.0,
            right: 1.0,
            bottom: 1.0,
        };
        truth.add_box(0, 0, whole);
        let usual = FrequentPositions::fit(&crate::pairs::Pairs::new(9), &truth);
        let named = NamePosition {
            row: 0,
            character: 0,
            position: 0,
        };
        let maps = MentionMaps {
            posterior: Some(&[0.5, 0.25, 0.25]),
            ..MentionMaps::default()
        };
        let mention = Mention::new(named, maps, &truth, &usual).unwrap();
        assert_eq!((mention.posterior, mention.usual), (None, false));
    }
}
