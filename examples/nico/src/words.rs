//! Which dictionary splits texts into words.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jp_tokenize::{Dictionary, DictionaryOptions, Tokenizer};
use nico_corpus::{LearntWith, StageInputs};

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

    /// The tokenizer by which a model learnt: with the lexicon of its folder, unless one is given
    /// here, which then has to be the same.
    pub(crate) fn tokenizer_of(
        &self,
        model: &Path,
        record: Option<&LearntWith>,
    ) -> Outcome<Tokenizer> {
        let Some(record) = record else {
            return self.tokenizer();
        };
        if self.user_lexicon.is_empty() {
            let tokenizer = record.tokenizer(self.system.open()?);
            return tokenizer.with_context(|| model.display().to_string());
        }
        let tokenizer = self.tokenizer()?;
        let same = record.check_words(&tokenizer);
        same.with_context(|| model.display().to_string())?;
        Ok(tokenizer)
    }

    /// Adds dictionary and user lexicons to what a stage depends on, by their contents.
    #[cfg(feature = "video")]
    pub(crate) fn inputs(&self, inputs: StageInputs) -> Outcome<StageInputs> {
        Ok(self.inputs_of(&self.tokenizer()?, inputs))
    }

    /// Adds the words of a tokenizer to what a stage depends on.
    pub(crate) fn inputs_of(&self, tokenizer: &Tokenizer, inputs: StageInputs) -> StageInputs {
        let words = tokenizer.identity();
        let files: Vec<_> = (self.user_lexicon.iter())
            .map(|path| path.display().to_string())
            .collect();
        match (files.as_slice(), words.user_lexicon.is_empty()) {
            ([], true) => inputs.words(words, "none"),
            ([], false) => inputs.words(words, "the model's"),
            (files, _) => inputs.words(words, &files.join(" and ")),
        }
    }
}
