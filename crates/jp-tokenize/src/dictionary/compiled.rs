use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use vibrato::SystemDictionaryBuilder;

use super::known_words::KnownWords;
use super::layout;
use super::sources::{self, Sources};
use super::user_lexicon::UserEntries;
use crate::error::{DictionaryErrorKind, Error};
use crate::identity::{Checksum, DictionaryIdentity, TokenizerIdentity, UserLexicon};

/// A compiled MeCab dictionary, with which a [`Tokenizer`](crate::Tokenizer) splits text into
/// words.
///
/// It is compiled from a MeCab dictionary's sources: CSV files with words and their costs,
/// `matrix.def` with the cost of each connection, `char.def` and `unk.def` for unknown words; in
/// EUC-JP or UTF-8. [`Dictionary::system`] finds an installed IPADIC;
/// [`DictionaryOptions`](crate::DictionaryOptions) opens any folder. Compiling IPADIC takes
/// seconds, so the result is kept in a cache.
///
/// ```
/// use jp_tokenize::Dictionary;
///
/// let dictionary = Dictionary::from_sources(
///     "ここ,0,0,10,名詞,代名詞\nすき,0,0,10,名詞,一般\n",
///     "1 1\n0 0 0\n",
///     "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
///     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
/// )?;
/// # let _ = dictionary;
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
pub struct Dictionary {
    inner: vibrato::Dictionary,
    origin: Origin,
    identity: DictionaryIdentity, // without user lexicons
    sizes: (u16, u16),            // right ids and left ids of the matrix
    user_entries: Vec<String>,    // the last one first, as vibrato wants them
}

/// Where a [`Dictionary`] was read from: sources, the cache or a compiled file.
///
/// ```no_run
/// use jp_tokenize::{Dictionary, Origin};
///
/// let dictionary = Dictionary::system()?;
/// if let Origin::Compiled { not_cached: Some(reason), .. } = dictionary.origin() {
///     eprintln!("the next start will be slow too: {reason}");
/// }
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Origin {
    /// It was read from this file, where an earlier run had left it.
    Cache(PathBuf),
    /// It was read from this file, which vibrato had written: see [`Dictionary::prebuilt`].
    Prebuilt(PathBuf),
    /// It was compiled from its sources.
    #[non_exhaustive]
    Compiled {
        /// Why it could not be left in the cache for the next time, where it should have been.
        not_cached: Option<Box<Error>>,
    },
}

impl Dictionary {
    /// Compiles a dictionary from sources in memory: the text of a CSV file, of `matrix.def`,
    /// `char.def` and `unk.def`.
    ///
    /// # Errors
    ///
    /// [`Error::Dictionary`] if one of them is malformed.
    pub fn from_sources(csv: &str, matrix: &str, char: &str, unk: &str) -> Result<Self, Error> {
        let name = Path::new("dictionary sources");
        let files = [csv, char, unk, matrix].map(|text| Checksum::of(text.as_bytes()));
        let identity = DictionaryIdentity::of_sources(name, &files);
        Self::compile(&Sources::new(csv, matrix, char, unk)?, name, identity)
    }

    /// Adds a user lexicon: words that the dictionary does not have, in the columns of MeCab's CSV
    /// files.
    ///
    /// A line has the surface, the left id and the right id of the matrix, the cost, and the
    /// features, separated by commas; a column with a comma in it stands in quotation marks, and so
    /// does a surface that begins with `#`: other lines that do are comments. As with MeCab's
    /// `--userdic` they are words beside those of the dictionary: which of them a text is split
    /// into depends on the costs. May be called more than once.
    ///
    /// Ids that are empty or negative become those of the dictionary's words of the same part of
    /// speech and inflection, which are those that MeCab fills in. An empty cost becomes the median
    /// of these words' costs; MeCab, which needs the file of its training for that, fills in
    /// others.
    ///
    /// ```
    /// use jp_tokenize::{Dictionary, Tokenizer};
    ///
    /// # let dictionary = Dictionary::from_sources(
    /// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
    /// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
    /// # )?;
    /// let dictionary = dictionary.with_user_lexicon("大草原,0,0,10,名詞,一般\n")?;
    /// let tokenizer = Tokenizer::new(dictionary)?;
    /// let mut worker = tokenizer.worker();
    /// let words: Vec<&str> = worker.tokenize("草大草原").map(|token| token.surface).collect();
    /// assert_eq!(words, ["草", "大草原"]);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Dictionary`], with the line, if the text is malformed, an id is not in the matrix,
    /// or one is empty and the dictionary's words do not tell it.
    pub fn with_user_lexicon(self, csv: &str) -> Result<Self, Error> {
        self.with_user_entries(csv, Path::new("user lexicon"))
    }

    /// Adds a user lexicon from a file, in UTF-8, EUC-JP, Shift_JIS or, with a
    /// byte-order mark, UTF-16: see
    /// [`with_user_lexicon`](Self::with_user_lexicon).
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be read; [`Error::Dictionary`], with file and line, if it
    /// is malformed.
    pub fn with_user_lexicon_file(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        self.with_user_entries(&sources::read_text(path)?, path)
    }

    /// Where the dictionary was read from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Checks and decodes what vibrato wrote to the file at `path`.
    pub(super) fn decode(
        bytes: &[u8],
        path: &Path,
        origin: Origin,
        identity: DictionaryIdentity,
    ) -> Result<Self, Error> {
        let sizes = layout::check(bytes).map_err(|kind| Error::dictionary(path, kind))?;
        let inner = vibrato::Dictionary::read(bytes).map_err(|cause| {
            let kind = DictionaryErrorKind::Damaged("it cannot be decoded".to_owned());
            Error::dictionary_because(path, kind, cause)
        })?;
        Ok(Self {
            inner,
            origin,
            identity,
            sizes,
            user_entries: Vec::new(),
        })
    }

    /// Decodes what has been checked before.
    pub(super) fn decode_verified(
        reader: impl Read,
        origin: Origin,
        identity: DictionaryIdentity,
        sizes: (u16, u16),
    ) -> Result<Self, vibrato::errors::VibratoError> {
        Ok(Self {
            inner: vibrato::Dictionary::read(reader)?,
            origin,
            identity,
            sizes,
            user_entries: Vec::new(),
        })
    }

    /// Writes what [`decode`](Self::decode) reads.
    pub(super) fn encode(&self) -> Result<Vec<u8>, vibrato::errors::VibratoError> {
        let mut bytes = Vec::new();
        self.inner.write(&mut bytes)?;
        Ok(bytes)
    }

    /// The identity of the dictionary without user lexicons.
    pub(super) fn system_identity(&self) -> &DictionaryIdentity {
        &self.identity
    }

    /// How many right ids and left ids the matrix has.
    pub(super) fn sizes(&self) -> (u16, u16) {
        self.sizes
    }

    /// The same dictionary, of another origin.
    pub(super) fn with_origin(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// With what a tokenizer of this dictionary splits.
    pub(crate) fn identity(&self) -> TokenizerIdentity {
        let entries = self.user_entries.iter().rev().cloned().collect();
        TokenizerIdentity::new(self.identity.clone(), UserLexicon::new(entries))
    }

    pub(crate) fn into_inner(self) -> vibrato::Dictionary {
        self.inner
    }

    fn with_user_entries(mut self, csv: &str, name: &Path) -> Result<Self, Error> {
        let mut entries = self.read_user_entries(csv, name)?;
        if entries.is_empty() {
            return Ok(self);
        }
        entries.reverse();
        entries.append(&mut self.user_entries);
        // vibrato panics at a comma that nothing follows, not even the end of the line.
        let csv = entries.join("\n") + "\n";
        let inner = self
            .inner
            .reset_user_lexicon_from_reader(Some(csv.as_bytes()))
            .map_err(refused(name))?;
        Ok(Self {
            inner,
            user_entries: entries,
            ..self
        })
    }

    /// The entries of a user lexicon; asks the dictionary's own words only if it has to.
    fn read_user_entries(&self, csv: &str, name: &Path) -> Result<Vec<String>, Error> {
        let entries = UserEntries::parse(csv, name, self.sizes)?;
        if entries.are_complete() {
            return entries.filled(&KnownWords::default());
        }
        let bytes = self.encode().map_err(refused(name))?;
        let words = layout::words(&bytes).map_err(|kind| Error::dictionary(name, kind))?;
        entries.filled(&KnownWords::new(&words))
    }

    /// Compiles the sources of a folder.
    pub(super) fn compile(
        sources: &Sources,
        folder: &Path,
        identity: DictionaryIdentity,
    ) -> Result<Self, Error> {
        let inner = SystemDictionaryBuilder::from_readers(
            sources.lexicon.as_bytes(),
            sources.matrix.as_bytes(),
            sources.char.as_bytes(),
            sources.unk.as_bytes(),
        )
        .map_err(refused(folder))?;
        Ok(Self {
            inner,
            origin: Origin::Compiled { not_cached: None },
            identity,
            sizes: sources.sizes,
            user_entries: Vec::new(),
        })
    }
}

fn refused(path: &Path) -> impl FnOnce(vibrato::errors::VibratoError) -> Error {
    move |cause| Error::dictionary_because(path, DictionaryErrorKind::Refused, cause)
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dictionary")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}
