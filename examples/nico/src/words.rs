//! Which dictionary splits texts into words.

use std::path::PathBuf;
#[cfg(feature = "video")]
use std::{fs, time::UNIX_EPOCH};

use jp_tokenize::{Dictionary, DictionaryOptions, Tokenizer};

use crate::failure::Outcome;

/// Which dictionary splits text into words.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct SystemDictionaryArgs {
    /// Folder with a MeCab dictionary's sources (IPADIC or UniDic: matrix.def, *.csv), or a file
    /// that vibrato compiled (.dic, .dic.zst; only from a source you trust). Default: the installed
    /// IPADIC.
    #[arg(long, value_name = "PATH")]
    dictionary: Option<PathBuf>,
}

/// Which dictionary and which words beside it.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct DictionaryArgs {
    #[command(flatten)]
    system: SystemDictionaryArgs,
    /// Words to know beside those of the dictionary: MeCab's CSV of user words, as `nico slang`
    /// writes it. May be given several times.
    #[arg(long, value_name = "FILE")]
    user_lexicon: Vec<PathBuf>,
}

impl SystemDictionaryArgs {
    /// Opens the dictionary, compiling it the first time.
    pub(crate) fn tokenizer(&self) -> Outcome<Tokenizer> {
        Ok(Tokenizer::new(self.open()?)?)
    }

    fn open(&self) -> Outcome<Dictionary> {
        match &self.dictionary {
            Some(file) if file.is_file() => Ok(Dictionary::prebuilt(file, None)?),
            folder => {
                let opened = DictionaryOptions::default().folder(folder.clone()).open();
                opened.map_err(|error| match error {
                    none @ jp_tokenize::Error::NoDictionary { .. } => anyhow::Error::new(none)
                        .context("no dictionary: `apt install mecab-ipadic`, or --dictionary PATH"),
                    other => other.into(),
                })
            }
        }
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

    /// What a result depends on, for the records of the stages: each file's path, length and time
    /// of change.
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
