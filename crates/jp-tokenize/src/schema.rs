use std::borrow::Cow;

/// What the columns of a dictionary's features mean, beyond the four of the part of speech, which
/// all share.
///
/// IPADIC's entries have at most nine columns (part of speech, inflection type and form, base form,
/// reading, pronunciation); UniDic's have 17 in version 2.1.2 and 26 to 29 in the others, of which
/// the lemma's reading, the lemma, the spelling, its pronunciation and the base form of the
/// spelling come after the inflection. So the number of columns tells them apart; entries for
/// unknown words have six or seven and neither base form nor reading.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Schema {
    /// IPADIC, and NEologd, which is made like it.
    Ipadic,
    /// UniDic.
    UniDic,
}

/// Columns of IPADIC's known words; user lexicons may leave the last ones out.
const IPADIC_COLUMNS: usize = 9;
/// The column of the base form in IPADIC and in UniDic.
const BASE_FORM: [usize; 2] = [6, 10];

impl Schema {
    /// The schema of an entry's features, from the number of their columns.
    pub(crate) fn of(features: &str) -> Self {
        if columns(features).nth(IPADIC_COLUMNS).is_some() {
            Self::UniDic
        } else {
            Self::Ipadic
        }
    }

    /// The base form: 走る for 走っ. IPADIC's 原形; UniDic's `orthBase`, which keeps the spelling,
    /// rather than the lemma.
    pub(crate) fn base_form(self, features: &str) -> Option<Cow<'_, str>> {
        self.column(features, BASE_FORM)
    }

    /// The column of the base form as it stands there.
    pub(crate) fn base_form_column(self, features: &str) -> Option<&str> {
        self.raw_column(features, BASE_FORM)
    }

    /// The reading in katakana: ハシッ for 走っ. IPADIC's 読み; UniDic's `pron`, which writes long
    /// vowels as ー.
    pub(crate) fn reading(self, features: &str) -> Option<Cow<'_, str>> {
        self.column(features, [7, 9])
    }

    fn column(self, features: &str, places: [usize; 2]) -> Option<Cow<'_, str>> {
        self.raw_column(features, places).map(unquote)
    }

    fn raw_column(self, features: &str, [ipadic, unidic]: [usize; 2]) -> Option<&str> {
        let place = match self {
            Self::Ipadic => ipadic,
            Self::UniDic => unidic,
        };
        columns(features)
            .nth(place)
            .filter(|column| !matches!(*column, "*" | ""))
    }
}

/// The columns as they stand there: a comma within quotation marks separates none.
pub(crate) fn columns(features: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    features.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
}

fn unquote(column: &str) -> Cow<'_, str> {
    match column
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(inner) => Cow::Owned(inner.replace("\"\"", "\"")),
        None => Cow::Borrowed(column),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_forms_and_readings_are_found() {
        for (features, base, reading) in [
            (
                "動詞,自立,*,*,五段・ラ行,連用タ接続,走る,ハシッ,ハシッ",
                Some("走る"),
                Some("ハシッ"),
            ),
            ("名詞,一般,*,*,*,*,*", None, None),
            ("名詞,一般", None, None),
            ("", None, None),
            (
                "名詞,普通名詞,一般,*,*,*,ココア,ココア-cocoa,ココア,ココア,ココア,ココア,外,*,*,*,*",
                Some("ココア"),
                Some("ココア"),
            ),
            (
                "名詞,数,*,*,*,*,\"1,\"\"000\",セン,セン",
                Some("1,\"000"),
                Some("セン"),
            ),
        ] {
            let schema = Schema::of(features);
            assert_eq!(schema.base_form(features).as_deref(), base, "{features}");
            assert_eq!(schema.reading(features).as_deref(), reading, "{features}");
        }
    }
}
