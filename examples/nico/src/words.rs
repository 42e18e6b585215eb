//! What splits texts into words: which dictionary, or pieces.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use jp_tokenize::{Dictionary, DictionaryOptions, Pieces, Tokenizer, Vocabulary};
use nico_corpus::{LearntWith, SplitWords, StageInputs};

use crate::failure::Outcome;

/// How to get a dictionary. Other systems' packages of this name have none of the sources.
const NO_DICTIONARY: &str = "no dictionary: `apt install mecab-ipadic` on Debian and Ubuntu; elsewhere --dictionary with the \
    folder of mecab-ipadic-2.7.0-20070801.tar.gz, unpacked, or with a file that vibrato compiled";

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

/// What splits texts into the words of a model.
pub(crate) enum ModelWords {
    Dictionary(Tokenizer),
    Pieces(Pieces),
}

impl ModelWords {
    pub(crate) fn splitter(&self) -> &dyn SplitWords {
        match self {
            Self::Dictionary(tokenizer) => tokenizer,
            Self::Pieces(pieces) => pieces,
        }
    }
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
                    none @ jp_tokenize::Error::NoDictionary { .. } => {
                        anyhow::Error::new(none).context(NO_DICTIONARY)
                    }
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

    /// What split the texts that a model learnt from: its pieces, or a dictionary with the lexicon
    /// of its folder, unless one is given here, which then has to be the same.
    pub(crate) fn words_of(
        &self,
        model: &Path,
        record: Option<&LearntWith>,
        vocabulary: &Vocabulary,
    ) -> Outcome<ModelWords> {
        let pieces = Pieces::from_vocabulary(vocabulary);
        if let Some(pieces) = pieces.with_context(|| model.display().to_string())? {
            self.refuse(&format!("{}: knows pieces", model.display()))?;
            return Ok(ModelWords::Pieces(pieces));
        }
        let Some(record) = record else {
            return Ok(ModelWords::Dictionary(self.tokenizer()?));
        };
        let tokenizer = if self.user_lexicon.is_empty() {
            let tokenizer = record.tokenizer(self.system.open()?);
            tokenizer.with_context(|| model.display().to_string())?
        } else {
            let tokenizer = self.tokenizer()?;
            let same = record.check_words(&tokenizer);
            same.with_context(|| model.display().to_string())?;
            tokenizer
        };
        Ok(ModelWords::Dictionary(tokenizer))
    }

    /// Refuses a dictionary or user lexicons where none is used, saying why.
    pub(crate) fn refuse(&self, why: &str) -> Outcome {
        for (option, is_given) in [
            ("--dictionary", self.system.dictionary.is_some()),
            ("--user-lexicon", !self.user_lexicon.is_empty()),
        ] {
            if is_given {
                return Err(anyhow!("{why}, for which {option} does nothing"));
            }
        }
        Ok(())
    }

    /// Adds dictionary and user lexicons to what a stage depends on, by their contents.
    #[cfg(feature = "video")]
    pub(crate) fn inputs(&self, inputs: StageInputs) -> Outcome<StageInputs> {
        let words = ModelWords::Dictionary(self.tokenizer()?);
        Ok(self.inputs_of(&words, inputs))
    }

    /// Adds the words of a model to what a stage depends on; pieces are in its vocabulary.
    pub(crate) fn inputs_of(&self, words: &ModelWords, inputs: StageInputs) -> StageInputs {
        let words = match words {
            ModelWords::Dictionary(tokenizer) => tokenizer.identity(),
            ModelWords::Pieces(_) => return inputs,
        };
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
