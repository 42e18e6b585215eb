use std::io::{self, BufWriter, Write};

use nico_comments::{Font, Position, Vpos};
use rustybuzz::ttf_parser::Face;

use super::event::AssStage;
use super::writer::{AssWriter, Rectangle};
use crate::error::Error;
use crate::place::motion::real;
use crate::place::{Layout, PlacedComment, STAGE_WIDTH, UNIT};
use crate::text::Fonts;
use crate::text::bidi::may_reorder;
use crate::text::family::Family;
use crate::text::shape::Shaper;
use crate::viewport::Viewport;

/// Width of the outline outside the letters, in layout units.
const BORDER: f64 = 1.4;
/// Ascent, and ascent with descent, of the em where no font is at hand: those of Noto Sans CJK.
const USUAL: (f64, f64) = (1.16, 1.448);
/// Size of a medium comment's font at unit scale, in pixels.
const MEDIUM: f64 = 27.0;
/// Most parts of a line that are events of their own, and about the most events of a comment:
/// scripts cut its time, and blanks its lines. A line of more is one part.
const MOST_PARTS: usize = 256;
const MOST_EVENTS: usize = 1 << 16;

/// How [`write_ass`] writes a layout. Made by `default()` and the setters.
///
/// ```
/// use overlay_render::AssOptions;
///
/// let options = AssOptions::default().size(1280, 720).reserve(100).leave_out_crowded(true);
/// assert_eq!(options.size, (1280, 720));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AssOptions {
    /// Width and height of the picture that comments are placed on, as a
    /// [`Viewport`](crate::Viewport) does it. Players scale it to the video, so its shape is what
    /// matters. Default: 1920x1080.
    pub size: (u32, u32),
    /// Pixels at the bottom of the picture that are left to other subtitles. Default: 0.
    pub reserve: u32,
    /// Families for `defont`, `gothic` and `mincho`. Default: those that the layout was measured
    /// with.
    pub families: Option<[String; 3]>,
    /// What the opacity of every comment is multiplied with, 0 to 1. Default: 1.
    pub opacity: f64,
    /// Whether comments that found no lane are left out instead of shown over others. Default: no.
    pub leave_out_crowded: bool,
}

impl Default for AssOptions {
    fn default() -> Self {
        Self {
            size: (1920, 1080),
            reserve: 0,
            families: None,
            opacity: 1.0,
            leave_out_crowded: false,
        }
    }
}

impl AssOptions {
    /// Sets [`size`](Self::size).
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }

    /// Sets [`reserve`](Self::reserve).
    #[must_use]
    pub fn reserve(mut self, pixels: u32) -> Self {
        self.reserve = pixels;
        self
    }

    /// Sets [`families`](Self::families).
    #[must_use]
    pub fn families(mut self, families: impl Into<Option<[String; 3]>>) -> Self {
        self.families = families.into();
        self
    }

    /// Sets [`opacity`](Self::opacity).
    #[must_use]
    pub fn opacity(mut self, opacity: f64) -> Self {
        self.opacity = opacity;
        self
    }

    /// Sets [`leave_out_crowded`](Self::leave_out_crowded).
    #[must_use]
    pub fn leave_out_crowded(mut self, leave_out: bool) -> Self {
        self.leave_out_crowded = leave_out;
        self
    }
}

/// Writes a layout as subtitles (Advanced SubStation Alpha) that mpv, VLC and FFmpeg's `ass` filter
/// show in the same places.
///
/// There is an event per line of text with `\pos` or `\move` (per word where blanks of other widths
/// than a space stand between, as in comment art, but for very many), and a style per family. `@逆`
/// and `@コメント禁止` are followed: a comment has its events once more for each time that one of them
/// turns it round or takes it away, up to 2,000 times where a file is made for that. The box of
/// `nico:fill` and the bar behind an operator's banner are drawings of their own; the frame of
/// `nico:waku` is left out.
///
/// ```
/// use nico_comments::{Comment, Vpos};
/// use overlay_render::{AssOptions, Fonts, LayoutOptions, layout, write_ass};
///
/// let comments = [
///     Comment::new(Vpos(200), "かわいい").mail("red"),
///     Comment::new(Vpos(210), "ｗｗｗ").mail("ue small"),
/// ];
/// let placed = layout(&comments, &Fonts::estimated(), &LayoutOptions::default());
/// let mut file = Vec::new();
/// write_ass(&placed, &AssOptions::default(), &mut file)?;
/// let file = String::from_utf8(file).expect("ASS is text");
/// assert!(file.contains("Dialogue: 0,0:00:02.10,0:00:05.10,defont,,0,0,0,,{\\pos(884.1,"));
/// assert!(file.contains("\\c&H0000FF&}かわいい"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// What the writer says; [`InvalidInput`](io::ErrorKind::InvalidInput) for options out of range.
pub fn write_ass(layout: &Layout, options: &AssOptions, out: impl Write) -> io::Result<()> {
    let export = Export::new(layout, options)?;
    let mut shaper = layout.fonts().map(Shaper::new);
    let mut writer = AssWriter::new(BufWriter::new(out), export.stage.clone());
    let shown = layout.comments().iter().filter(|comment| {
        let crowded = options.leave_out_crowded && comment.overflow > 0;
        !(comment.invisible || comment.blank || crowded)
    });
    let limited = layout.limited();
    for comment in shown {
        let (begin, end) = comment.listed();
        let all = [(comment.clamped_vpos() + begin, comment.clamped_vpos() + end)];
        let spans = match &limited {
            Some(limited) if !comment.banner => limited[comment.index].as_slice(),
            _ => &all,
        };
        let cut = |&span: &(i64, i64)| stretches(layout, comment, span);
        let stretches: Vec<Stretch> = spans.iter().flat_map(cut).collect();
        let parts = placed_lines(&mut shaper, comment, stretches.len());
        for stretch in &stretches {
            export.comment(comment, &parts, stretch, &mut writer)?;
        }
    }
    writer.finish().map(drop)
}

/// What is the same for all comments of a file.
struct Export {
    viewport: Viewport,
    stage: AssStage,
    metrics: [(f64, f64); 3], // of Defont, Gothic, Mincho: ascent, and with descent, of the em
    opacity: f64,
}

impl Export {
    fn new(layout: &Layout, options: &AssOptions) -> io::Result<Self> {
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
        let (width, height) = options.size;
        let area = height.saturating_sub(options.reserve);
        let viewport = Viewport::new(width, area).map_err(invalid)?;
        if !(0.0..=1.0).contains(&options.opacity) {
            return Err(invalid(Error::OutOfRange {
                what: "the opacity of subtitles",
                found: options.opacity,
                expected: "0 to 1",
            }));
        }
        let scale = viewport.scale().1;
        let faces = [Font::Defont, Font::Gothic, Font::Mincho].map(|font| {
            layout
                .fonts()
                .and_then(|fonts| first_face(fonts, font.into()))
        });
        let metrics = faces
            .each_ref()
            .map(|face| face.as_ref().map_or(USUAL, vertical));
        let family = |font| {
            layout
                .fonts()
                .map_or("sans-serif", |fonts| fonts.family(font))
        };
        let mut stage = AssStage::new(width, height);
        stage.size = MEDIUM * UNIT * scale * metrics[0].1;
        stage.families = options.families.clone().unwrap_or_else(|| {
            [Font::Defont, Font::Gothic, Font::Mincho].map(|font| family(font).to_owned())
        });
        if faces.iter().any(Option::is_some) {
            stage.bold =
                faces.map(|face| face.is_some_and(|face| face.weight().to_number() >= 600));
        }
        stage.outline_width = BORDER * UNIT * scale;
        Ok(Self {
            viewport,
            stage,
            metrics,
            opacity: options.opacity,
        })
    }

    /// Writes the parts of a comment's lines for a part of its time.
    fn comment(
        &self,
        comment: &PlacedComment,
        parts: &[PlacedPart<'_>],
        stretch: &Stretch,
        writer: &mut AssWriter<impl Write>,
    ) -> io::Result<()> {
        let (scale_x, scale_y) = self.viewport.scale();
        let across = comment.glyph_scale * comment.stretch() * UNIT * scale_x;
        let magnified = comment.glyph_scale * UNIT;
        let em = comment.font_px * magnified * scale_y;
        let (from, top) = self.viewport.place(comment, stretch.x.0, comment.top());
        let (to, _) = self.viewport.place(comment, stretch.x.1, comment.top());
        let opacity = comment.opacity * self.opacity;
        let layer = if comment.banner {
            2
        } else {
            u32::from(comment.owner)
        };
        if let Some(fill) = comment.fill_box {
            let (left, right, width) = match comment.banner {
                true => (0.0, 0.0, f64::from(self.stage.width)),
                false => (from, to, comment.width * scale_x),
            };
            writer.rectangle(&Rectangle {
                shown: stretch.times,
                at: ((left, top), (right, top)),
                size: (width, comment.height * scale_y),
                color: fill.color,
                opacity: opacity * f64::from(fill.alpha) / 255.0,
                layer,
            })?;
        }
        for &PlacedPart {
            line,
            text,
            font,
            pen,
        } in parts
        {
            let baseline = top + comment.baseline(line) * scale_y;
            let (ascent, height) = self.metrics[Family::from(font).slot()];
            let (before, y) = (pen * across, baseline - ascent * em);
            let mut event = self.stage.event(text, stretch.times, (from + before, y));
            if comment.position == Position::Naka {
                event.moves_to = Some((to + before, y));
            }
            event.layer = layer;
            event.font = font;
            event.size = em * height;
            event.stretch = comment.stretch();
            event.color = comment.color;
            event.outline = comment.outline.color;
            event.opacity = opacity;
            event.outline_opacity = opacity * f64::from(comment.outline.alpha) / 255.0;
            event.outline_width = comment.outline_width() / 2.0 * magnified * scale_y;
            writer.write(&event)?;
        }
        Ok(())
    }
}

/// A part of a line of a comment that is an event of its own, and how it is set.
#[derive(Clone, Copy)]
struct PlacedPart<'t> {
    line: usize,
    text: &'t str,
    font: Font,
    /// Where it begins, in pixels of the font at unit scale before it is stretched.
    pen: f64,
}

/// The parts of a comment's lines, which are written for so many stretches of time.
fn placed_lines<'t>(
    shaper: &mut Option<Shaper<'_>>,
    comment: &'t PlacedComment,
    stretches: usize,
) -> Vec<PlacedPart<'t>> {
    let Some(shaper) = shaper else {
        return Vec::new(); // a layout without fonts has no comments
    };
    let most = MOST_EVENTS / (stretches * comment.num_lines).max(1);
    let most = most.clamp(1, MOST_PARTS);
    let lines = comment.text.split('\n').enumerate();
    lines
        .flat_map(|(number, line)| placed_parts(shaper, comment, (number, line), most))
        .collect()
}

/// The parts of a line; one if they were more than `most`.
fn placed_parts<'t>(
    shaper: &mut Shaper<'_>,
    comment: &PlacedComment,
    (number, line): (usize, &'t str),
    most: usize,
) -> Vec<PlacedPart<'t>> {
    let mut placed = Vec::new();
    comment.line_parts(shaper, line, |shaper, pen, text, family| {
        for (at, part) in parts(text) {
            if placed.len() > most {
                return;
            }
            let mut before = pen;
            if at > 0 {
                shaper.line(family, &text[..at], |glyphs| {
                    let advances = glyphs.iter().map(|glyph| glyph.advance(comment.font_px));
                    before += advances.sum::<f64>();
                });
            }
            placed.push(PlacedPart {
                line: number,
                text: part,
                font: family.font(),
                pen: before,
            });
        }
    });
    if placed.len() > most {
        placed.truncate(1);
        placed[0].text = line.trim();
    }
    placed
}

fn first_face(fonts: &Fonts, font: Family) -> Option<Face<'_>> {
    let (bytes, index) = fonts.data(*fonts.chain(font).first()?)?;
    Face::parse(bytes, index).ok()
}

/// Ascent, and ascent with descent, of the em: those for Windows, which libass uses, or the general
/// ones.
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
        USUAL
    }
}

/// A time in which a comment moves evenly, with its left edge at the beginning and end.
struct Stretch {
    times: (Vpos, Vpos), // not negative
    x: (f64, f64),
}

/// Cuts a time of a comment where a script begins or ends, and leaves out what is not shown.
fn stretches(layout: &Layout, comment: &PlacedComment, (begin, end): (i64, i64)) -> Vec<Stretch> {
    let begin = begin.max(0);
    if end <= begin {
        return Vec::new(); // over before the video begins
    }
    let (reversed, banned) = layout.spans();
    // What stands still is not mirrored.
    let reversed = match comment.position {
        Position::Naka => reversed,
        Position::Ue | Position::Shita => &[],
    };
    let edges = reversed
        .iter()
        .chain(banned)
        .flat_map(|span| [span.from, span.to]);
    let mut cuts: Vec<i64> = edges.filter(|&edge| begin < edge && edge < end).collect();
    cuts.extend([begin, end]);
    cuts.sort_unstable();
    cuts.dedup();
    // From when until when it is shown, and whether mirrored; where neither changes it goes on.
    let mut shown: Vec<(i64, i64, bool)> = Vec::new();
    for pair in cuts.windows(2) {
        let t = real(pair[0]);
        if banned.iter().any(|span| span.holds(t, comment.owner)) {
            continue;
        }
        let mirrored = reversed.iter().any(|span| span.holds(t, comment.owner));
        match shown.last_mut() {
            Some(last) if last.1 == pair[0] && last.2 == mirrored => last.1 = pair[1],
            _ => shown.push((pair[0], pair[1], mirrored)),
        }
    }
    shown
        .into_iter()
        .map(|(from, to, mirrored)| {
            let x = |t: i64| {
                let x = comment.x_at(real(t));
                if mirrored {
                    STAGE_WIDTH - comment.width - x
                } else {
                    x
                }
            };
            Stretch {
                times: (Vpos(from), Vpos(to)),
                x: (x(from), x(to)),
            }
        })
        .collect()
}

/// The stretches of a line that have no blanks but single spaces inside, with where they begin, in
/// bytes. Renderers differ in how wide other blanks are, and drop those at the ends. A line with
/// text from right to left is one stretch, for players put its words in order.
fn parts(line: &str) -> Vec<(usize, &str)> {
    if may_reorder(line) {
        let text = line.trim_start();
        let part = (line.len() - text.len(), text.trim_end());
        return Vec::from_iter((!part.1.is_empty()).then_some(part));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_blanks_that_are_no_single_space() {
        assert_eq!(parts("a b  c\u{3000}d "), [(0, "a b"), (5, "c"), (9, "d")]);
        assert_eq!(parts(" \u{3000}"), []);
        assert_eq!(parts(" שלום  עולם "), [(1, "שלום  עולם")]);
    }
}
