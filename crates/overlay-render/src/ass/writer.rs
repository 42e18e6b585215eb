use std::fmt::{self, Write as _};
use std::io::{self, Write};

use nico_comments::{Color, Font, Vpos};

use super::event::{AssAnchor, AssEvent, AssStage};

/// Writes subtitles in Advanced SubStation Alpha: UTF-8 with a byte order mark, CRLF, a style per
/// family.
///
/// For texts that were placed elsewhere; [`write_ass`](crate::write_ass) writes a layout.
///
/// ```
/// use nico_comments::Vpos;
/// use overlay_render::{AssStage, AssWriter};
///
/// let stage = AssStage::new(640, 360);
/// let mut writer = AssWriter::new(Vec::new(), stage.clone());
/// let mut event = stage.event("草{1}", (Vpos(100), Vpos(6_123)), (640.0, 0.0));
/// event.moves_to = Some((-95.5, 0.0));
/// writer.write(&event)?;
/// let file = String::from_utf8(writer.finish()?).expect("ASS is text");
/// let line = "Dialogue: 0,0:00:01.00,0:01:01.23,defont,,0,0,0,,{\\move(640,0,-95.5,0)}草\\{1\\}\r\n";
/// assert!(file.ends_with(line));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct AssWriter<W> {
    out: W,
    stage: AssStage,
    begun: bool,
    buf: String,
}

/// A filled rectangle on the stage.
pub(super) struct Rectangle {
    /// When it appears, not before the video, and when it goes.
    pub(super) shown: (Vpos, Vpos),
    /// Its upper left corner at these times.
    pub(super) at: ((f64, f64), (f64, f64)),
    pub(super) size: (f64, f64),
    pub(super) color: Color,
    pub(super) opacity: f64,
    pub(super) layer: u32,
}

impl<W: Write> AssWriter<W> {
    /// A writer to `out`, which should be buffered. Nothing is written before the first event.
    #[must_use]
    pub fn new(out: W, stage: AssStage) -> Self {
        Self {
            out,
            stage,
            begun: false,
            buf: String::new(),
        }
    }

    /// Writes an event, unless it ends before it begins, or before the video does. Of one that
    /// begins before the video, the part that is seen is written.
    ///
    /// # Errors
    ///
    /// If `out` fails; [`InvalidInput`](io::ErrorKind::InvalidInput) for an opacity outside 0 to 1
    /// and for lengths that are no number, of the event or the stage.
    pub fn write(&mut self, event: &AssEvent<'_>) -> io::Result<()> {
        check(event)?;
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
            event.font.as_str(),
        )
        .expect("text takes text");
        self.looks(event).expect("text takes text");
        self.buf.push('}');
        escape(event.text, &mut self.buf);
        self.buf.push_str("\r\n");
        self.out.write_all(self.buf.as_bytes())
    }

    /// Writes a filled rectangle, which moves from its first corner to the second if they differ.
    pub(super) fn rectangle(&mut self, rectangle: &Rectangle) -> io::Result<()> {
        self.begin()?;
        let Rectangle {
            shown: (from, to),
            at: ((x, y), (to_x, to_y)),
            size: (width, height),
            color,
            opacity,
            layer,
        } = *rectangle;
        let place = if (x, y) == (to_x, to_y) {
            format!("\\pos({},{})", Px(x), Px(y))
        } else {
            format!("\\move({},{},{},{})", Px(x), Px(y), Px(to_x), Px(to_y))
        };
        let (from, to, color, alpha) = (Clock(from), Clock(to), Bgr(color), Alpha(opacity));
        let (w, h, style) = (Px(width), Px(height), Font::ALL[0].as_str());
        write!(
            self.out,
            "Dialogue: {layer},{from},{to},{style},,0,0,0,,{{{place}\\bord0\\c{color}\\1a&H{alpha}&\\p1}}\
             m 0 0 l {w} 0 {w} {h} 0 {h}{{\\p0}}\r\n",
        )
    }

    /// Flushes and gives the output back. Without events it is a file that shows nothing.
    ///
    /// # Errors
    ///
    /// If `out` fails, and as [`write`](Self::write) for a stage.
    pub fn finish(mut self) -> io::Result<W> {
        self.begin()?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// Writes what stands above the events, once.
    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        let stage = &self.stage;
        check_numbers(
            [stage.size, stage.outline_width],
            [stage.opacity, stage.outline_opacity],
        )?;
        self.begun = true;
        let mut head = format!(
            // Without a matrix, players show colours as they are written.
            "\u{FEFF}[Script Info]\nScriptType: v4.00+\nPlayResX: {width}\nPlayResY: {height}\nLayoutResX: {width}\n\
             LayoutResY: {height}\nWrapStyle: 2\nCollisions: Normal\nScaledBorderAndShadow: yes\nKerning: yes\nYCbCr Matrix: None\n\n\
             [V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
             Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
             MarginR, MarginV, Encoding\n",
            width = stage.width,
            height = stage.height,
        );
        let (letters, outline) = (Alpha(stage.opacity), Alpha(stage.outline_opacity));
        for (at, font) in Font::ALL.iter().enumerate() {
            let family = stage.families[at].replace([',', '\r', '\n'], " ");
            writeln!(
                head,
                "Style: {},{family},{},&H{letters}FFFFFF,&H{letters}FFFFFF,&H{outline}000000,&H{outline}000000,\
                 {},0,0,0,100,100,0,0,1,{},0,7,0,0,0,1",
                font.as_str(),
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
        if Px(event.stretch * 100.0) != Px(100.0) {
            write!(out, "\\fscx{}", Px(event.stretch * 100.0))?;
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

fn check(event: &AssEvent<'_>) -> io::Result<()> {
    let (x, y) = event.at;
    let (to_x, to_y) = event.moves_to.unwrap_or(event.at);
    let (size, stretch) = (event.size, event.stretch);
    check_numbers(
        [x, y, to_x, to_y, size, stretch, event.outline_width],
        [event.opacity, event.outline_opacity],
    )
}

fn check_numbers<const LENGTHS: usize>(
    lengths: [f64; LENGTHS],
    opacities: [f64; 2],
) -> io::Result<()> {
    let refuse = |what: String| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    if let Some(length) = lengths.iter().find(|length| !length.is_finite()) {
        return refuse(format!("a length of a subtitle is {length}"));
    }
    if let Some(opacity) = opacities
        .iter()
        .find(|opacity| !(0.0..=1.0).contains(*opacity))
    {
        return refuse(format!(
            "an opacity of a subtitle is {opacity}, expected 0 to 1"
        ));
    }
    Ok(())
}

/// A length in pixels, with at most two decimals.
#[derive(Clone, Copy)]
struct Px(f64);

impl Px {
    fn hundredths(self) -> f64 {
        (self.0 * 100.0).round()
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
        reason = "opacities are checked to be 0 to 1"
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

/// Appends text that means nothing but itself: backslashes and braces are commands, blanks at the
/// ends of a line are left out by players, and so are empty lines.
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
                c if c.is_control() => out.push(' '),
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
        assert_eq!(escaped(" a\n\nb\t\r\u{7}"), "\u{200B} a\\N \\Nb\t  ");
        assert_eq!(escaped("b\t"), "b\t\u{200B}");
    }

    #[test]
    fn numbers_are_short() {
        let text = |px| Px(px).to_string();
        assert_eq!([-0.001, 12.346, 7.0].map(text), ["0", "12.35", "7"]);
        assert_eq!(
            [0.4, 1.0, 0.0].map(|opacity| Alpha(opacity).to_string()),
            ["99", "00", "FF"]
        );
        assert_eq!(Clock(Vpos(360_000 * 2 + 6_123)).to_string(), "2:01:01.23");
        assert_eq!(Bgr(Color::rgb(1, 2, 255)).to_string(), "&HFF0201&");
    }

    #[test]
    fn what_is_no_length_or_opacity_is_refused() {
        let stage = AssStage::new(400, 300);
        let event = stage.event("w", (Vpos(0), Vpos(300)), (0.0, 0.0));
        let refused = |event: AssEvent<'_>| {
            let mut writer = AssWriter::new(Vec::new(), stage.clone());
            writer.write(&event).is_err()
        };
        assert!(!refused(event.clone()));
        for at in [(f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert!(refused(AssEvent {
                at,
                ..event.clone()
            }));
        }
        for opacity in [7.0, -1.0, f64::NAN] {
            assert!(refused(AssEvent {
                opacity,
                ..event.clone()
            }));
            let mut stage = stage.clone();
            stage.outline_opacity = opacity;
            let mut writer = AssWriter::new(Vec::new(), stage);
            for _ in 0..2 {
                assert!(writer.write(&event).is_err());
            }
            assert!(writer.finish().is_err());
        }
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
