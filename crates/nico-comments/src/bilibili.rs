//! A comment as Bilibili's XML has it: the attribute `p` of a `d` element, and its text
//! (`docs/spec/comment-formats.md`, section 1.4). Shared by reader, writer and the list of losses.

use crate::{Color, Comment, Mail, Position, Size};

/// Names of the extras that keep what no mail command says, in the order in which they are read.
const MODE: &str = "mode";
const SIZE: &str = "size";
const POOL: &str = "pool";
const WEIGHT: &str = "weight";

/// Modes: scrolling, at the bottom, at the top, scrolling from the left; and from this one on placed
/// by its writer (7), a program (8), a program of the newer language (9).
const NAKA: i64 = 1;
const SHITA: i64 = 4;
const UE: i64 = 5;
const REVERSED: i64 = 6;
const PLACED: i64 = 7;

/// Sizes of the three that the editor offered most: small, medium, big.
const SIZES: [(Size, i64); 3] = [(Size::Small, 18), (Size::Medium, 25), (Size::Big, 36)];

/// Dates beyond this are milliseconds, as recorders of live programmes write them: in seconds it is
/// the year 5138.
const MAX_SECONDS: i64 = 100_000_000_000;

/// The comment of a `p` and a text. `None` if the time in `p` is no number.
pub(crate) fn comment(p: &str, text: String) -> Option<Comment> {
    let mut fields = p.split(',').map(str::trim);
    let mut next = || fields.next().filter(|field| !field.is_empty());
    let mut comment = Comment::default();
    comment.set_vpos_millis(millis(next()?)?);
    let mode = next().and_then(number).unwrap_or(NAKA);
    let size = next().and_then(number);
    let color = next().and_then(number).map_or(Color::WHITE, color);
    let date = next().and_then(number);
    let pool = next().filter(|&pool| pool != "0");
    comment.user = next().map(str::to_owned);
    comment.id = next().map(str::to_owned);
    let weight = next();

    let position = match mode {
        SHITA => Position::Shita,
        UE => Position::Ue,
        _ => Position::Naka,
    };
    let named = SIZES.iter().any(|&(_, pixels)| Some(pixels) == size);
    comment.mail = Mail::of_looks(position, size.map_or(Size::Medium, size_of), Some(color));
    if is_program(mode) {
        comment.mail.push("invisible");
    }
    // A colour that has no name counts for Premium members only.
    comment.premium = color.name().is_none().into();
    match date {
        Some(date) if date.unsigned_abs() > MAX_SECONDS.unsigned_abs() => {
            comment.date = Some(date.div_euclid(1000));
            let millis = u32::try_from(date.rem_euclid(1000)).unwrap_or(0);
            comment.date_usec = Some(millis * 1000);
        }
        date => comment.date = date,
    }
    let mut keep = |name: &str, value: Option<String>| {
        let value = value.map(|value| (name.to_owned(), value));
        comment.extra.extend(value);
    };
    keep(
        MODE,
        (![NAKA, SHITA, UE].contains(&mode)).then(|| mode.to_string()),
    );
    keep(SIZE, size.filter(|_| !named).map(|size| size.to_string()));
    keep(POOL, pool.map(str::to_owned));
    keep(WEIGHT, weight.map(str::to_owned));
    comment.body = if is_program(mode) { text } else { lines(text) };
    Some(comment)
}

/// The `p` of a comment. `number` is written as the id of a comment that has neither one nor a
/// number, and asks for what else programs expect; without it what is missing stays so.
pub(crate) fn p(comment: &Comment, number: Option<i64>) -> String {
    let fill = number.is_some();
    let millis = comment.vpos_millis();
    let (sign, whole) = (if millis < 0 { "-" } else { "" }, millis.unsigned_abs());
    let (mode, size) = (mode_of_comment(comment), pixels_of(comment));
    let color = comment.mail.color_for(comment.is_premium());
    let color = color.unwrap_or(Color::WHITE);
    let color = u32::from_be_bytes([0, color.r, color.g, color.b]);
    let mut p = format!(
        "{sign}{}.{:03}00,{mode},{size},{color},",
        whole / 1000,
        whole % 1000
    );
    let integer = |value: Option<i64>| value.map(|value| value.to_string());
    let user = comment.user.as_deref().and_then(tidy);
    let id = comment.id.as_deref().and_then(tidy);
    let pool = extra(comment, POOL).and_then(tidy);
    let fields = [
        integer(comment.date.and_then(written_date).or(fill.then_some(0))),
        pool.or_else(|| Some("0".to_owned())),
        user.or_else(|| fill.then(|| "0".to_owned())),
        id.or_else(|| integer(comment.no.or(number).filter(|_| fill))),
    ];
    p.push_str(&fields.map(Option::unwrap_or_default).join(","));
    if let Some(weight) = extra(comment, WEIGHT).and_then(tidy) {
        p.push(',');
        p.push_str(&weight);
    }
    p
}

/// A text as it can stand between commas; `None` if nothing is left of it.
fn tidy(text: &str) -> Option<String> {
    let stands = |&c: &char| c >= ' ' && !matches!(c, ',' | '\u{FFFE}' | '\u{FFFF}');
    let text: String = text.chars().filter(stands).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A date as it is read back: in milliseconds where seconds would be taken for such. `None` if that
/// does not fit.
fn written_date(date: i64) -> Option<i64> {
    if date.unsigned_abs() > MAX_SECONDS.unsigned_abs() {
        date.checked_mul(1000)
    } else {
        Some(date)
    }
}

/// What of a comment only Bilibili's player can show, by the name of what is lost.
pub(crate) fn lost(comment: &Comment) -> Option<&'static str> {
    match extra(comment, MODE).and_then(number)? {
        REVERSED => Some("direction"),
        PLACED => Some("placement"),
        mode if is_program(mode) => Some("program"),
        _ => None,
    }
}

/// Whether a comment is one that its writer placed or programmed, whose text is no speech.
pub(crate) fn is_programmed(comment: &Comment) -> bool {
    extra(comment, MODE)
        .and_then(number)
        .is_some_and(is_program)
}

fn is_program(mode: i64) -> bool {
    (PLACED..=9).contains(&mode)
}

/// The mode that was read, if it still fits the position, or that of the position.
fn mode_of_comment(comment: &Comment) -> i64 {
    let read = extra(comment, MODE).and_then(number);
    let position = comment.mail.position();
    match (position, read) {
        (Position::Naka, Some(mode)) if ![SHITA, UE].contains(&mode) => mode,
        (Position::Naka, _) => NAKA,
        (Position::Shita, _) => SHITA,
        (Position::Ue, _) => UE,
    }
}

/// The size that was read, if it still fits the command, or that of the command.
fn pixels_of(comment: &Comment) -> i64 {
    let size = comment.mail.size();
    let read = extra(comment, SIZE).and_then(number);
    let usual = SIZES.iter().find(|&&(named, _)| named == size);
    read.filter(|&pixels| size_of(pixels) == size)
        .or(usual.map(|&(_, pixels)| pixels))
        .unwrap_or(25)
}

fn size_of(pixels: i64) -> Size {
    match pixels {
        1..=20 => Size::Small,
        31.. => Size::Big,
        _ => Size::Medium,
    }
}

fn color(number: i64) -> Color {
    let [.., r, g, b] = number.to_be_bytes();
    Color::rgb(r, g, b)
}

fn extra<'a>(comment: &'a Comment, wanted: &str) -> Option<&'a str> {
    let found = comment.extra.iter().find(|(name, _)| name == wanted);
    found.map(|(_, value)| &**value)
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Milliseconds of decimal seconds, rounded.
fn millis(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || digits == "." || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let digit = |at: usize| {
        fraction
            .as_bytes()
            .get(at)
            .map_or(0, |&byte| i64::from(byte - b'0'))
    };
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let millis = digit(0) * 100 + digit(1) * 10 + digit(2) + i64::from(digit(3) >= 5);
    let millis = i128::from(whole) * 1000 + i128::from(millis);
    i64::try_from(if text.starts_with('-') {
        -millis
    } else {
        millis
    })
    .ok()
}

/// A text with its `/n` as line ends, as Bilibili's player has them; not behind another slash, where
/// an address may go on.
fn lines(text: String) -> String {
    if !text.contains("/n") {
        return text;
    }
    let mut lines = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some((before, behind)) = rest.split_once("/n") {
        lines.push_str(before);
        let address = before.ends_with('/') || (before.is_empty() && lines.ends_with('/'));
        lines.push_str(if address { "/n" } else { "\n" });
        rest = behind;
    }
    lines.push_str(rest);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vpos;

    fn read(p: &str) -> Comment {
        comment(p, "w".to_owned()).expect("a time")
    }

    #[test]
    fn the_attribute_becomes_commands() {
        let comment = read("12.34567,5,18,16711680,1447234124,0,D579,7");
        assert_eq!(comment.vpos_millis(), 12_346);
        assert_eq!(comment.mail.to_string(), "ue small red");
        assert_eq!(comment.date, Some(1_447_234_124));
        assert_eq!(
            (comment.user.as_deref(), comment.id.as_deref()),
            (Some("D579"), Some("7"))
        );
        assert!(comment.extra.is_empty() && comment.premium == 0);
    }

    #[test]
    fn colours_without_a_name_are_codes_that_count() {
        let comment = read("0,4,36,41194,0,1,u,9,10");
        assert_eq!(comment.mail.to_string(), "shita big #00A0EA");
        assert_eq!(
            comment.mail.color_for(comment.is_premium()),
            Color::parse("#00A0EA")
        );
        let extra = [("pool", "1"), ("weight", "10")].map(|(a, b)| (a.into(), b.into()));
        assert_eq!(comment.extra, extra);
    }

    #[test]
    fn what_only_its_player_shows_is_kept_and_not_drawn() {
        for (mode, what) in [(6, "direction"), (7, "placement"), (8, "program")] {
            let comment = read(&format!("1,{mode},25,16777215,0,0,u,1"));
            assert_eq!(lost(&comment), Some(what));
            assert_eq!(comment.mail.is_invisible(), mode > 6);
            assert_eq!(comment.is_script(), mode > 6);
            assert!(p(&comment, None).starts_with(&format!("1.00000,{mode},25,16777215,")));
        }
    }

    #[test]
    fn odd_fields_fall_back() {
        let comment = read("1.5");
        assert_eq!(
            (comment.vpos, comment.date, comment.mail.is_empty()),
            (Vpos(150), None, true)
        );
        let comment = read("-0.005,x,12,y,1647436800123");
        assert_eq!(
            (comment.vpos_millis(), comment.mail.size()),
            (-5, Size::Small)
        );
        assert_eq!(
            (comment.date, comment.date_usec),
            (Some(1_647_436_800), Some(123_000))
        );
        for time in ["", "x", "-", ".", "NaN", "1e3", "99999999999999999999"] {
            assert!(super::comment(time, String::new()).is_none(), "{time}");
        }
    }

    #[test]
    fn line_ends_are_slash_n() {
        let body = |text: &str| comment("0", text.to_owned()).map(|c| c.body);
        assert_eq!(body("a/nb/n").as_deref(), Some("a\nb\n"));
        assert_eq!(body("http://nico").as_deref(), Some("http://nico"));
    }
}
