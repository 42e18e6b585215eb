//! Which parts of a line the Flash player set in which font: `docs/spec/comment-layout.md`,
//! section 12.
//!
//! The player asked for Arial, and Windows took another font for what Arial lacks: a Japanese one
//! (here `defont`) as a rule, but Gulim or SimSun for characters that only they have. Such a
//! character pulled the characters around it into its font, which comment art made use of.

use super::family::Family;

/// What a part of a line consists of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Run<'a> {
    Text {
        text: &'a str,
        family: Family,
    },
    /// A blank that is so many em wide in the player, as often as it stands in a row.
    Blank {
        em: f64,
        count: usize,
    },
}

/// The family of a text's beginning, which is that of the comment: `None` where it decides nothing.
pub(crate) fn first_family(text: &str) -> Option<Family> {
    let part = parts(text.split('\n').next()?).next()?;
    set(part).next().and_then(|(_, family)| family)
}

/// Cuts a line where the font changes and at blanks of a fixed width. Where no character decides,
/// the family is the comment's, `family`.
pub(crate) fn line_runs(line: &str, family: Family) -> Vec<Run<'_>> {
    let decided: Vec<(&str, Option<Family>)> = parts(line).flat_map(set).collect();
    let first = decided.first().and_then(|&(_, family)| family);
    let mut runs = Vec::new();
    for (text, own) in decided {
        push(&mut runs, text, own, first, family);
    }
    runs
}

/// A line's parts of half-width characters alone and of others alone.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let is_half = is_half_width(rest.chars().next()?);
        let end = rest.find(|c| is_half_width(c) != is_half);
        let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(part)
    })
}

fn is_half_width(c: char) -> bool {
    matches!(c, ' '..='~' | '｡'..='ﾟ')
}

/// The family of a part, or of its two pieces: `None` where no character decides.
fn set(part: &str) -> impl Iterator<Item = (&str, Option<Family>)> {
    let decide = |from: usize, wanted: fn(Family) -> bool| {
        let mut characters = part[from..].char_indices();
        characters.find_map(|(at, c)| {
            let family = deciding_family(c).filter(|&family| wanted(family))?;
            Some((from + at, family))
        })
    };
    let (first, second) = if part.starts_with(is_half_width) {
        ((part, Some(Family::Defont)), None)
    } else {
        match decide(0, |_| true) {
            None => ((part, None), None),
            // A character of the Japanese font keeps what is before the next deciding one in it.
            Some((at, Family::Defont)) => match decide(at, |family| family != Family::Defont) {
                None => ((part, Some(Family::Defont)), None),
                Some((at, family)) => {
                    let (before, after) = part.split_at(at);
                    ((before, Some(Family::Defont)), Some((after, Some(family))))
                }
            },
            Some((_, family)) => ((part, Some(family)), None),
        }
    };
    [Some(first), second].into_iter().flatten()
}

/// Adds a part, cut at blanks of a fixed width. `own` is the family that the part decides, `first`
/// what the line's beginning does, `family` the comment's.
fn push<'a>(
    runs: &mut Vec<Run<'a>>,
    text: &'a str,
    own: Option<Family>,
    first: Option<Family>,
    family: Family,
) {
    let cut_by = own.unwrap_or_default();
    let set = own.or(first).unwrap_or(family);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = if let Some(em) = blank(c, cut_by) {
            let end = rest.find(|other| other != c).unwrap_or(rest.len());
            // In the font of the line's beginning the same blank may have another width.
            let em = own
                .or(first)
                .and_then(|family| blank(c, family))
                .unwrap_or(em);
            let count = end / c.len_utf8();
            runs.push(Run::Blank { em, count });
            end
        } else {
            let end = rest
                .find(|c| blank(c, cut_by).is_some())
                .unwrap_or(rest.len());
            let text = &rest[..end];
            runs.push(Run::Text { text, family: set });
            end
        };
        rest = &rest[end..];
    }
}

/// Width in em of a blank in a family, where the player's differs from what the faces here have.
fn blank(c: char, family: Family) -> Option<f64> {
    Some(match (c, family) {
        ('\u{3000}', Family::Defont) => 0.645,
        ('\u{3000}', Family::Gulim) => 0.95,
        ('\u{3000}', Family::SimSun) => 0.98,
        ('\u{A0}', Family::SimSun) => 0.25,
        (' ', Family::Defont) => 0.3,
        ('\u{2001}', Family::Defont) => 0.95,
        ('\u{2004}' | '\u{2007}', Family::Defont) => 1.6,
        ('\u{202A}', Family::Defont) => 0.59,
        _ => return None,
    })
}

/// The family that a character of full width asks for.
fn deciding_family(c: char) -> Option<Family> {
    if matches!(c, 'ϻ' | '・') {
        Some(Family::Defont)
    } else if is_in(c, SIMSUN) {
        Some(Family::SimSun)
    } else if is_in(c, GULIM) {
        Some(Family::Gulim)
    } else {
        None
    }
}

/// How far characters above and below the line shift a whole text downwards, in lines.
pub(crate) fn shift(text: &str) -> f64 {
    const SHIFT: f64 = 0.12;
    let shifts = text.chars().map(|c| {
        let down = if is_in(c, BELOW) { SHIFT } else { 0.0 };
        let up = if is_in(c, ABOVE) { SHIFT } else { 0.0 };
        down - up
    });
    shifts.sum()
}

fn is_in(c: char, ranges: &[(u16, u16)]) -> bool {
    let Ok(c) = u16::try_from(u32::from(c)) else {
        return false;
    };
    let at = ranges.partition_point(|&(_, last)| last < c);
    ranges.get(at).is_some_and(|&(first, _)| first <= c)
}

/// Characters that are set in Gulim.
#[rustfmt::skip]
const GULIM: &[(u16, u16)] = &[
    (0x0126, 0x0127), (0x0132, 0x0133), (0x0138, 0x0138), (0x013F, 0x0140), (0x0149, 0x014B),
    (0x0166, 0x0167), (0x02D0, 0x02D0), (0x02DA, 0x02DA), (0x2074, 0x2074), (0x207F, 0x207F),
    (0x2081, 0x2084), (0x2113, 0x2113), (0x2153, 0x2154), (0x215C, 0x215E), (0x2194, 0x2195),
    (0x223C, 0x223C), (0x249C, 0x24B5), (0x24D0, 0x24E9), (0x25A3, 0x25A9), (0x25B6, 0x25B7),
    (0x25C0, 0x25C1), (0x25C8, 0x25C8), (0x25D0, 0x25D1), (0x260E, 0x260F), (0x261C, 0x261C),
    (0x261E, 0x261E), (0x2660, 0x2661), (0x2663, 0x2665), (0x2667, 0x2669), (0x266C, 0x266C),
    (0x3131, 0x316E), (0x3200, 0x321C), (0x3260, 0x327B), (0x3380, 0x3384), (0x3388, 0x338D),
    (0x3390, 0x339B), (0x339F, 0x33A0), (0x33A2, 0x33CA), (0x33CF, 0x33D0), (0x33D3, 0x33D3),
    (0x33D6, 0x33D6), (0x33D8, 0x33D8), (0x33DB, 0x33DD), (0xAC00, 0xD7A3), (0xF900, 0xF928),
    (0xF92A, 0xF994), (0xF996, 0xF996), (0xFA0B, 0xFA0B), (0xFFE6, 0xFFE6),
];

/// Characters that are set in SimSun.
#[rustfmt::skip]
const SIMSUN: &[(u16, u16)] = &[
    (0x01CE, 0x01CE), (0x01D0, 0x01D0), (0x01D2, 0x01D2), (0x01D4, 0x01D4), (0x01D6, 0x01D6),
    (0x01D8, 0x01D8), (0x01DA, 0x01DA), (0x01DC, 0x01DC), (0x0251, 0x0251), (0x0261, 0x0261),
    (0x02C9, 0x02CB), (0x2016, 0x2016), (0x2035, 0x2035), (0x2105, 0x2105), (0x2109, 0x2109),
    (0x216A, 0x216B), (0x2196, 0x2199), (0x220F, 0x220F), (0x2215, 0x2215), (0x2223, 0x2223),
    (0x2236, 0x2237), (0x2248, 0x2248), (0x224C, 0x224C), (0x2264, 0x2265), (0x226E, 0x226F),
    (0x2295, 0x2295), (0x2299, 0x2299), (0x2474, 0x249B), (0x2504, 0x250B), (0x250D, 0x250E),
    (0x2511, 0x2512), (0x2515, 0x2516), (0x2519, 0x251A), (0x251E, 0x251F), (0x2521, 0x2522),
    (0x2526, 0x2527), (0x2529, 0x252A), (0x252D, 0x252E), (0x2531, 0x2532), (0x2535, 0x2536),
    (0x2539, 0x253A), (0x253D, 0x253E), (0x2540, 0x2541), (0x2543, 0x254A), (0x2550, 0x2573),
    (0x2581, 0x258F), (0x2593, 0x2595), (0x25E2, 0x25E5), (0x2609, 0x2609), (0x3016, 0x3017),
    (0x301E, 0x301E), (0x3021, 0x3029), (0x3105, 0x3129), (0x3220, 0x3229), (0x32A3, 0x32A3),
    (0x33CE, 0x33CE), (0x33D1, 0x33D2), (0x33D5, 0x33D5), (0xE758, 0xE864), (0xFA0C, 0xFA0D),
    (0xFE30, 0xFE31), (0xFE33, 0xFE44), (0xFE49, 0xFE52), (0xFE54, 0xFE57), (0xFE59, 0xFE66),
    (0xFE68, 0xFE6B),
];

/// Superscripts and modifier letters.
#[rustfmt::skip]
const ABOVE: &[(u16, u16)] = &[
    (0x00AA, 0x00AA), (0x00B2, 0x00B3), (0x00B9, 0x00BA), (0x02B0, 0x02B0), (0x02B2, 0x02B3),
    (0x02B7, 0x02B8), (0x02E1, 0x02E3), (0x0304, 0x0304), (0x1D2C, 0x1D43), (0x1D45, 0x1D61),
    (0x1D9B, 0x1DA1), (0x1DA3, 0x1DBF), (0x2070, 0x2071), (0x2074, 0x207F), (0x2C7D, 0x2C7D),
];

/// Subscripts.
#[rustfmt::skip]
const BELOW: &[(u16, u16)] = &[
    (0x0320, 0x0320), (0x1D62, 0x1D6A), (0x2080, 0x208E), (0x2090, 0x209C), (0x2C7C, 0x2C7C),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Each run as its family's first letter and its text, blanks as their widths.
    fn told(text: &str) -> Vec<String> {
        let family = first_family(text).unwrap_or(Family::Mincho);
        let runs = text.split('\n').flat_map(|line| line_runs(line, family));
        let told = runs.map(|run| match run {
            Run::Text { text, family } => format!("{}:{text}", &family.as_str()[..1]),
            Run::Blank { em, count } => format!("{em}*{count}"),
        });
        told.collect()
    }

    #[test]
    fn one_character_pulls_its_part_into_its_font() {
        assert_eq!(told("こんにちは"), ["m:こんにちは"]);
        assert_eq!(told("あ♡い"), ["g:あ♡い"]);
        assert_eq!(told("あ█い"), ["s:あ█い"]);
        assert_eq!(told("あ█い♡う"), ["s:あ█い♡う"]); // the first decides
        assert_eq!(told("あ・い♡う"), ["d:あ・い", "g:♡う"]); // but the Japanese font's
        assert_eq!(told("あ♡w█い"), ["g:あ♡", "d:w", "s:█い"]); // half width parts
    }

    /// What decides nothing takes the font of the line's beginning, or of the comment's.
    #[test]
    fn the_beginning_decides_for_the_rest() {
        assert_eq!(told("♡wあ"), ["g:♡", "d:w", "g:あ"]);
        assert_eq!(told("wあ\nあw"), ["d:w", "d:あ", "d:あ", "d:w"]);
        assert_eq!(told("あ♡\nい"), ["g:あ♡", "g:い"]);
        assert_eq!(told("あ\nい♡"), ["m:あ", "g:い♡"]);
        assert_eq!(first_family("\n♡"), None);
    }

    #[test]
    fn blanks_have_the_widths_of_the_font() {
        assert_eq!(told("あ\u{3000}\u{3000}い"), ["m:あ", "0.645*2", "m:い"]);
        assert_eq!(told("█\u{3000}"), ["s:█", "0.98*1"]);
        assert_eq!(told("♡w\u{3000}"), ["g:♡", "d:w", "0.95*1"]);
        assert_eq!(told(" \u{2001}"), ["0.3*1", "0.95*1"]);
    }

    #[test]
    fn scripts_shift_the_text() {
        assert_eq!(shift("あ²い₂₂"), 0.12);
        assert_eq!(shift("ʰ"), -0.12);
    }

    #[test]
    fn tables_are_in_order() {
        for table in [GULIM, SIMSUN, ABOVE, BELOW] {
            assert!(table.iter().all(|&(first, last)| first <= last));
            assert!(table.windows(2).all(|two| two[0].1 < two[1].0));
        }
    }
}
