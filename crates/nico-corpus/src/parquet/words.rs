//! The words of comments as a table.

use std::{collections::HashMap, io, num::NonZero, ops::Range, thread};

use jp_tokenize::Tokenizer;
use nico_comments::{ParquetColumn, ParquetTable, ParquetType, WholeFile};

/// Texts that are split together, so that all cores have work.
const BATCH: usize = 16_384;
/// Bytes of text at which they are split though they are fewer.
const BATCH_BYTES: usize = 4 << 20;

const COLUMNS: [ParquetColumn; 6] = [
    ParquetColumn::new("file", ParquetType::Int32),
    ParquetColumn::new("comment", ParquetType::Int32),
    ParquetColumn::new("place", ParquetType::Int32),
    ParquetColumn::new("word", ParquetType::Text),
    ParquetColumn::new("part_of_speech", ParquetType::Text),
    ParquetColumn::new("noun", ParquetType::Boolean),
];

/// Writes a row for each word of comments.
#[derive(Debug)]
pub(super) struct WordTable<'a> {
    tokenizer: &'a Tokenizer,
    table: ParquetTable<WholeFile>,
    waiting: Vec<Text>,
    bytes: usize,
}

/// The text of a comment.
#[derive(Debug)]
struct Text {
    file: i32,
    comment: i32,
    text: String,
}

/// The words of some texts.
#[derive(Default)]
struct Words {
    words: Vec<Word>,
    /// Parts of speech, and whether each is a noun's.
    parts: Vec<(String, bool)>,
}

struct Word {
    text: usize,
    range: Range<usize>,
    /// Place of the part of speech in [`Words::parts`].
    part: usize,
}

impl<'a> WordTable<'a> {
    pub(super) fn new(file: WholeFile, tokenizer: &'a Tokenizer) -> io::Result<Self> {
        Ok(Self {
            tokenizer,
            table: ParquetTable::new(file, "words", &COLUMNS)?,
            waiting: Vec::new(),
            bytes: 0,
        })
    }

    /// Takes the text of a comment, by its numbers.
    pub(super) fn push(&mut self, file: i32, comment: i32, text: String) -> io::Result<()> {
        self.bytes += text.len();
        self.waiting.push(Text {
            file,
            comment,
            text,
        });
        if self.waiting.len() >= BATCH || self.bytes >= BATCH_BYTES {
            self.write_waiting()?;
        }
        Ok(())
    }

    /// Ends the table; the rows that it has.
    pub(super) fn finish(mut self) -> io::Result<(WholeFile, u64)> {
        self.write_waiting()?;
        let rows = self.table.num_rows();
        Ok((self.table.finish()?, rows))
    }

    fn write_waiting(&mut self) -> io::Result<()> {
        let texts = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let share = texts.len().div_ceil(threads).max(1);
        let tokenizer = self.tokenizer;
        let split: Vec<Words> = thread::scope(|scope| {
            let chunks = texts.chunks(share);
            let workers: Vec<_> = chunks
                .map(|texts| scope.spawn(move || split(tokenizer, texts)))
                .collect();
            let join = |worker: thread::ScopedJoinHandle<'_, Words>| {
                worker.join().expect("splitting into words does not panic")
            };
            workers.into_iter().map(join).collect()
        });
        for (texts, words) in texts.chunks(share).zip(&split) {
            self.write(texts, words)?;
        }
        Ok(())
    }

    fn write(&mut self, texts: &[Text], words: &Words) -> io::Result<()> {
        let mut last = None;
        let mut place = 0_i32;
        for word in &words.words {
            // A text of 2,147,483,648 words does not fit in the memory that reading it may take.
            place = if last == Some(word.text) {
                place.saturating_add(1)
            } else {
                0
            };
            last = Some(word.text);
            let text = &texts[word.text];
            let (part, is_noun) = &words.parts[word.part];
            self.table.push(&[
                text.file.into(),
                text.comment.into(),
                place.into(),
                text.text[word.range.clone()].into(),
                part.as_str().into(),
                (*is_noun).into(),
            ])?;
        }
        Ok(())
    }
}

/// Splits texts in one thread.
fn split(tokenizer: &Tokenizer, texts: &[Text]) -> Words {
    let mut worker = tokenizer.worker();
    let mut split = Words::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, text) in texts.iter().enumerate() {
        for token in worker.tokenize(&text.text) {
            let part_of_speech = token.part_of_speech();
            let part = match places.get(part_of_speech.as_str()) {
                Some(&part) => part,
                None => {
                    let name = part_of_speech.as_str().to_owned();
                    places.insert(name.clone(), split.parts.len());
                    split.parts.push((name, part_of_speech.is_noun()));
                    split.parts.len() - 1
                }
            };
            split.words.push(Word {
                text: index,
                range: token.range,
                part,
            });
        }
    }
    split
}
