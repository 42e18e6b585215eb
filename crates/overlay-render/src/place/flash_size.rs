//! Sizes of the Flash player's look: `docs/spec/comment-layout.md`, section 12.

use nico_comments::{Position, Size};

use super::flash_look::{FlashLook, PADDING};
use super::sized::Sized;
use super::stage::{self, Metrics, UNIT, count};
use crate::text::family::Family;
use crate::text::flash_runs::{self, Run};
use crate::text::shape::Shaper;

/// Units between two characters of a run.
const LETTER_SPACING: f64 = 1.0;
/// What decides how large a comment is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) text: &'a str,
    pub(crate) size: Size,
    pub(crate) position: Position,
    pub(crate) full: bool,
    pub(crate) ender: bool,
    /// What sizes are multiplied with.
    pub(crate) factor: f64,
}

/// Font size and distance between lines, in units.
pub(crate) fn font(size: Size) -> (f64, f64) {
    let (px, lines) = match size {
        Size::Big => (39.0, 45.0 / 39.0),
        Size::Medium => (24.0, 29.0 / 25.0),
        Size::Small => (15.0, 18.0 / 15.0),
    };
    (px, px * lines)
}

/// By how much a comment of many lines is made smaller.
fn line_scale(size: Size) -> f64 {
    match size {
        Size::Big => 0.535,
        Size::Medium => 0.519,
        Size::Small => 0.557,
    }
}

/// Measures a comment of this family, in which characters are set that do not decide otherwise.
pub(crate) fn sized(shaper: &mut Shaper<'_>, family: Family, wanted: Wanted<'_>) -> Sized {
    let (px, line_height) = font(wanted.size);
    let mut widest = (0.0, 0.0);
    let mut fallback = false;
    let mut num_lines = 0;
    for line in wanted.text.split('\n') {
        num_lines += 1;
        let (mut plain, mut spaced) = (0.0, 0.0);
        for run in flash_runs::line_runs(line, family) {
            let (width, characters) = width(shaper, run, px, &mut fallback);
            plain += width;
            spaced += width + LETTER_SPACING * (count(characters) - 1.0).max(0.0);
        }
        if spaced > widest.1 {
            widest = (plain, spaced);
        }
    }
    let (plain, width) = widest;
    let units = if wanted.full { 640.0 } else { 512.0 };
    let limit = units / wanted.factor;
    let resized_y = !wanted.ender && num_lines >= stage::shrinks_from(wanted.size);
    let lines_scale = if resized_y {
        line_scale(wanted.size)
    } else {
        1.0
    };
    let shrunk_width = width * lines_scale;
    let is_fixed = wanted.position != Position::Naka;
    let (scale, resized_x) =
        if is_fixed && resized_y && is_resized_twice(shrunk_width, limit, num_lines, wanted) {
            // Of the two shrinkings the one for lines is then undone.
            if shrunk_width > limit {
                (fitting(shrunk_width, limit, px), true)
            } else {
                (1.0, true)
            }
        } else if is_fixed && !resized_y && width > limit {
            (fitting(width, limit, px), true)
        } else {
            (lines_scale, false)
        };
    let height = line_height * count(num_lines) + PADDING;
    Sized {
        metrics: Metrics {
            char_size: px * scale,
            line_height: line_height * scale,
        },
        width: width * scale * UNIT * wanted.factor,
        height: height * scale * UNIT * wanted.factor,
        resized_x,
        resized_y,
        fallback,
        font_px: px,
        glyph_scale: scale,
        flash: Some(FlashLook {
            family,
            stretch: if plain > 0.0 { width / plain } else { 1.0 },
            shift: flash_runs::shift(wanted.text),
        }),
    }
}

/// The width of a run in units, and its characters as the player counts them.
fn width(shaper: &mut Shaper<'_>, run: Run<'_>, px: f64, fallback: &mut bool) -> (f64, usize) {
    match run {
        Run::Blank { em, count: times } => (em * count(times) * px, times),
        Run::Text { text, family } => {
            let first = shaper.first_face(family);
            let mut width = 0.0;
            shaper.line(family, text, |glyphs| {
                for glyph in glyphs {
                    width += glyph.advance(px);
                    *fallback |= glyph.face != first;
                }
            });
            (width, text.encode_utf16().count())
        }
    }
}

/// The scale with which a width fits its limit: the player sizes fonts in whole pixels.
fn fitting(width: f64, limit: f64, px: f64) -> f64 {
    ((limit / width * px + 0.5).floor() + 1.0) / (px + 1.0)
}

/// Whether a comment that was made smaller for its lines is sized by its width instead. Within ten
/// per cent of the limit that depends on the number of lines.
fn is_resized_twice(width: f64, limit: f64, lines: usize, wanted: Wanted<'_>) -> bool {
    let is_wider = width > limit;
    if width < limit * 0.9 || limit * 1.1 < width {
        return is_wider;
    }
    let is_near = width * 0.95 < limit;
    match wanted.size {
        Size::Big if (8..=14).contains(&lines) && !wanted.full && limit * 0.99 < width => true,
        Size::Big if lines >= 16 && is_near => is_wider,
        Size::Big => is_wider && !(wanted.full && is_near),
        Size::Medium => is_wider && !(lines >= 25 && is_near),
        Size::Small => is_wider && !(lines >= 38 && is_near),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Fonts;

    fn measured(text: &str, size: Size, mail: (Position, bool, bool)) -> Sized {
        let fonts = Fonts::estimated();
        let (position, full, ender) = mail;
        let factor = 1.0;
        let wanted = Wanted {
            text,
            size,
            position,
            full,
            ender,
            factor,
        };
        sized(&mut Shaper::new(&fonts), Family::Defont, wanted)
    }

    /// Ten characters of 24 units and nine gaps of one; a line of 29/25 of the font, and 5 units.
    #[test]
    fn sizes_are_those_of_the_table() {
        let ten = measured(
            &"あ".repeat(10),
            Size::Medium,
            (Position::Naka, false, false),
        );
        assert!((ten.width - 249.0 * UNIT).abs() < 1e-9);
        assert!((ten.height - (24.0 * 29.0 / 25.0 + 5.0) * UNIT).abs() < 1e-9);
        let look = ten.flash.expect("a look of Flash");
        assert!((look.stretch - 249.0 / 240.0).abs() < 1e-12);
        let baseline = look.baseline(0, 24.0 * 29.0 / 25.0, 1.0, false);
        assert!((baseline - (0.8 * 27.84 + 5.0)).abs() < 1e-9);
    }

    /// 30 characters are 749 units wide: 512/749 of 24 rounds to 16, so it is 17/25.
    #[test]
    fn fixed_comments_fit_in_whole_pixels() {
        let wide = "あ".repeat(30);
        let scale = |mail| measured(&wide, Size::Medium, mail).glyph_scale;
        assert_eq!(scale((Position::Naka, false, false)), 1.0);
        assert_eq!(scale((Position::Ue, false, false)), 17.0 / 25.0);
        assert_eq!(scale((Position::Ue, true, false)), 22.0 / 25.0);
    }

    #[test]
    fn many_lines_make_it_smaller_unless_its_width_does() {
        let lines = |count: usize| vec!["あいう"; count].join("\n");
        let fixed = (Position::Shita, false, false);
        let scale = |text: &str, size, mail| measured(text, size, mail).glyph_scale;
        assert_eq!(scale(&lines(2), Size::Big, fixed), 1.0);
        assert_eq!(scale(&lines(3), Size::Big, fixed), 0.535);
        assert_eq!(scale(&lines(5), Size::Medium, fixed), 0.519);
        assert_eq!(scale(&lines(7), Size::Small, fixed), 0.557);
        assert_eq!(
            scale(&lines(3), Size::Big, (Position::Ue, false, true)),
            1.0
        );
        // 40 characters: 1,599 units, 855 of them shrunk. 512/855 of 39 rounds to 23.
        let wide = format!("{}\n\nう", "あ".repeat(40));
        assert_eq!(scale(&wide, Size::Big, fixed), 24.0 / 40.0);
        assert_eq!(
            scale(&wide, Size::Big, (Position::Naka, false, false)),
            0.535
        );
    }
}
