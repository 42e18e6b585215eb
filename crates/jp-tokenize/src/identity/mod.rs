//! With what a tokenizer splits, as a record that is kept beside what was made of its words.

mod checksum;
mod difference;
mod user_lexicon;

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::checksum::Checksum;
pub use self::difference::TokenizerDifference;
pub use self::user_lexicon::UserLexicon;
use crate::normalizer::Normalizer;

/// The identity of a tokenizer: dictionary, user lexicon and normalization, by their contents.
///
/// Two tokenizers of equal identity split every text into the same words. A model that learnt from
/// words keeps this beside its weights, as JSON or whatever serde writes, and compares it when it
/// is used: other words would give other ids, and wrong results without an error. The entries of
/// the user lexicon are in it, so that the tokenizer can be made again without the lexicon's file.
///
/// ```
/// use jp_tokenize::{Dictionary, Tokenizer, TokenizerIdentity};
///
/// # let sources = || Dictionary::from_sources(
/// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
/// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
/// # );
/// # let system = sources()?;
/// // let system = Dictionary::system()?;
/// let learnt = Tokenizer::new(system.with_user_lexicon("大草原,0,0,10,名詞,一般\n")?)?;
/// let record = serde_json::to_string(learnt.identity())?;
///
/// let recorded: TokenizerIdentity = serde_json::from_str(&record)?;
/// # let system = sources()?;
/// // let system = Dictionary::system()?;
/// let plain = Tokenizer::new(system)?;
/// let difference = plain.identity().difference(&recorded).expect("a lexicon is missing");
/// assert!(difference.to_string().starts_with("no user lexicon, expected one of 1 word"));
///
/// # let system = sources()?;
/// // let system = Dictionary::system()?;
/// let again = Tokenizer::new(system.with_user_lexicon(&recorded.user_lexicon.to_csv())?)?;
/// assert!(again.identity().difference(&recorded).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenizerIdentity {
    /// The dictionary without user lexicons.
    pub dictionary: DictionaryIdentity,
    /// The entries of all user lexicons, as they stand after one another; none without a user
    /// lexicon.
    pub user_lexicon: UserLexicon,
    /// How texts are normalized before they are split. A [`Tokenizer`](crate::Tokenizer) does not
    /// normalize: who does it before splitting says so with [`normalizer`](Self::normalizer).
    pub normalizer: Normalizer,
}

/// The identity of a dictionary: its contents' checksum, and a name for people.
///
/// Dictionaries with the same checksum are equal, whatever they are called.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DictionaryIdentity {
    /// Name of the folder or file that it was read from, without the folders above it, such as
    /// `ipadic`. Not compared.
    pub name: String,
    /// SHA-256 over the SHA-256s of its sources (the `.csv` files by name, `char.def`, `unk.def`,
    /// `matrix.def`); of a compiled dictionary, that of the file, decompressed.
    pub sha256: Checksum,
}

impl TokenizerIdentity {
    pub(crate) fn new(dictionary: DictionaryIdentity, user_lexicon: UserLexicon) -> Self {
        Self {
            dictionary,
            user_lexicon,
            normalizer: Normalizer::default(),
        }
    }

    /// Sets [`normalizer`](Self::normalizer).
    #[must_use]
    pub fn normalizer(mut self, normalizer: Normalizer) -> Self {
        self.normalizer = normalizer;
        self
    }

    /// How this one differs from the one that was expected; `None` if they are equal.
    #[must_use]
    pub fn difference(&self, expected: &Self) -> Option<TokenizerDifference> {
        TokenizerDifference::new(self, expected)
    }

    /// A checksum of everything that is compared, for the keys of caches: equal for equal
    /// identities, and different for others.
    #[must_use]
    pub fn sha256(&self) -> Checksum {
        let Normalizer {
            nfkc,
            lowercase,
            max_laughter,
            max_prolonged,
            max_kana,
        } = self.normalizer;
        let mut hash = Sha256::new();
        hash.update(self.dictionary.sha256.as_bytes());
        hash.update(self.user_lexicon.sha256().as_bytes());
        hash.update([u8::from(nfkc), u8::from(lowercase)]);
        for limit in [max_laughter, max_prolonged, max_kana] {
            let limit = limit.map_or(0, |limit| limit.get() as u64);
            hash.update(limit.to_le_bytes());
        }
        Checksum::from(<[u8; 32]>::from(hash.finalize()))
    }
}

impl DictionaryIdentity {
    /// That of a file or folder with this checksum.
    pub(crate) fn new(path: &Path, sha256: Checksum) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self {
            name: name.to_string_lossy().into_owned(),
            sha256,
        }
    }

    /// That of sources with these checksums: the files with words, then `char.def`, `unk.def` and
    /// `matrix.def`.
    pub(crate) fn of_sources(folder: &Path, files: &[Checksum]) -> Self {
        let bytes: Vec<u8> = files.iter().flat_map(|file| *file.as_bytes()).collect();
        Self::new(folder, Checksum::of(&bytes))
    }
}

impl PartialEq for DictionaryIdentity {
    fn eq(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
    }
}

impl Eq for DictionaryIdentity {}

/// Such as "ipadic (SHA-256 0123456789ab…)".
impl fmt::Display for DictionaryIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SHA-256 {}…)", self.name, self.sha256.short())
    }
}
