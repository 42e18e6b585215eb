//! What a dictionary's own words say of words that are added to it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::layout::Word;
use crate::schema::{Schema, columns};

/// Columns of a part of speech with the inflection's type and form.
const PART_OF_SPEECH: usize = 6;

/// The ids and costs of a dictionary's words, by part of speech and inflection.
#[derive(Default)]
pub(super) struct KnownWords<'a> {
    groups: HashMap<Vec<&'a str>, BTreeMap<(u16, u16), Group<'a>>>,
}

/// The words of one part of speech that have the same ids.
#[derive(Default)]
struct Group<'a> {
    base_forms: HashSet<&'a str>,
    costs: Vec<i16>,
}

/// Left id, right id and cost of a word.
pub(super) type Parameters = (u16, u16, i16);

impl<'a> KnownWords<'a> {
    pub(super) fn new(words: &[Word<'a>]) -> Self {
        let mut groups: HashMap<_, BTreeMap<_, Group<'a>>> = HashMap::new();
        for word in words {
            let groups = groups.entry(part_of_speech(word.features)).or_default();
            let group = groups.entry(word.ids).or_default();
            group.base_forms.extend(base_form(word.features));
            group.costs.push(word.cost);
        }
        Self { groups }
    }

    /// The ids that MeCab gives a word of these features, and the median cost of the words that
    /// have them.
    ///
    /// MeCab derives ids from part of speech, inflection and, for some words such as particles, the
    /// base form, by the rules of `rewrite.def`. Words of the dictionary got theirs by the same
    /// rules: those of the same base form tell them, and for another base form those of most.
    pub(super) fn parameters(&self, features: &str) -> Result<Parameters, String> {
        let key = part_of_speech(features);
        let Some(groups) = self.groups.get(&key) else {
            let key = key.join(",");
            return Err(format!(
                "no word of the dictionary is {key}, so its ids and cost are not known"
            ));
        };
        let base_form = base_form(features);
        let has_base_form =
            |group: &Group<'_>| base_form.is_some_and(|base| group.base_forms.contains(base));
        let num_base_forms: usize = groups.values().map(|group| group.base_forms.len()).sum();
        let is_listed = groups.values().any(has_base_form);
        let fits = |group: &Group<'_>| match (groups.len(), is_listed) {
            (1, _) => true,
            (_, true) => has_base_form(group),
            (_, false) => 2 * group.base_forms.len() > num_base_forms,
        };
        let mut found = groups.iter().filter(|(_, group)| fits(group));
        let (Some((&(left, right), group)), None) = (found.next(), found.next()) else {
            return Err(format!(
                "the dictionary's words that are {} have {} different pairs of ids, \
                 and it is not known which of them are this word's",
                key.join(","),
                groups.len()
            ));
        };
        Ok((left, right, median(&group.costs)))
    }
}

fn part_of_speech(features: &str) -> Vec<&str> {
    let given = columns(features).take(PART_OF_SPEECH);
    let given = given.map(|column| if column.is_empty() { "*" } else { column });
    given
        .chain(std::iter::repeat("*"))
        .take(PART_OF_SPEECH)
        .collect()
}

/// The base form as it stands there.
fn base_form(features: &str) -> Option<&str> {
    Schema::of(features).base_form_column(features)
}

fn median(costs: &[i16]) -> i16 {
    let mut costs = costs.to_vec();
    let middle = costs.len() / 2;
    *costs.select_nth_unstable(middle).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(features: &str, ids: (u16, u16), cost: i16) -> Word<'_> {
        Word {
            features,
            ids,
            cost,
        }
    }

    #[test]
    fn ids_are_those_of_the_part_of_speech_or_of_the_base_form() {
        let words = [
            word("名詞,一般,*,*,*,*,草,クサ,クサ", (5, 6), 100),
            word("名詞,一般,*,*,*,*,木,キ,キ", (5, 6), 300),
            word("名詞,一般,*,*,*,*,花,ハナ,ハナ", (5, 6), 7000),
            word("助詞,格助詞,*,*,*,*,が,ガ,ガ", (1, 1), 10),
            word("助詞,格助詞,*,*,*,*,を,ヲ,ヲ", (2, 2), 20),
            word("動詞,非自立,*,*,一段,基本形,いる,イル,イル", (7, 7), 1),
            word("動詞,非自立,*,*,一段,基本形,みる,ミル,ミル", (8, 8), 2),
            word(
                "動詞,非自立,*,*,一段,基本形,かける,カケル,カケル",
                (8, 8),
                3,
            ),
        ];
        let known = KnownWords::new(&words);
        for (features, expected) in [
            ("名詞,一般,*,*,*,*,わこつ", (5, 6, 300)),
            ("名詞,一般", (5, 6, 300)),
            ("名詞,一般,,,,", (5, 6, 300)),
            ("助詞,格助詞,*,*,*,*,を,ヲ,ヲ", (2, 2, 20)),
            ("動詞,非自立,*,*,一段,基本形,いる,イル,イル", (7, 7, 1)),
            ("動詞,非自立,*,*,一段,基本形,ぬる,ヌル,ヌル", (8, 8, 3)),
        ] {
            assert_eq!(known.parameters(features), Ok(expected), "{features}");
        }
        for (features, reason) in [
            (
                "名詞,固有名詞",
                "no word of the dictionary is 名詞,固有名詞,*,*,*,*,",
            ),
            ("", "no word of the dictionary is *,*,*,*,*,*"),
            ("助詞,格助詞,*,*,*,*,ゑ", "have 2 different pairs of ids"),
        ] {
            let error = known.parameters(features).unwrap_err();
            assert!(error.contains(reason), "{features}: {error}");
        }
    }
}
