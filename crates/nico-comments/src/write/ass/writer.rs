use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::event::{AssAnchor, AssEvent, AssStage};
use crate::{Color, Font, Vpos};

/// Writes placed texts as ASS subtitles: UTF-8 with a byte-order mark, CRLF, a style per family.
///
/// A layout made elsewhere, with exact widths, goes through the same writer as the estimated one of
/// [`write_ass`](crate::write_ass).
///
/// ```
/// use nico_comments::{AssStage, AssWriter, Vpos};
///
/// let stage = AssStage::new(640, 360);
/// let mut writer = AssWriter::new(Vec::new(), stage.clone());
/// let mut event = stage.event("草{1}", (Vpos(100), Vpos(6_123)), (640.0, 0.0));
/// event.moves_to = Some((-95.5, 0.0));
/// writer.write(&event)?;
/// let file = String::from_utf8(writer.finish()?).expect("ASS is text");
/// assert!(file.ends_with("Dialogue: 0,0:00:01.00,0:01:01.23,defont,,0,0,0,,{\\move(640,0,-95.5,0)}草\\{1\\}\r\n"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct AssWriter<W> {
    out: W,
    stage: AssStage,
    begun: bool,
    buf: String,
}

impl<W: Write> AssWriter<W> {
    /// A writer to `out`, which should be buffered. Nothing is written before the first event.
    pub fn new(out: W, stage: AssStage) -> Self {
        Self {
            out,
            stage,
            begun: false,
            buf: String::new(),
        }
    }

    /// Writes an event, unless it ends before it begins, or before the video does. Of one that begins before the video, the
    /// part that is seen is written.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn write(&mut self, event: &AssEvent<'_>) -> io::Result<()> {
        self.begin()?;
        let (from, to) = event.shown;
        let seen = from.max(Vpos(0));
        if to <= seen {
            return Ok(());
        }
        self.buf.clear();
        let (x, y) = event.at;
        let place = match event.moves_to {
            None => format!("\\pos({},{})", Px(x), Px(y)),
            Some((to_x, to_y)) => {
                let gone = (seen - from).as_secs_f64() / (to - from).as_secs_f64();
                let (x, y) = (x + (to_x - x) * gone, y + (to_y - y) * gone);
                format!("\\move({},{},{},{})", Px(x), Px(y), Px(to_x), Px(to_y))
            }
        };
        write!(
            self.buf,
            "Dialogue: {},{},{},{},,0,0,0,,{{{place}",
            event.layer,
            Clock(seen),
            Clock(to),
            style(event.font),
        )
        .expect("text takes text");
        self.looks(event).expect("text takes text");
        self.buf.push('}');
        escape(event.text, &mut self.buf);
        self.buf.push_str("\r\n");
        self.out.write_all(self.buf.as_bytes())
    }

    /// Flushes and gives the output back. Without events it is a file that shows nothing.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.begin()?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// Writes what stands above the events, once.
    fn begin(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let stage = &self.stage;
        let mut head = format!(
            // Without a matrix, players show colours as they are written.
            "\u{FEFF}[Script Info]\nScriptType: v4.00+\nPlayResX: {width}\nPlayResY: {height}\nLayoutResX: {width}\n\
             LayoutResY: {height}\nWrapStyle: 2\nCollisions: Normal\nScaledBorderAndShadow: yes\nYCbCr Matrix: None\n\n\
             [V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
             Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
             MarginR, MarginV, Encoding\n",
            width = stage.width,
            height = stage.height,
        );
        let (letters, outline) = (Alpha(stage.opacity), Alpha(stage.outline_opacity));
        for (at, font) in FONTS.into_iter().enumerate() {
            let family = stage.families[at].replace([',', '\r', '\n'], " ");
            writeln!(
                head,
                "Style: {},{family},{},&H{letters}FFFFFF,&H{letters}FFFFFF,&H{outline}000000,&H{outline}000000,\
                 {},0,0,0,100,100,0,0,1,{},0,7,0,0,0,1",
                style(font),
                Px(stage.size),
                if stage.bold[at] { -1 } else { 0 },
                Px(stage.outline_width),
            )
            .expect("text takes text");
        }
        head.push_str(
            "\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
        );
        self.out.write_all(head.replace('\n', "\r\n").as_bytes())
    }

    /// What of the looks differs from the style's.
    fn looks(&mut self, event: &AssEvent<'_>) -> fmt::Result {
        let (stage, out) = (&self.stage, &mut self.buf);
        match event.anchor {
            AssAnchor::TopLeft => {}
            AssAnchor::TopCenter => out.push_str("\\an8"),
            AssAnchor::BottomCenter => out.push_str("\\an2"),
        }
        if Px(event.size) != Px(stage.size) {
            write!(out, "\\fs{}", Px(event.size))?;
        }
        if event.color != Color::WHITE {
            write!(out, "\\c{}", Bgr(event.color))?;
        }
        if event.outline != Color::BLACK {
            write!(out, "\\3c{}", Bgr(event.outline))?;
        }
        if Alpha(event.opacity) != Alpha(stage.opacity) {
            write!(out, "\\1a&H{}&", Alpha(event.opacity))?;
        }
        if Alpha(event.outline_opacity) != Alpha(stage.outline_opacity) {
            write!(out, "\\3a&H{}&", Alpha(event.outline_opacity))?;
        }
        if Px(event.outline_width) != Px(stage.outline_width) {
            write!(out, "\\bord{}", Px(event.outline_width))?;
        }
        Ok(())
    }
}

const FONTS: [Font; 3] = [Font::Defont, Font::Gothic, Font::Mincho];

fn style(font: Font) -> &'static str {
    match font {
        Font::Defont => "defont",
        Font::Gothic => "gothic",
        Font::Mincho => "mincho",
    }
}

/// A length in pixels, with at most two decimals. What is no number is 0.
#[derive(Clone, Copy)]
struct Px(f64);

impl Px {
    fn hundredths(self) -> f64 {
        let hundredths = (self.0.clamp(-1e9, 1e9) * 100.0).round();
        if hundredths.is_finite() {
            hundredths
        } else {
            0.0
        }
    }
}

impl PartialEq for Px {
    fn eq(&self, other: &Self) -> bool {
        self.hundredths() == other.hundredths()
    }
}

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.hundredths() / 100.0 + 0.0) // + 0.0 makes -0 a 0
    }
}

/// Transparency as two hexadecimal digits, of an opacity from 0 to 1.
#[derive(Clone, Copy)]
struct Alpha(f64);

impl Alpha {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates at a byte's values"
    )]
    fn byte(self) -> u8 {
        255 - (self.0 * 255.0).round() as u8
    }
}

impl PartialEq for Alpha {
    fn eq(&self, other: &Self) -> bool {
        self.byte() == other.byte()
    }
}

impl fmt::Display for Alpha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.byte())
    }
}

/// `&HBBGGRR&`.
struct Bgr(Color);

impl fmt::Display for Bgr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "&H{:02X}{:02X}{:02X}&", self.0.b, self.0.g, self.0.r)
    }
}

/// `H:MM:SS.cc`.
struct Clock(Vpos);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cs = self.0.0.max(0);
        let (hours, minutes, seconds) = (cs / 360_000, cs / 6_000 % 60, cs / 100 % 60);
        write!(f, "{hours}:{minutes:02}:{seconds:02}.{:02}", cs % 100)
    }
}

/// Stands between what players would take for a command or leave out.
const NOTHING: char = '\u{200B}';

/// Appends text that means nothing but itself: backslashes and braces are commands, blanks at the ends of a line are left out
/// by players, and so are empty lines.
fn escape(text: &str, out: &mut String) {
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str("\\N");
        }
        let blank = |c: char| matches!(c, ' ' | '\t');
        if line.is_empty() {
            out.push(' ');
        }
        if line.starts_with(blank) {
            out.push(NOTHING);
        }
        for c in line.chars() {
            match c {
                '\\' => out.extend(['\\', NOTHING]),
                '{' | '}' => out.extend(['\\', c]),
                '\t' => out.push(c),
                c if c.is_control() => {}
                c => out.push(c),
            }
        }
        if line.ends_with(blank) {
            out.push(NOTHING);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_be_taken_for_commands() {
        let escaped = |text: &str| {
            let mut out = String::new();
            escape(text, &mut out);
            out
        };
        assert_eq!(escaped(r"{\b1}"), "\\{\\\u{200B}b1\\}");
        assert_eq!(escaped(" a\n\nb\t\r\u{7}"), "\u{200B} a\\N \\Nb\t");
        assert_eq!(escaped("b\t"), "b\t\u{200B}");
    }

    #[test]
    fn numbers_are_short_and_finite() {
        let text = |px| Px(px).to_string();
        assert_eq!(
            [-0.001, 12.346, 7.0, f64::NAN, f64::INFINITY].map(text),
            ["0", "12.35", "7", "0", "1000000000"]
        );
        assert_eq!(
            [0.4, 1.0, 0.0, 7.0, -1.0, f64::NAN].map(|opacity| Alpha(opacity).to_string()),
            ["99", "00", "FF", "00", "FF", "FF"]
        );
        assert_eq!(Clock(Vpos(360_000 * 2 + 6_123)).to_string(), "2:01:01.23");
        assert_eq!(Bgr(Color::rgb(1, 2, 255)).to_string(), "&HFF0201&");
    }

    /// One that began a quarter of its time before the video is a quarter of its way on.
    #[test]
    fn what_began_before_the_video_is_on_its_way() {
        let stage = AssStage::new(400, 300);
        let mut writer = AssWriter::new(Vec::new(), stage.clone());
        let mut event = stage.event("w", (Vpos(-100), Vpos(300)), (400.0, 8.0));
        event.moves_to = Some((-100.0, 8.0));
        writer.write(&event).unwrap();
        event.shown = (Vpos(-300), Vpos(0));
        writer.write(&event).unwrap();
        let file = String::from_utf8(writer.finish().unwrap()).unwrap();
        let events: Vec<_> = file
            .lines()
            .filter(|line| line.starts_with("Dialogue"))
            .collect();
        assert_eq!(
            events,
            ["Dialogue: 0,0:00:00.00,0:00:03.00,defont,,0,0,0,,{\\move(275,8,-100,8)}w"]
        );
    }
}
