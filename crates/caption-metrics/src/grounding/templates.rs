use std::collections::HashMap;

use super::ground_truth::GroundTruth;
use crate::pairs::Pairs;

/// Template of the swap test: a comment with a place for a name.
///
/// ```
/// use caption_metrics::{Pairs, GroundTruth, NameTemplate};
///
/// let mut truth = GroundTruth::new(1);
/// truth.add_character("ruri", [9]);
/// truth.add_character("mint", [8]);
/// let mut train = Pairs::new(30);
/// train.push(0, &[5, 9, 6, 7]);
/// train.push(0, &[5, 8, 6, 7]);
/// train.push(0, &[9, 6]); // one word follows: no map that writes a word would know the name
/// let templates = NameTemplate::most_frequent(&train, &truth, 10);
/// assert_eq!(templates.len(), 1);
/// assert_eq!(templates[0].with(8), [5, 8, 6, 7]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTemplate {
    words: Vec<u32>,
    name_at: usize,
    said: usize,
}

impl NameTemplate {
    /// The most frequent ones of `pairs` among comments with exactly one name and at least two
    /// words after it.
    #[must_use]
    pub fn most_frequent(pairs: &Pairs, truth: &GroundTruth, count: usize) -> Vec<Self> {
        let mut said: HashMap<(Vec<u32>, usize), usize> = HashMap::new();
        for pair in pairs.iter() {
            let mut names = pair
                .words
                .iter()
                .enumerate()
                .filter(|&(_, &word)| truth.character_of(word).is_some());
            let (Some((name_at, _)), None) = (names.next(), names.next()) else {
                continue;
            };
            if name_at + 2 < pair.words.len() {
                let mut words = pair.words.to_vec();
                words[name_at] = 0;
                *said.entry((words, name_at)).or_default() += 1;
            }
        }
        let mut templates: Vec<Self> = said
            .into_iter()
            .map(|((words, name_at), said)| Self {
                words,
                name_at,
                said,
            })
            .collect();
        templates.sort_by(|a, b| b.said.cmp(&a.said).then_with(|| a.words.cmp(&b.words)));
        templates.truncate(count);
        templates
    }

    /// The comment with this name.
    #[must_use]
    pub fn with(&self, name: u32) -> Vec<u32> {
        let mut words = self.words.clone();
        words[self.name_at] = name;
        words
    }

    /// Which word the name is, from 0.
    #[must_use]
    pub fn name_at(&self) -> usize {
        self.name_at
    }
}
