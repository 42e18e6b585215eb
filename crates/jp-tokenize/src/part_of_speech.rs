use std::fmt;

/// How many leading dictionary features are the part of speech, in IPADIC and in UniDic.
const LEVELS: usize = 4;

/// A part of speech, from coarse to fine: `名詞,固有名詞,人名,名`.
///
/// It is the first four features of a dictionary's entry without the trailing `*`s that mean "no
/// finer kind". The names are the dictionary's own; the questions below know those of IPADIC and of
/// UniDic.
///
/// ```
/// use jp_tokenize::PartOfSpeech;
///
/// let features = "名詞,固有名詞,人名,名,*,*,ココア,ココア,ココア";
/// let part_of_speech = PartOfSpeech::parse(features);
/// assert_eq!(part_of_speech.as_str(), "名詞,固有名詞,人名,名");
/// assert_eq!(part_of_speech.levels().next(), Some("名詞"));
/// assert!(part_of_speech.is_noun() && part_of_speech.is_proper_noun());
/// assert!(PartOfSpeech::parse("記号,空白,*,*,*,*,　,　,　").is_symbol());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PartOfSpeech<'a>(&'a str);

impl<'a> PartOfSpeech<'a> {
    /// The part of speech of a word that no dictionary described: `*`.
    pub const UNKNOWN: PartOfSpeech<'static> = PartOfSpeech("*");

    /// Parses the part of speech of a dictionary entry's features, or its own
    /// [`as_str`](Self::as_str).
    #[must_use]
    pub fn parse(features: &'a str) -> Self {
        let bytes = features.bytes().enumerate();
        let mut commas = bytes.filter(|&(_, byte)| byte == b',');
        let end = commas.nth(LEVELS - 1).map_or(features.len(), |(at, _)| at);
        let mut levels = &features[..end];
        while let Some(coarser) = levels.strip_suffix(",*") {
            levels = coarser;
        }
        if levels.is_empty() {
            Self::UNKNOWN
        } else {
            Self(levels)
        }
    }

    /// The levels joined by commas.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// The levels from coarse to fine, one at least.
    pub fn levels(self) -> impl Iterator<Item = &'a str> {
        self.0.split(',')
    }

    /// Whether its first level is `level`.
    #[must_use]
    pub fn is(self, level: &str) -> bool {
        self.first() == level
    }

    /// A noun: 名詞, or UniDic's pronoun 代名詞, which IPADIC counts among the nouns.
    #[must_use]
    pub fn is_noun(self) -> bool {
        matches!(self.first(), "名詞" | "代名詞")
    }

    /// A proper noun: 名詞,固有名詞.
    #[must_use]
    pub fn is_proper_noun(self) -> bool {
        self.is("名詞") && self.levels().nth(1) == Some("固有名詞")
    }

    /// A name of a person: 名詞,固有名詞,人名.
    #[must_use]
    pub fn is_person_name(self) -> bool {
        self.is_proper_noun() && self.levels().nth(2) == Some("人名")
    }

    /// A symbol: IPADIC's 記号, among them the ideographic space U+3000; UniDic's 補助記号 and 空白
    /// too.
    #[must_use]
    pub fn is_symbol(self) -> bool {
        matches!(self.first(), "記号" | "補助記号" | "空白")
    }

    /// A verb: 動詞.
    #[must_use]
    pub fn is_verb(self) -> bool {
        self.is("動詞")
    }

    /// An adjective: 形容詞.
    #[must_use]
    pub fn is_adjective(self) -> bool {
        self.is("形容詞")
    }

    /// A particle: 助詞.
    #[must_use]
    pub fn is_particle(self) -> bool {
        self.is("助詞")
    }

    /// An auxiliary verb: 助動詞.
    #[must_use]
    pub fn is_auxiliary_verb(self) -> bool {
        self.is("助動詞")
    }

    /// An interjection: 感動詞, and the filler フィラー.
    #[must_use]
    pub fn is_interjection(self) -> bool {
        matches!(self.first(), "感動詞" | "フィラー")
    }

    fn first(self) -> &'a str {
        self.0.split(',').next().unwrap_or("*")
    }
}

impl fmt::Display for PartOfSpeech<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_keeps_at_most_four_levels_and_no_trailing_stars() {
        for (features, expected) in [
            ("名詞,サ変接続,*,*,*,*,*", "名詞,サ変接続"),
            ("助詞,係助詞,*,*,*,*,は,ハ,ワ", "助詞,係助詞"),
            (
                "名詞,固有名詞,地域,一般,*,*,東京,トウキョウ,トーキョー",
                "名詞,固有名詞,地域,一般",
            ),
            ("名詞", "名詞"),
            ("*,*,*,*", "*"),
            ("*", "*"),
            ("", "*"),
        ] {
            assert_eq!(
                PartOfSpeech::parse(features).as_str(),
                expected,
                "{features}"
            );
        }
    }

    #[test]
    fn parsing_what_was_parsed_changes_nothing() {
        let part_of_speech = PartOfSpeech::parse("名詞,固有名詞,人名,名,*,*,x");
        assert_eq!(PartOfSpeech::parse(part_of_speech.as_str()), part_of_speech);
    }
}
