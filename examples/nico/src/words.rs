//! Texts to words, on all cores.

#[cfg(feature = "video")]
use std::{fs, time::UNIX_EPOCH};
use std::{num::NonZero, path::PathBuf, thread};

use jp_tokenize::{Dictionary, DictionaryOptions, Tokenizer, VocabularyBuilder};

use crate::failure::Outcome;

/// Which dictionary splits text into words.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct SystemDictionaryArgs {
    /// Folder with a MeCab dictionary's sources (IPADIC or UniDic: matrix.def, *.csv), or a file that vibrato compiled (.dic,
    /// .dic.zst; only from a source you trust). Default: the installed IPADIC.
    #[arg(long, value_name = "PATH")]
    dictionary: Option<PathBuf>,
}

/// Which dictionary and which words beside it.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct DictionaryArgs {
    #[command(flatten)]
    system: SystemDictionaryArgs,
    /// Words to know beside those of the dictionary: MeCab's CSV of user words, as `nico slang` writes it. May be given several
    /// times.
    #[arg(long, value_name = "FILE")]
    user_lexicon: Vec<PathBuf>,
}

impl SystemDictionaryArgs {
    /// Opens the dictionary, compiling it the first time.
    pub(crate) fn tokenizer(&self) -> Outcome<Tokenizer> {
        Ok(Tokenizer::new(self.open()?)?)
    }

    fn open(&self) -> Outcome<Dictionary> {
        Ok(match &self.dictionary {
            Some(file) if file.is_file() => Dictionary::prebuilt(file, None)?,
            folder => DictionaryOptions::default().folder(folder.clone()).open()?,
        })
    }
}

impl DictionaryArgs {
    /// Opens the dictionary, compiling it the first time, and adds the other words.
    pub(crate) fn tokenizer(&self) -> Outcome<Tokenizer> {
        let mut lexicons = self.user_lexicon.iter();
        let dictionary =
            lexicons.try_fold(self.system.open()?, Dictionary::with_user_lexicon_file)?;
        Ok(Tokenizer::new(dictionary)?)
    }

    /// What a result depends on, for the records of the stages: each file's path, length and time of change.
    #[cfg(feature = "video")]
    pub(crate) fn identity(&self) -> String {
        let files = self.system.dictionary.iter().chain(&self.user_lexicon);
        let files = files.map(|path| {
            let about = fs::metadata(path).ok();
            let length = about.as_ref().map_or(0, fs::Metadata::len);
            let changed = about.and_then(|about| about.modified().ok());
            let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let seconds = changed.map_or(0, |time| time.as_secs());
            format!("{} {length} {seconds}", path.display())
        });
        files.collect::<Vec<_>>().join("; ")
    }
}

/// The words of each text, by their number in `words`.
#[derive(Debug, Default)]
pub(crate) struct Split {
    /// Every word of all texts, one after the other, without the text between.
    words: Vec<String>,
    /// Where each text's words end.
    ends: Vec<usize>,
}

impl Split {
    /// The words of text `index`.
    pub(crate) fn words(&self, index: usize) -> &[String] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.words[start..self.ends[index]]
    }
}

/// Splits texts on all cores. `count` says which texts' words go into the counts of the vocabulary.
pub(crate) fn split(
    tokenizer: &Tokenizer,
    texts: &[&str],
    count: impl Fn(usize) -> bool + Sync,
) -> (Split, VocabularyBuilder) {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = texts.len().div_ceil(threads).max(1);
    let parts: Vec<(Split, VocabularyBuilder)> = thread::scope(|scope| {
        let workers: Vec<_> = texts
            .chunks(share)
            .enumerate()
            .map(|(part, texts)| {
                let count = &count;
                scope.spawn(move || split_part(tokenizer, texts, |i| count(part * share + i)))
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("splitting into words does not panic"))
            .collect()
    });
    let mut whole = Split::default();
    let mut counts = VocabularyBuilder::new();
    for (part, counted) in parts {
        let offset = whole.words.len();
        whole.words.extend(part.words);
        whole
            .ends
            .extend(part.ends.into_iter().map(|end| offset + end));
        counts.merge(counted);
    }
    (whole, counts)
}

fn split_part(
    tokenizer: &Tokenizer,
    texts: &[&str],
    count: impl Fn(usize) -> bool,
) -> (Split, VocabularyBuilder) {
    let mut worker = tokenizer.worker();
    let mut split = Split::default();
    let mut counts = VocabularyBuilder::new();
    for (index, text) in texts.iter().enumerate() {
        let counted = count(index);
        for token in worker.tokenize(text) {
            if counted {
                counts.add(token.surface, token.part_of_speech());
            }
            split.words.push(token.surface.to_owned());
        }
        split.ends.push(split.words.len());
    }
    (split, counts)
}
