use super::{
    baselines::UsualPlaces,
    map::{AttentionMap, CENTRE},
    name_step::NameStep,
    region::Region,
    truth::GroundTruth,
};

/// Where one map looked, seen from the character who is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Look {
    /// Whether the map's peak lies in the character's box.
    pub(crate) hit: bool,
    /// The share of the map in the box.
    pub(crate) mass: f64,
}

impl Look {
    fn at(region: &Region, map: &[f32]) -> Option<Self> {
        let map = AttentionMap::new(map)?;
        Some(Self {
            hit: region.contains(map.peak()),
            mass: map.mass_in(region),
        })
    }
}

/// A name that stands in a comment while its character is in view, and where the model looked.
///
/// ```
/// use caption_metrics::{GroundTruth, Mention, NamedAt, Pairs, Region, UsualPlaces, pointing};
///
/// let mut truth = GroundTruth::new(1);
/// let ruri = truth.add_character("ruri", [9]);
/// truth.place(0, ruri, Region { left: 0.5, top: 0.0, right: 1.0, bottom: 1.0 });
/// let usual = UsualPlaces::fit(&Pairs::new(30), &truth);
/// let named = NamedAt { row: 0, character: ruri, position: 0 };
/// // Four locations; the map that writes the name looks at the upper right one.
/// let looks = [Some(&[0.1, 0.7, 0.1, 0.1][..]), None, None];
/// let mention = Mention::new(named, looks, None, &truth, &usual).expect("she is in view");
/// assert_eq!(pointing([&mention], &truth, 1)[ruri].naming.pointing.value, 1.0);
/// ```
#[derive(Clone, Debug)]
pub struct Mention {
    pub(crate) character: usize,
    pub(crate) group: usize,
    pub(crate) position: usize,
    pub(crate) in_view: usize,
    pub(crate) looks: [Option<Look>; 3],
    /// By the posterior of the locations, where the name is the first word.
    pub(crate) posterior: Option<Look>,
    /// The box's share of the picture.
    pub(crate) area: f64,
    pub(crate) centre: bool,
    pub(crate) usual: bool,
}

/// Where a name stands: in which comment's frame, whose name it is, and at which word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedAt {
    /// Row of the frame.
    pub row: usize,
    /// Number of the character in the [`GroundTruth`].
    pub character: usize,
    /// Which word of the comment the name is, from 0.
    pub position: usize,
}

impl Mention {
    /// A mention with its attention maps, one weight a location: `maps` in the order of
    /// [`NameStep::ALL`], and the `posterior` map given the name, where there is one. `None` if the
    /// character is out of view.
    pub fn new(
        named: NamedAt,
        maps: [Option<&[f32]>; NameStep::ALL.len()],
        posterior: Option<&[f32]>,
        truth: &GroundTruth,
        usual: &UsualPlaces,
    ) -> Option<Self> {
        let region = truth.region(named.row, named.character)?;
        let look = |map: Option<&[f32]>| Look::at(region, map?);
        Some(Self {
            character: named.character,
            group: truth.group(named.row),
            position: named.position,
            in_view: truth.in_view(named.row).count(),
            looks: maps.map(look),
            posterior: look(posterior),
            area: region.area(),
            centre: region.contains(CENTRE),
            usual: (usual.of(named.character)).is_some_and(|place| region.contains(place)),
        })
    }

    /// Which word of the comment the name is, from 0. The map that writes it has read the words up to two before it, so from 2 on it can
    /// know who is meant.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Number of characters in view, the named one among them: where it is 1, any figure is the right one.
    pub fn in_view(&self) -> usize {
        self.in_view
    }
}
