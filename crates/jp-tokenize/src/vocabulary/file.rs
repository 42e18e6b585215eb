use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;

use super::special::SPECIAL_WORDS;
use super::words::{Entry, MAX_WORDS, Vocabulary};
use crate::atomic_file::write_atomic;
use crate::error::{Error, VocabularyErrorKind};
use crate::part_of_speech::PartOfSpeech;

/// Longest line accepted, in bytes.
const MAX_LINE: usize = 1 << 18;

impl Vocabulary {
    /// Writes the vocabulary as `vocabulary.tsv`: UTF-8, a line for each id, from 0.
    ///
    /// A line is the word, a tab, its count, a tab and its part of speech. The first four lines are
    /// the special words. In words and parts of speech a backslash is written `\\`, a tab `\t`, a
    /// line feed `\n` and a carriage return `\r`. The file is written under a temporary name and
    /// renamed: it is whole or absent.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        write_atomic(path.as_ref(), |file| self.write(file))
    }

    /// Writes what [`save`](Self::save) writes to any writer.
    ///
    /// # Errors
    ///
    /// The writer's.
    pub fn write(&self, mut writer: impl Write) -> io::Result<()> {
        for entry in &self.entries {
            let (word, part) = (escape(&entry.word), escape(&entry.part_of_speech));
            writeln!(writer, "{word}\t{}\t{part}", entry.count)?;
        }
        Ok(())
    }

    /// Reads a vocabulary that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be opened and [`Error::Vocabulary`], with the line, if it
    /// is damaged.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        Self::read(BufReader::with_capacity(1 << 16, file)).map_err(|error| match error {
            Error::Vocabulary { line, kind, .. } => Error::Vocabulary {
                path: Some(path.to_owned()),
                line,
                kind,
            },
            Error::Read(source) => Error::io(path, "read")(source),
            other => other,
        })
    }

    /// Reads a vocabulary from any reader. Lines may end in CR LF.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if the reader fails and [`Error::Vocabulary`], with the line, if what is
    /// read is not what [`save`](Self::save) writes.
    pub fn read(mut reader: impl BufRead) -> Result<Self, Error> {
        let wrong = |place: usize, kind| Error::Vocabulary {
            path: None,
            line: place as u64 + 1,
            kind,
        };
        let mut entries: Vec<Entry> = Vec::new();
        let mut parts = HashSet::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            (&mut reader)
                .take(MAX_LINE as u64)
                .read_until(b'\n', &mut line)
                .map_err(Error::Read)?;
            let place = entries.len();
            match parse_entry(&mut line, &mut parts, place).map_err(|kind| wrong(place, kind))? {
                Some(entry) => entries.push(entry),
                None => break,
            }
        }
        Self::from_entries(entries)
            .map_err(|(place, word)| wrong(place, VocabularyErrorKind::Duplicate(word.to_string())))
    }
}

/// Parses a line, with its end; `None` for that of the file, where there is no line.
fn parse_entry(
    bytes: &mut Vec<u8>,
    parts: &mut HashSet<Arc<str>>,
    id: usize,
) -> Result<Option<Entry>, VocabularyErrorKind> {
    use VocabularyErrorKind as Kind;

    if bytes.is_empty() {
        return if id < SPECIAL_WORDS.len() {
            Err(Kind::Special(SPECIAL_WORDS[id]))
        } else {
            Ok(None)
        };
    }
    if bytes.pop_if(|byte| *byte == b'\n').is_none() {
        return Err(if bytes.len() == MAX_LINE {
            Kind::TooLong(MAX_LINE)
        } else {
            Kind::Truncated
        });
    }
    bytes.pop_if(|byte| *byte == b'\r'); // a word's own is escaped
    if id >= MAX_WORDS + SPECIAL_WORDS.len() {
        return Err(Kind::TooMany(MAX_WORDS));
    }

    let text = std::str::from_utf8(bytes).map_err(|_| Kind::Utf8)?;
    let mut columns = text.split('\t');
    let (Some(word), Some(count), Some(part), None) = (
        columns.next(),
        columns.next(),
        columns.next(),
        columns.next(),
    ) else {
        return Err(Kind::Columns(text.split('\t').count()));
    };
    let word = unescape(word).ok_or(Kind::Escape)?;
    let part = unescape(part).ok_or(Kind::Escape)?;
    let count = count.parse().map_err(|_| Kind::Count(count.to_owned()))?;
    if let Some(&special) = SPECIAL_WORDS.get(id)
        && word != special
    {
        return Err(Kind::Special(special));
    }
    if word.is_empty() {
        return Err(Kind::Empty);
    }
    let part = PartOfSpeech::parse(&part).as_str();
    let part_of_speech = match parts.get(part) {
        Some(known) => Arc::clone(known),
        None => {
            let new: Arc<str> = part.into();
            parts.insert(Arc::clone(&new));
            new
        }
    };
    Ok(Some(Entry {
        word: word.into(),
        count,
        part_of_speech,
    }))
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '\t', '\n', '\r']) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            other => escaped.push(other),
        }
    }
    escaped.into()
}

fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return Some(text.into());
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next()? {
                '\\' => '\\',
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIAL: &str = "<pad>\t0\t*\n<bos>\t0\t*\n<eos>\t0\t*\n<unk>\t7\t*\n";

    fn message(text: &[u8]) -> String {
        Vocabulary::read(text).unwrap_err().to_string()
    }

    #[test]
    fn odd_words_survive() {
        let words = [
            "\t", "a\nb", "\\", "\\t", "\r", "\u{3000}", "\0", "𠮷", "\u{85}", " ",
        ];
        let entry = |word: &str| Entry {
            word: word.into(),
            count: 1,
            part_of_speech: "記号,一般".into(),
        };
        let entries = SPECIAL_WORDS.into_iter().chain(words).map(entry);
        let vocabulary = Vocabulary::from_entries(entries.collect()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vocabulary.tsv");
        vocabulary.save(&path).unwrap();
        assert_eq!(Vocabulary::load(&path).unwrap(), vocabulary);
    }

    #[test]
    fn the_file_is_words_counts_and_parts_of_speech() {
        let text = format!("{SPECIAL}草\t3\t名詞,一般\n。\t2\t記号,句点\n");
        let vocabulary = Vocabulary::read(text.as_bytes()).unwrap();
        assert_eq!(vocabulary.id("草"), Some(4));
        assert!(vocabulary.is_symbol(5));
        assert_eq!(vocabulary.known_share(), 5.0 / 12.0);
        let mut written = Vec::new();
        vocabulary.write(&mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), text);
        let windows = text.replace('\n', "\r\n");
        assert_eq!(Vocabulary::read(windows.as_bytes()).unwrap(), vocabulary);
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let with = |line: &str| message(format!("{SPECIAL}{line}").as_bytes());
        assert_eq!(
            with("a\t1\n"),
            "vocabulary: line 5: 2 columns, expected three separated by tabs: word, count, part of speech"
        );
        assert!(with("a\t-1\t*\n").contains("the count is \"-1\""));
        assert!(with("a\\\t1\t*\n").contains("lone backslash"));
        assert!(with("\t1\t*\n").contains("empty"));
        assert!(with("a\t1\t*\nb\t1\t*\na\t1\t*\n").contains("line 7: the word \"a\""));
        assert!(with("<unk>\t1\t*\n").contains("line 5"));
        assert!(with("a\t1\t*").contains("incomplete"));
        assert!(message(b"").contains("line 1: expected the special word <pad>"));
        assert!(message(b"a\t1\t*\n").contains("<pad>"));
        assert!(message(b"\xff\n").contains("UTF-8"));
        assert!(message(&vec![b'a'; 2 * MAX_LINE]).contains("longer than"));
    }
}
