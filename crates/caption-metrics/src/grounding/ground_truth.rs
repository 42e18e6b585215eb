use super::bounding_box::BoundingBox;

/// Ground truth of the grounding scores: which character is where in which frame, and what comments
/// call them. Never used in training.
///
/// ```
/// use caption_metrics::{GroundTruth, BoundingBox};
///
/// let mut truth = GroundTruth::new(2); // two rows of features
/// let ruri = truth.add_character("ruri", [42, 57]); // the ids of her names
/// truth.add_box(1, ruri, BoundingBox { left: 0.0, top: 0.0, right: 0.5, bottom: 1.0 });
/// assert_eq!(truth.character_of(57), Some(ruri));
/// assert!(truth.bounding_box(0, ruri).is_none());
/// assert_eq!(truth.bounding_box(1, ruri).map(|region| region.area()), Some(0.5));
/// ```
#[derive(Clone, Debug, Default)]
pub struct GroundTruth {
    characters: Vec<Character>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Character {
    id: String,
    names: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
struct Row {
    group: usize,
    in_view: Vec<(usize, BoundingBox)>,
}

impl GroundTruth {
    /// Of so many rows of a feature store, with nobody in them yet. Every row is a group of its
    /// own.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        let row = |group| Row {
            group,
            in_view: Vec::new(),
        };
        Self {
            characters: Vec::new(),
            rows: (0..rows).map(row).collect(),
        }
    }

    /// Adds somebody who is called by these words; returns the number to speak of them by.
    pub fn add_character(&mut self, id: &str, names: impl IntoIterator<Item = u32>) -> usize {
        self.characters.push(Character {
            id: id.to_owned(),
            names: names.into_iter().collect(),
        });
        self.characters.len() - 1
    }

    /// Says where a character can be seen. Of several places in one row the first counts.
    ///
    /// # Panics
    ///
    /// Panics if there is no such row.
    pub fn add_box(&mut self, row: usize, character: usize, region: BoundingBox) {
        self.rows[row].in_view.push((character, region));
    }

    /// Says which rows show the same scene: intervals draw whole groups, since neighbouring frames
    /// are one picture.
    ///
    /// # Panics
    ///
    /// Panics if there is no such row.
    pub fn set_group(&mut self, row: usize, group: usize) {
        self.rows[row].group = group;
    }

    /// How many characters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.characters.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.characters.is_empty()
    }

    /// What a character is called in files.
    ///
    /// # Panics
    ///
    /// Panics if there is no such character.
    #[must_use]
    pub fn id(&self, character: usize) -> &str {
        &self.characters[character].id
    }

    /// The words a character is called by.
    ///
    /// # Panics
    ///
    /// Panics if there is no such character.
    #[must_use]
    pub fn names(&self, character: usize) -> &[u32] {
        &self.characters[character].names
    }

    /// Whose name a word is.
    #[must_use]
    pub fn character_of(&self, word: u32) -> Option<usize> {
        self.characters
            .iter()
            .position(|character| character.names.contains(&word))
    }

    /// Where a character is; `None` if out of view or if there is no such row.
    #[must_use]
    pub fn bounding_box(&self, row: usize, character: usize) -> Option<&BoundingBox> {
        self.in_view(row)
            .find_map(|(other, region)| (other == character).then_some(region))
    }

    /// Everybody in view, with their places.
    pub fn in_view(&self, row: usize) -> impl Iterator<Item = (usize, &BoundingBox)> {
        self.rows
            .get(row)
            .into_iter()
            .flat_map(|row| row.in_view.iter().map(|(who, region)| (*who, region)))
    }

    /// The group of a row.
    pub(crate) fn group(&self, row: usize) -> usize {
        self.rows.get(row).map_or(row, |row| row.group)
    }
}
