use std::fmt;
use std::io::{self, Write};

use nico_comments::{Color, Font, Position};
use rustybuzz::ttf_parser::Face;

use crate::place::motion::real;
use crate::place::{Layout, PlacedComment, STAGE_WIDTH, UNIT};
use crate::text::Fonts;
use crate::text::shape::Shaper;

/// Width of the outline outside the letters, in layout units.
const BORDER: f64 = 1.4;

/// Writes a layout as subtitles (Advanced SubStation Alpha) that mpv, VLC and FFmpeg's `ass` filter show in the same places,
/// on a stage of 1920x1080: an event per line of text with `\pos` or `\move` (per word where blanks of other widths than a
/// space stand between, as in comment art), a style per family, the size in pixels of each comment, the outline's and
/// `_live`'s opacity. `@逆` and `@コメント禁止` are followed. The coloured boxes of `nico:fill` and
/// `nico:waku` are left out.
///
/// UTF-8 with a byte order mark and CRLF, as other writers of such files do it.
///
/// ```
/// use overlay_render::{Layout, write_ass};
///
/// let mut out = Vec::new();
/// write_ass(&Layout::default(), &mut out)?;
/// assert!(String::from_utf8(out).is_ok_and(|text| text.contains("PlayResX: 1920\r\n")));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// What the writer says.
pub fn write_ass(layout: &Layout, mut out: impl Write) -> io::Result<()> {
    let faces =
        [Font::Defont, Font::Gothic, Font::Mincho].map(|font| AssFace::of(layout.fonts(), font));
    let mut shaper = layout.fonts().map(Shaper::new);
    let mut head = String::from(
        "\u{FEFF}[Script Info]\nScriptType: v4.00+\nPlayResX: 1920\nPlayResY: 1080\nWrapStyle: 2\n\
         ScaledBorderAndShadow: yes\nKerning: yes\nYCbCr Matrix: None\n\n[V4+ Styles]\n\
         Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
         Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, \
         MarginV, Encoding\n",
    );
    for face in &faces {
        head.push_str(&format!(
            "Style: {},{},100,&H00FFFFFF,&H00FFFFFF,&H99000000,&H99000000,{},0,0,0,100,100,0,0,1,3.94,0,7,0,0,0,1\n",
            face.style,
            face.family,
            if face.bold { -1 } else { 0 },
        ));
    }
    head.push_str(
        "\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
    );
    out.write_all(head.replace('\n', "\r\n").as_bytes())?;
    for comment in layout
        .comments()
        .iter()
        .filter(|comment| !comment.invisible && !comment.blank)
    {
        let face = &faces[crate::text::fonts::slot(comment.font)];
        for stretch in stretches(layout, comment) {
            events(comment, face, &mut shaper, &stretch, &mut out)?;
        }
    }
    out.flush()
}

/// A family as a style: libass takes a size to be that of ascent and descent together.
struct AssFace {
    style: &'static str,
    family: String,
    bold: bool,
    ascent: f64, // of the em
    height: f64, // of the em
}

impl AssFace {
    fn of(fonts: Option<&Fonts>, font: Font) -> Self {
        let style = match font {
            Font::Defont => "defont",
            Font::Gothic => "gothic",
            Font::Mincho => "mincho",
        };
        let face = fonts.and_then(|fonts| {
            let (bytes, index) = fonts.data(*fonts.chain(font).first()?)?;
            Face::parse(bytes, index).ok()
        });
        let (ascent, height) = face.as_ref().map_or((0.88, 1.0), vertical);
        let family = fonts.map_or("sans-serif", |fonts| fonts.family(font));
        Self {
            style,
            family: family.replace([',', '\r', '\n'], " "),
            bold: face.is_some_and(|face| face.weight().to_number() >= 600),
            ascent,
            height,
        }
    }
}

/// Ascent, and ascent with descent, of the em: those for Windows, which libass uses, or the general ones.
fn vertical(face: &Face<'_>) -> (f64, f64) {
    let per_em = f64::from(face.units_per_em()).max(1.0);
    let windows = face.tables().os2.map(|os2| {
        let (up, down) = (
            f64::from(os2.windows_ascender()),
            f64::from(os2.windows_descender()),
        );
        (up, up + down.abs())
    });
    let general = (
        f64::from(face.ascender()),
        f64::from(face.ascender()) - f64::from(face.descender()),
    );
    let (ascent, height) = windows
        .filter(|&(_, height)| height > 0.0)
        .unwrap_or(general);
    if height > 0.0 {
        (ascent / per_em, height / per_em)
    } else {
        (0.88, 1.0)
    }
}

/// A time in which a comment moves evenly, with its left edge at the beginning and end.
struct Stretch {
    times: (i64, i64), // centiseconds, not negative
    x: (f64, f64),
}

/// Cuts a comment's time where a script begins or ends, and leaves out what is not shown.
fn stretches(layout: &Layout, comment: &PlacedComment) -> Vec<Stretch> {
    let (begin, end) = comment.listed();
    let (begin, end) = (comment.clamped_vpos + begin, comment.clamped_vpos + end);
    let begin = begin.max(0);
    let (reversed, banned) = layout.spans();
    let edges = reversed
        .iter()
        .chain(banned)
        .flat_map(|span| [span.from, span.to]);
    let mut cuts: Vec<i64> = edges.filter(|&edge| begin < edge && edge < end).collect();
    cuts.extend([begin, end]);
    cuts.sort_unstable();
    cuts.dedup();
    let pairs = cuts.windows(2).filter(|pair| pair[0] < pair[1]);
    let shown = pairs.filter(|pair| {
        !banned
            .iter()
            .any(|span| span.holds(real(pair[0]), comment.owner))
    });
    shown
        .map(|pair| {
            let mirrored = comment.position == Position::Naka
                && reversed
                    .iter()
                    .any(|span| span.holds(real(pair[0]), comment.owner));
            let x = |t: i64| {
                let x = comment.x_at(real(t));
                if mirrored {
                    STAGE_WIDTH - comment.width - x
                } else {
                    x
                }
            };
            Stretch {
                times: (pair[0], pair[1]),
                x: (x(pair[0]), x(pair[1])),
            }
        })
        .collect()
}

fn events(
    comment: &PlacedComment,
    face: &AssFace,
    shaper: &mut Option<Shaper<'_>>,
    stretch: &Stretch,
    out: &mut impl Write,
) -> io::Result<()> {
    let magnified = comment.glyph_scale * UNIT;
    let em = comment.font_px * magnified;
    let looks = Looks(comment);
    for (number, line) in comment.text.split('\n').enumerate() {
        let y = comment.top() + comment.baseline(number) - face.ascent * em;
        for (at, part) in parts(line) {
            let mut before = 0.0;
            if let Some(shaper) = shaper.as_mut().filter(|_| at > 0) {
                shaper.line(comment.font, &line[..at], |glyphs| {
                    before += glyphs
                        .iter()
                        .map(|glyph| glyph.advance(comment.font_px))
                        .sum::<f64>();
                });
            }
            let (from, to) = (
                stretch.x.0 + before * magnified,
                stretch.x.1 + before * magnified,
            );
            let place = match comment.position {
                Position::Naka => format!("\\move({from:.2},{y:.2},{to:.2},{y:.2})"),
                Position::Ue | Position::Shita => format!("\\pos({from:.2},{y:.2})"),
            };
            write!(
                out,
                "Dialogue: {},{},{},{},,0,0,0,,{{{place}\\fs{:.2}{looks}}}{}\r\n",
                u8::from(comment.owner),
                Clock(stretch.times.0),
                Clock(stretch.times.1),
                face.style,
                em * face.height,
                Escaped(part),
            )?;
        }
    }
    Ok(())
}

/// The stretches of a line that have no blanks but single spaces inside, with where they begin, in bytes. Renderers differ in
/// how wide other blanks are, and drop those at the ends.
fn parts(line: &str) -> Vec<(usize, &str)> {
    let mut parts: Vec<(usize, &str)> = Vec::new();
    let mut next = 0;
    for word in line.split_inclusive(char::is_whitespace) {
        let at = next;
        next += word.len();
        let word = word.trim_end();
        if word.is_empty() {
            continue;
        }
        match parts.last_mut() {
            Some((start, part)) if &line[*start + part.len()..at] == " " => {
                *part = &line[*start..at + word.len()]
            }
            _ => parts.push((at, word)),
        }
    }
    parts
}

/// Colours and outline, as far as they differ from the style's.
struct Looks<'a>(&'a PlacedComment);

impl fmt::Display for Looks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comment = self.0;
        if comment.color != Color::WHITE {
            write!(f, "\\c{}", AssColor(comment.color))?;
        }
        if comment.outline.color != Color::BLACK {
            write!(f, "\\3c{}", AssColor(comment.outline.color))?;
        }
        let clear = |opacity: f64| 255.0 - (opacity * comment.opacity).round();
        let outline = f64::from(comment.outline.alpha);
        if comment.opacity < 1.0 {
            write!(f, "\\1a&H{:02X}&", byte(clear(255.0)))?;
        }
        if comment.opacity < 1.0 || comment.outline.alpha != 102 {
            write!(f, "\\3a&H{:02X}&", byte(clear(outline)))?;
        }
        if comment.glyph_scale < 1.0 {
            write!(f, "\\bord{:.2}", BORDER * UNIT * comment.glyph_scale)?;
        }
        Ok(())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates at a byte's values"
)]
fn byte(value: f64) -> u8 {
    value as u8
}

/// `&HBBGGRR&`.
struct AssColor(Color);

impl fmt::Display for AssColor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "&H{:02X}{:02X}{:02X}&", self.0.b, self.0.g, self.0.r)
    }
}

/// `H:MM:SS.cc` of centiseconds.
struct Clock(i64);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cs = self.0.max(0);
        write!(
            f,
            "{}:{:02}:{:02}.{:02}",
            cs / 360_000,
            cs / 6_000 % 60,
            cs / 100 % 60,
            cs % 100
        )
    }
}

/// Text that means nothing but itself: backslashes and braces are commands.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\\' => f.write_str("\\\u{200B}")?,
                '{' | '}' => write!(f, "\\{c}")?,
                c if c.is_control() => f.write_str(" ")?,
                c => fmt::Write::write_char(f, c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_colours_are_written_as_the_format_has_them() {
        assert_eq!(Clock(360_000 * 2 + 6_123).to_string(), "2:01:01.23");
        assert_eq!(AssColor(Color::rgb(1, 2, 255)).to_string(), "&HFF0201&");
    }

    #[test]
    fn text_cannot_be_taken_for_commands() {
        assert_eq!(Escaped(r"{\b1}").to_string(), "\\{\\\u{200B}b1\\}");
        assert_eq!(Escaped("a\u{7}").to_string(), "a ");
    }

    #[test]
    fn lines_are_cut_at_blanks_that_are_no_single_space() {
        assert_eq!(parts("a b  c\u{3000}d "), [(0, "a b"), (5, "c"), (9, "d")]);
        assert_eq!(parts(" \u{3000}"), []);
    }
}
