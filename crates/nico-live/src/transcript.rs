use nico_corpus::stream::{Dialogue, DialogueFormat};

/// Longest line that is kept, in bytes; of longer ones the rest is passed over.
const MOST_BYTES: usize = 64 << 10;
/// Most lines of an entry.
const MOST_LINES: usize = 64;

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpokenLine {
    /// When it begins, milliseconds, where the transcript says so; else it is said now.
    pub start_ms: Option<i64>,
    /// What is said.
    pub text: String,
}

/// Reads what is said as a transcriber writes it: SubRip (`.srt`), WebVTT, or plain lines of text,
/// which of them follows from what comes first.
///
/// It takes bytes as they come. An entry of SubRip or WebVTT ends with a blank line, or when nothing
/// more comes for a while ([`idle`](Self::idle)); a line without an end ends when nothing more comes
/// for long ([`unended`](Self::unended)). What cannot be read is passed over.
///
/// ```
/// use nico_live::Transcript;
///
/// let mut transcript = Transcript::default();
/// assert!(transcript.push(b"1\n00:00:01,500 --> 00:00:03,0").is_empty());
/// let lines = transcript.push("00\nおはよう\n\n".as_bytes());
/// assert_eq!((lines[0].start_ms, lines[0].text.as_str()), (Some(1_500), "おはよう"));
///
/// let mut plain = Transcript::default();
/// assert_eq!(plain.push(b"good morning\n")[0].start_ms, None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    format: Format,
    partial: Vec<u8>,
    entry: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    #[default]
    Unknown,
    Plain,
    Timed(DialogueFormat),
}

impl Transcript {
    /// Takes the next bytes; gives what is whole by now.
    #[must_use = "a line is given once"]
    pub fn push(&mut self, bytes: &[u8]) -> Vec<SpokenLine> {
        let mut spoken = Vec::new();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            self.keep(&rest[..end]);
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.partial);
            let line = String::from_utf8_lossy(&line);
            self.line(line.trim_end_matches('\r'), &mut spoken);
        }
        self.keep(rest);
        spoken
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = MOST_BYTES.saturating_sub(self.partial.len());
        self.partial
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Nothing has come for a while: gives the entry that is there, if it has text and does not stop
    /// in the middle of a line.
    #[must_use = "a line is given once"]
    pub fn idle(&mut self) -> Option<SpokenLine> {
        if !self.partial.is_empty() {
            return None;
        }
        let line = self.entry_line()?;
        self.entry.clear();
        Some(line)
    }

    /// Nothing has come for long: what is there of a line counts as a whole one, and as the last of
    /// its entry.
    ///
    /// ```
    /// use nico_live::Transcript;
    ///
    /// let mut plain = Transcript::default();
    /// assert!(plain.push(b"good morning").is_empty());
    /// assert_eq!(plain.idle(), None);
    /// assert_eq!(plain.unended()[0].text, "good morning");
    /// ```
    #[must_use = "a line is given once"]
    pub fn unended(&mut self) -> Vec<SpokenLine> {
        let mut spoken = match self.partial.is_empty() {
            true => Vec::new(),
            false => self.push(b"\n"),
        };
        spoken.extend(self.idle());
        spoken
    }

    /// Nothing comes any more: gives what is left.
    #[must_use = "a line is given once"]
    pub fn finish(&mut self) -> Vec<SpokenLine> {
        let mut spoken = self.push(b"\n");
        if self.format == Format::Unknown {
            let entry = std::mem::take(&mut self.entry);
            spoken.extend(entry.into_iter().filter_map(said_now));
        }
        spoken.extend(self.take_entry());
        spoken
    }

    fn line(&mut self, line: &str, spoken: &mut Vec<SpokenLine>) {
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        if self.format == Format::Unknown {
            self.recognise(line, spoken);
            return;
        }
        if self.format == Format::Plain {
            spoken.extend(said_now(line.to_owned()));
            return;
        }
        if line.trim().is_empty() {
            spoken.extend(self.take_entry());
        } else if self.entry.len() < MOST_LINES {
            self.entry.push(line.to_owned());
        }
    }

    /// What the first lines tell.
    fn recognise(&mut self, line: &str, spoken: &mut Vec<SpokenLine>) {
        let first = self.entry.first().map(String::as_str);
        let is_number = |line: &str| {
            let line = line.trim();
            !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
        };
        if line.contains("-->") && first.is_none_or(is_number) {
            self.format = Format::Timed(DialogueFormat::Srt);
            self.entry.push(line.to_owned());
        } else if first.is_none() && line.starts_with("WEBVTT") {
            self.format = Format::Timed(DialogueFormat::WebVtt);
        } else if first.is_none() && is_number(line) {
            self.entry.push(line.to_owned());
        } else if first.is_some() || !line.trim().is_empty() {
            self.format = Format::Plain;
            let entry = std::mem::take(&mut self.entry);
            spoken.extend(entry.into_iter().filter_map(said_now));
            spoken.extend(said_now(line.to_owned()));
        }
    }

    fn take_entry(&mut self) -> Option<SpokenLine> {
        let line = self.entry_line();
        self.entry.clear();
        line
    }

    /// The line of the entry as far as it is there.
    fn entry_line(&self) -> Option<SpokenLine> {
        let Format::Timed(format) = self.format else {
            return None;
        };
        let head = match format {
            DialogueFormat::WebVtt => "WEBVTT\n\n",
            _ => "",
        };
        let entry = self.entry.join("\n");
        let dialogue = Dialogue::parse(&format!("{head}{entry}\n\n"), format);
        let line = dialogue.lines().first()?;
        Some(SpokenLine {
            start_ms: Some(line.start_ms),
            text: line.text.clone(),
        })
    }
}

fn said_now(text: String) -> Option<SpokenLine> {
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(SpokenLine {
        start_ms: None,
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All lines of a text that comes in pieces of so many bytes.
    fn read(text: &str, piece: usize) -> Vec<(Option<i64>, String)> {
        let mut transcript = Transcript::default();
        let mut spoken = Vec::new();
        for bytes in text.as_bytes().chunks(piece) {
            spoken.extend(transcript.push(bytes));
        }
        spoken.extend(transcript.finish());
        spoken
            .into_iter()
            .map(|one| (one.start_ms, one.text))
            .collect()
    }

    #[test]
    fn formats_are_told_by_their_beginnings_in_pieces_of_any_size() {
        let timed = [
            (Some(1_000), "おはよう 先生".to_owned()),
            (Some(61_000), "A & B".to_owned()),
        ];
        let srt = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500\r\n<b>おはよう</b>\r\n先生\r\n\r\n2\r\n00:01:01,000 --> 00:01:03,000\r\nA & B";
        let vtt = "WEBVTT\n\nNOTE nothing\n\n00:01.000 --> 00:02.500\n<v 生徒>おはよう</v>\n先生\n\n01:01.000 --> 01:03.000\nA &amp; B\n";
        let plain = "\n  おはよう \n\n12\n一\n";
        let numbers = "12\n一\n";
        for piece in [1, 2, 7, 1_000] {
            assert_eq!(read(srt, piece), timed, "{piece}");
            assert_eq!(read(vtt, piece), timed, "{piece}");
            let now = |texts: &[&str]| -> Vec<_> {
                texts
                    .iter()
                    .map(|text| (None, (*text).to_owned()))
                    .collect()
            };
            assert_eq!(read(plain, piece), now(&["おはよう", "12", "一"]));
            assert_eq!(read(numbers, piece), now(&["12", "一"]));
            assert_eq!(read("12", piece), now(&["12"]));
        }
    }

    #[test]
    fn an_entry_without_a_blank_line_comes_after_a_while() {
        let mut transcript = Transcript::default();
        assert!(transcript.push(b"1\n").is_empty());
        assert_eq!(transcript.idle(), None);
        let rest = b"00:00:01,000 --> 00:00:02,000\nhello\n";
        assert!(transcript.push(rest).is_empty());
        assert_eq!(transcript.idle().unwrap().text, "hello");
        assert_eq!(transcript.idle(), None);
        assert!(transcript.push(b"\n").is_empty());
    }

    #[test]
    fn a_line_without_an_end_is_waited_for_and_then_taken() {
        let mut timed = Transcript::default();
        let rest = b"1\n00:00:01,000 --> 00:00:02,000\ngood morn";
        assert!(timed.push(rest).is_empty());
        assert_eq!(timed.idle(), None);
        assert!(timed.push(b"ing\nto").is_empty());
        assert_eq!(timed.idle(), None); // a whole line, and half of another
        assert!(timed.push(b" all").is_empty());
        let lines = timed.unended();
        let line = (lines[0].start_ms, &lines[0].text[..]);
        assert_eq!(line, (Some(1_000), "good morning to all"));
        assert!(timed.unended().is_empty());
        // Its end, when it comes after all, is none of another line.
        let next = b"\n\n2\n00:00:03,000 --> 00:00:04,000\nnext\n\n";
        let lines = timed.push(next);
        assert_eq!((lines.len(), &lines[0].text[..]), (1, "next"));

        let mut plain = Transcript::default();
        assert!(plain.push(b"one").is_empty());
        assert_eq!(plain.unended()[0].text, "one");
        assert!(plain.push(b"\n").is_empty() && plain.unended().is_empty());
    }

    #[test]
    fn hostile_text_stays_small() {
        let mut transcript = Transcript::default();
        for _ in 0..100 {
            assert!(transcript.push(&[0xff; 10_000]).is_empty());
        }
        let lines = transcript.push(b"\n");
        assert!(lines[0].text.len() <= 3 * MOST_BYTES);
        let mut timed = Transcript::default();
        assert!(timed.push(b"00:00:01,000 --> 00:00:02,000\n").is_empty());
        for _ in 0..10_000 {
            assert!(timed.push(b"x\n").is_empty());
        }
        assert!(timed.entry.len() <= MOST_LINES);
    }
}
