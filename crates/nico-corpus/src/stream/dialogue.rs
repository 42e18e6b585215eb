use std::{fs, io::Read, path::Path, time::Duration};

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};
use fasrt::{ass, srt, vtt};

use super::dialogue_error::DialogueError;
use crate::error::Error;

/// Largest file that is read: a film's dialogue is a hundred kilobytes.
const LARGEST: u64 = 64 << 20;

/// Format of a file of dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DialogueFormat {
    /// SubRip, `.srt`.
    Srt,
    /// WebVTT, `.vtt`.
    WebVtt,
    /// Advanced SubStation Alpha and its forerunner, `.ass` and `.ssa`.
    Ass,
}

impl DialogueFormat {
    /// The format of a file by the ending of its name, in any case.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "srt" => Some(Self::Srt),
            "vtt" => Some(Self::WebVtt),
            "ass" | "ssa" => Some(Self::Ass),
            _ => None,
        }
    }
}

/// A line of dialogue: what is said, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialogueLine {
    /// When it begins, milliseconds of the video.
    pub start_ms: i64,
    /// When it ends, milliseconds of the video.
    pub end_ms: i64,
    /// What is said, without markup; a blank stands for each line break.
    pub text: String,
}

/// What is said in a video, by time.
///
/// ```
/// use nico_corpus::stream::{Dialogue, DialogueFormat};
///
/// let file = "1\n00:00:04,690 --> 00:00:06,780\n<i>おはよう</i>\n\n2\n00:00:07,000 --> 00:00:08,000\n元気？\n";
/// let dialogue = Dialogue::parse(file, DialogueFormat::Srt);
/// assert_eq!(dialogue.lines()[0].start_ms, 4_690);
/// assert_eq!(dialogue.lines()[0].text, "おはよう");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialogue {
    lines: Vec<DialogueLine>,
}

impl Dialogue {
    /// Reads a file; its format follows from the ending of its name. Text is UTF-8, UTF-16 with a
    /// byte order mark, or Shift_JIS. Entries that cannot be read are passed over, as players do.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, is larger than 64 MiB, is in another format or encoding,
    /// and if it has text but no line with a time.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let wrong = |source| Error::Dialogue {
            path: path.to_owned(),
            source,
        };
        let format =
            DialogueFormat::of_path(path).ok_or_else(|| wrong(DialogueError::UnknownFormat))?;
        let file = fs::File::open(path).map_err(Error::io(path))?;
        let bytes = file.metadata().map_err(Error::io(path))?.len();
        if bytes > LARGEST {
            return Err(wrong(DialogueError::TooLarge {
                bytes,
                limit: LARGEST,
            }));
        }
        let mut content = Vec::new();
        // Of a pipe too, which has no size.
        file.take(LARGEST)
            .read_to_end(&mut content)
            .map_err(Error::io(path))?;
        let text = decode(&content).ok_or_else(|| wrong(DialogueError::Encoding))?;
        let dialogue = Self::parse(&text, format);
        if dialogue.lines.is_empty() && !text.trim().is_empty() && format != DialogueFormat::Ass {
            return Err(wrong(DialogueError::NoLines));
        }
        Ok(dialogue)
    }

    /// Parses text; entries that cannot be read are passed over.
    #[must_use]
    pub fn parse(text: &str, format: DialogueFormat) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = match format {
            DialogueFormat::Srt => srt_lines(text),
            DialogueFormat::WebVtt => vtt_lines(text),
            DialogueFormat::Ass => ass_lines(text),
        };
        Self::new(lines)
    }

    /// Dialogue of these lines, which are put in order of time; those without text are left out.
    #[must_use]
    pub fn new(lines: impl IntoIterator<Item = DialogueLine>) -> Self {
        let mut lines: Vec<DialogueLine> = lines
            .into_iter()
            .filter(|line| !line.text.trim().is_empty())
            .collect();
        lines.sort_by_key(|line| line.start_ms); // stable: what begins together stays in order
        Self { lines }
    }

    /// The lines in order of their beginnings.
    #[must_use]
    pub fn lines(&self) -> &[DialogueLine] {
        &self.lines
    }
}

fn decode(content: &[u8]) -> Option<String> {
    if let Some((encoding, mark)) = Encoding::for_bom(content) {
        return strict(encoding, content.get(mark..)?);
    }
    strict(UTF_8, content).or_else(|| strict(SHIFT_JIS, content))
}

fn strict(encoding: &'static Encoding, content: &[u8]) -> Option<String> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(content)?;
    Some(text.into_owned())
}

fn srt_lines(text: &str) -> Vec<DialogueLine> {
    let entries = srt::Parser::lossy(text).filter_map(Result::ok);
    let lines = entries.map(|entry| {
        let header = entry.header_ref();
        line(
            header.start().to_duration(),
            header.end().to_duration(),
            srt::text::PlainText::new(entry.body()).normalize(),
        )
    });
    lines.collect()
}

fn vtt_lines(text: &str) -> Vec<DialogueLine> {
    let blocks = vtt::Parser::new(text).filter_map(Result::ok);
    let lines = blocks.filter_map(|block| {
        let vtt::Block::Cue(cue) = block else {
            return None;
        };
        let header = cue.header_ref();
        let mut words = String::new();
        for token in vtt::cue::CueParser::new(cue.body_ref()) {
            if let vtt::cue::CueToken::Text(part) = token {
                words.push_str(part.normalize());
            }
        }
        Some(line(
            header.start().to_duration(),
            header.end().to_duration(),
            &words,
        ))
    });
    lines.collect()
}

fn ass_lines(text: &str) -> Vec<DialogueLine> {
    let blocks = ass::Parser::lossy(text).filter_map(Result::ok);
    let lines = blocks.filter_map(|block| {
        let ass::Block::Event(event) = block else {
            return None;
        };
        if event.kind() != ass::EventKind::Dialogue {
            return None;
        }
        let start = event.start()?.to_duration();
        let end = event.end().map_or(start, |end| end.to_duration());
        Some(line(start, end, event.plain_text().normalize()))
    });
    lines.collect()
}

fn line(start: Duration, end: Duration, text: &str) -> DialogueLine {
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let words = text.lines().map(str::trim).filter(|line| !line.is_empty());
    DialogueLine {
        start_ms: millis(start),
        end_ms: millis(end.max(start)),
        text: words.collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, content: &[u8]) -> Result<Dialogue, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        Dialogue::read(&path)
    }

    fn lines(dialogue: &Dialogue) -> Vec<(i64, i64, &str)> {
        let lines = dialogue.lines().iter();
        lines
            .map(|line| (line.start_ms, line.end_ms, line.text.as_str()))
            .collect()
    }

    const EXPECTED: [(i64, i64, &str); 2] =
        [(1_000, 2_500, "おはよう 先生"), (61_000, 63_000, "A & B")];

    #[test]
    fn three_formats_say_the_same() {
        let srt = "2\r\n00:01:01,000 --> 00:01:03,000\r\nA & B\r\n\r\n1\r\n00:00:01,000 --> 00:00:02,500\r\n<b>おはよう</b>\r\n先生\r\n";
        assert_eq!(lines(&read("a.SRT", srt.as_bytes()).unwrap()), EXPECTED);
        let vtt = "WEBVTT\n\nNOTE nothing\n\n00:01.000 --> 00:02.500 line:0\n<v 生徒>おはよう</v>\n先生\n\n01:01.000 --> 01:03.000\nA &amp; B\n";
        assert_eq!(lines(&read("a.vtt", vtt.as_bytes()).unwrap()), EXPECTED);
        let ass = "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
            Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\an8}おはよう\\N先生\nComment: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,not said\n\
            Dialogue: 0,0:01:01.00,0:01:03.00,Default,,0,0,0,,A & B\nDialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n";
        assert_eq!(lines(&read("a.ass", ass.as_bytes()).unwrap()), EXPECTED);
    }

    #[test]
    fn encodings_of_japanese_files_are_read() {
        let srt = "1\n00:00:01,000 --> 00:00:02,000\nおはよう\n";
        let utf_16: Vec<u8> = std::iter::once(0xfeff)
            .chain(srt.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let with_mark = format!("\u{feff}{srt}").into_bytes();
        let shift_jis = SHIFT_JIS.encode(srt).0.into_owned();
        for content in [utf_16, with_mark, shift_jis] {
            let dialogue = read("a.srt", &content).unwrap();
            assert_eq!(lines(&dialogue), [(1_000, 2_000, "おはよう")]);
        }
    }

    #[test]
    fn what_is_no_dialogue_is_refused_by_name() {
        let message = |name: &str, content: &[u8]| {
            let error = anyhow_chain(&read(name, content).unwrap_err());
            assert!(error.contains(name), "{error}");
            error
        };
        assert!(message("a.txt", b"x").contains(".srt, .vtt"));
        assert!(message("a.srt", b"<html>503</html>").contains("no line with a time"));
        assert!(message("a.srt", &[0x81, 0xff, 0xff]).contains("Shift_JIS"));
        assert!(read("a.srt", b"\n").unwrap().lines().is_empty());
        let damaged = "1\n00:00:01,000 -> 2\nbad\n\n2\n00:00:03,000 --> 00:00:02,000\nbackwards\n";
        let damaged = read("a.srt", damaged.as_bytes()).unwrap();
        assert_eq!(lines(&damaged), [(3_000, 3_000, "backwards")]);
    }

    fn anyhow_chain(error: &dyn std::error::Error) -> String {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    }
}
