//! Characters that are set as they stand: their glyph and its advance are what the font's tables
//! say, and no rule of the font asks for anything else. The shaper, which would come to the same,
//! need not be called for them.

use rustybuzz::ttf_parser::gdef::{self, GlyphClass};
use rustybuzz::ttf_parser::gpos::PositioningSubtable;
use rustybuzz::ttf_parser::gsub::SubstitutionSubtable;
use rustybuzz::ttf_parser::opentype_layout::{Coverage, LayoutTable};
use rustybuzz::ttf_parser::{Face, GlyphId, PlatformId, Tag};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};

use super::bidi::is_right_to_left;
use super::emoji;
use super::shaped::Glyph;

/// Features that the shaper applies to text from left to right of a script without a shaping of its
/// own.
const FEATURES: [&[u8; 4]; 25] = [
    b"frac", b"numr", b"dnom", b"rand", b"rvrn", b"ltra", b"ltrm", b"Harf", b"HARF", b"Buzz",
    b"BUZZ", b"abvm", b"blwm", b"ccmp", b"locl", b"mark", b"mkmk", b"rlig", b"calt", b"clig",
    b"curs", b"dist", b"kern", b"liga", b"rclt",
];
/// Encoding of Windows' fonts of symbols, in which the shaper looks characters up in another way.
const SYMBOLS: u16 = 0;

/// Whether a character can be set without the shaper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Plain {
    /// It cannot.
    Shaped,
    /// Where no other follows in its token: there are rules for it with others.
    Last(Glyph),
    /// Wherever it stands beside others of this kind.
    Anywhere(Glyph),
    /// Wherever it stands, and there is nothing to be set.
    Nothing,
}

/// Which glyphs of a face the shaper's rules begin with, however they go on.
pub(super) struct Rules<'f> {
    /// Those for a glyph by itself.
    alone: Vec<Coverage<'f>>,
    /// Those for a glyph and others behind it.
    together: Vec<Coverage<'f>>,
    classes: Option<gdef::Table<'f>>,
}

/// When rules concern a glyph, or what begins with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ruled {
    Never,
    /// Where others stand behind it.
    WithOthers,
    /// Also where it stands by itself.
    Alone,
}

impl<'f> Rules<'f> {
    /// `None` if the face has rules of other kinds, or none that can be read.
    pub(super) fn of(face: &Face<'f>) -> Option<Self> {
        let tables = face.tables();
        let others = tables.kern.is_some()
            || tables.kerx.is_some()
            || tables.morx.is_some()
            || tables.trak.is_some();
        let varies = |table: Option<LayoutTable<'f>>| table.is_some_and(|t| t.variations.is_some());
        let symbols = tables.cmap?.subtables.into_iter().any(|subtable| {
            subtable.platform_id == PlatformId::Windows && subtable.encoding_id == SYMBOLS
        });
        if others || symbols || tables.hmtx.is_none() || varies(tables.gsub) || varies(tables.gpos)
        {
            return None;
        }
        let mut rules = Self {
            alone: Vec::new(),
            together: Vec::new(),
            classes: tables.gdef,
        };
        for (table, number) in applied(tables.gsub) {
            let lookup = table.lookups.get(number)?;
            let subtables = lookup.subtables.into_iter::<SubstitutionSubtable<'_>>();
            rules
                .alone
                .extend(subtables.map(|subtable| subtable.coverage()));
        }
        for (table, number) in applied(tables.gpos) {
            let lookup = table.lookups.get(number)?;
            for subtable in lookup.subtables.into_iter::<PositioningSubtable<'_>>() {
                let coverages = match subtable {
                    PositioningSubtable::Pair(_) => &mut rules.together,
                    _ => &mut rules.alone,
                };
                coverages.push(subtable.coverage());
            }
        }
        Some(rules)
    }

    pub(super) fn about(&self, glyph: GlyphId) -> Ruled {
        let covers = |coverages: &[Coverage<'f>]| coverages.iter().any(|one| one.contains(glyph));
        let class = self.classes.and_then(|classes| classes.glyph_class(glyph));
        if class == Some(GlyphClass::Mark) || covers(&self.alone) {
            Ruled::Alone
        } else if covers(&self.together) {
            Ruled::WithOthers
        } else {
            Ruled::Never
        }
    }
}

/// The lookups that the shaper may apply, whatever script and language it takes a text for.
fn applied(table: Option<LayoutTable<'_>>) -> Vec<(LayoutTable<'_>, u16)> {
    let Some(table) = table else {
        return Vec::new();
    };
    let languages = table.scripts.into_iter().flat_map(|script| {
        let others = script.languages.into_iter();
        others.chain(script.default_language)
    });
    let required = languages.filter_map(|language| language.required_feature);
    let required = required.filter_map(|number| table.features.get(number));
    let usual = table.features.into_iter().filter(|feature| {
        FEATURES
            .iter()
            .any(|tag| feature.tag == Tag::from_bytes(tag))
    });
    let lookups = required
        .chain(usual)
        .flat_map(|feature| feature.lookup_indices);
    let mut lookups: Vec<u16> = lookups.collect();
    lookups.sort_unstable();
    lookups.dedup();
    lookups.into_iter().map(|number| (table, number)).collect()
}

/// Whether a character has no width and no mark, and changes nothing about characters that are
/// [only looked up](is_only_looked_up): zero-width spaces, and the non-joiner.
pub(super) fn is_nothing(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200C}' | '\u{2060}' | '\u{FEFF}')
}

/// Whether a character is of those that the shaper only looks up, where a font has them and no
/// rules: nothing that is reordered, composed, joined or left out.
pub(super) fn is_only_looked_up(c: char) -> bool {
    use GeneralCategory as Is;
    let category = matches!(
        c.general_category(),
        Is::UppercaseLetter
            | Is::LowercaseLetter
            | Is::TitlecaseLetter
            | Is::ModifierLetter
            | Is::OtherLetter
            | Is::DecimalNumber
            | Is::LetterNumber
            | Is::OtherNumber
            | Is::ConnectorPunctuation
            | Is::DashPunctuation
            | Is::OpenPunctuation
            | Is::ClosePunctuation
            | Is::InitialPunctuation
            | Is::FinalPunctuation
            | Is::OtherPunctuation
            | Is::MathSymbol
            | Is::CurrencySymbol
            | Is::ModifierSymbol
            | Is::OtherSymbol
            | Is::SpaceSeparator
    );
    let script = matches!(
        c.script(),
        Script::Common
            | Script::Latin
            | Script::Greek
            | Script::Cyrillic
            | Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Bopomofo
    );
    // The fraction slash makes fractions of the digits beside it.
    let is_picture = || emoji::is_picture(&[c], 0);
    category && script && c != '\u{2044}' && !is_right_to_left(c) && !is_picture()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Fonts;
    use crate::text::family::Family;
    use crate::text::shape::{Shaper, each_token};
    use crate::text::subset::tests::fonts;

    /// Lines of one to six characters that the fonts have, at random, in every family: of each the
    /// glyphs, and those that the shaper gives of its tokens. Gives how many were set without it.
    fn compare(fonts: &Fonts, lines: usize) -> usize {
        let mut shaper = Shaper::new(fonts);
        let characters: Vec<char> = ('\0'..='\u{FFFF}')
            .filter(|&c| !is_nothing(c) && c != '\n')
            .filter(|&c| !shaper.lacks(Family::Defont, c))
            .collect();
        let mut state = 1_u64;
        let mut below = |limit: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(state >> 33).expect("31 bits") % limit
        };
        let mut plain = 0;
        for _ in 0..lines {
            let family = Family::ALL[below(Family::ALL.len())];
            // Neighbours in Unicode are often of one script.
            let begin = below(characters.len());
            let length = 1 + below(6);
            let line: String = (0..length)
                .map(|_| match below(3) {
                    0 => characters[below(characters.len())],
                    _ => characters[(begin + below(60)) % characters.len()],
                })
                .collect();
            let (mut set, mut shaped) = (Vec::new(), Vec::new());
            shaper.line(family, &line, |glyphs| set.extend_from_slice(glyphs));
            each_token(&line, |direction, token| {
                shaped.extend_from_slice(&shaper.token(family, direction, token));
                plain += usize::from(shaper.is_plain(family, token));
            });
            assert_eq!(set, shaped, "{line:?}");
        }
        plain
    }

    #[test]
    fn what_is_set_as_it_stands_is_what_the_shaper_gives() {
        assert!(compare(&fonts(), 20_000) > 10_000);
    }

    #[cfg(feature = "system-fonts")]
    #[test]
    #[ignore = "says more the more fonts are installed"]
    fn so_it_is_with_the_fonts_of_the_system() {
        assert!(compare(&Fonts::system().unwrap(), 200_000) > 100_000);
    }

    /// Kerning makes "AV" narrower than its letters; a zero-width space is nothing.
    #[test]
    fn rules_are_followed() {
        let fonts = fonts();
        let mut shaper = Shaper::new(&fonts);
        let mut width = |line: &str| {
            let mut width = 0.0;
            shaper.line(Family::Defont, line, |glyphs| {
                width += glyphs.iter().map(|glyph| glyph.advance(100.0)).sum::<f64>();
            });
            width
        };
        assert!(width("AV") < width("A") + width("V"));
        assert_eq!(width("草\u{200B}草"), 2.0 * width("草"));
    }
}
