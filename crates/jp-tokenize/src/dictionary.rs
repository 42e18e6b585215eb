mod cache;
mod encoding;
mod sources;
mod user_lexicon;

use std::fmt;
use std::path::{Path, PathBuf};

use vibrato::SystemDictionaryBuilder;

use self::sources::{SourceFiles, Sources};
use crate::Error;

/// The folders in which packages put a MeCab dictionary's sources, in the order they are looked at.
const USUAL_FOLDERS: [&str; 8] = [
    "/usr/share/mecab/dic/ipadic",
    "/usr/share/mecab/dic/ipadic-utf8",
    "/usr/share/mecab/dic/mecab-ipadic",
    "/usr/local/share/mecab/dic/ipadic",
    "/usr/local/lib/mecab/dic/ipadic",
    "/opt/homebrew/share/mecab/dic/ipadic",
    "/opt/homebrew/lib/mecab/dic/ipadic",
    "/usr/lib/mecab/dic/ipadic",
];

/// A compiled dictionary: what a [`Tokenizer`](crate::Tokenizer) splits text with.
///
/// It is compiled from a MeCab dictionary's sources: CSV files with words and their costs, `matrix.def` with the cost of
/// each connection, `char.def` and `unk.def` for unknown words; in EUC-JP or UTF-8. [`Dictionary::system`] finds an installed
/// IPADIC; [`DictionaryOptions`] opens any folder. Compiling IPADIC takes seconds, so the result is kept in a cache.
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
    sizes: (u16, u16),         // right ids and left ids of the matrix
    user_entries: Vec<String>, // the last one first, as vibrato wants them
}

/// Where a [`Dictionary`] came from.
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
    /// It was compiled from its sources.
    #[non_exhaustive]
    Compiled {
        /// Why it could not be left in the cache for the next time, where it should have been.
        not_cached: Option<Box<Error>>,
    },
}

impl Dictionary {
    /// Opens the IPADIC installed on this system, compiling it at the first time.
    ///
    /// The same as `DictionaryOptions::default().open()`.
    ///
    /// # Errors
    ///
    /// [`Error::NoDictionary`] if none is installed, [`Error::Dictionary`] or [`Error::Io`] if its sources cannot be used.
    pub fn system() -> Result<Self, Error> {
        DictionaryOptions::default().open()
    }

    /// The folder with the sources of the IPADIC installed on this system.
    ///
    /// # Errors
    ///
    /// [`Error::NoDictionary`], which says what to install, if there is none in the usual folders.
    pub fn find() -> Result<PathBuf, Error> {
        let folders = USUAL_FOLDERS.map(Path::new);
        let found = folders.iter().find(|folder| SourceFiles::are_in(folder));
        found
            .map(|folder| folder.to_path_buf())
            .ok_or_else(|| Error::NoDictionary {
                searched: folders.iter().map(|folder| folder.to_path_buf()).collect(),
            })
    }

    /// Compiles a dictionary from sources in memory: the text of a CSV file, of `matrix.def`, `char.def` and `unk.def`.
    ///
    /// # Errors
    ///
    /// [`Error::Dictionary`] if one of them is malformed.
    pub fn from_sources(csv: &str, matrix: &str, char: &str, unk: &str) -> Result<Self, Error> {
        Self::compile(
            &Sources::new(csv, matrix, char, unk)?,
            Path::new("dictionary sources"),
        )
    }

    /// Adds a user lexicon: words that the dictionary does not have, in the columns of MeCab's CSV files.
    ///
    /// A line has the surface, the left id and the right id of the matrix, the cost, and the features, separated by commas;
    /// a column with a comma in it stands in quotation marks. As with MeCab's `--userdic` they are words beside those of the
    /// dictionary: which of them a text is split into depends on the costs. May be called more than once.
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
    /// [`Error::Dictionary`], with the line, if the text is malformed or an id is not in the matrix.
    pub fn with_user_lexicon(self, csv: &str) -> Result<Self, Error> {
        self.with_user_entries(csv, Path::new("user lexicon"))
    }

    /// Where it came from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn into_inner(self) -> vibrato::Dictionary {
        self.inner
    }

    fn with_user_entries(mut self, csv: &str, name: &Path) -> Result<Self, Error> {
        let mut entries = user_lexicon::check(csv, name, Some(self.sizes))?;
        if entries.is_empty() {
            return Ok(self);
        }
        entries.append(&mut self.user_entries);
        let inner = self
            .inner
            .reset_user_lexicon_from_reader(Some(entries.join("\n").as_bytes()))
            .map_err(|cause| Error::dictionary(name, format!("not a user lexicon: {cause}")))?;
        Ok(Self {
            inner,
            user_entries: entries,
            ..self
        })
    }

    fn compile(sources: &Sources, folder: &Path) -> Result<Self, Error> {
        let inner = SystemDictionaryBuilder::from_readers(
            sources.lexicon.as_bytes(),
            sources.matrix.as_bytes(),
            sources.char.as_bytes(),
            sources.unk.as_bytes(),
        )
        .map_err(|cause| Error::dictionary(folder, format!("not a MeCab dictionary: {cause}")))?;
        Ok(Self {
            inner,
            origin: Origin::Compiled { not_cached: None },
            sizes: sources.sizes,
            user_entries: Vec::new(),
        })
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dictionary")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Which dictionary to open, and where its compiled form is kept.
///
/// ```no_run
/// use jp_tokenize::DictionaryOptions;
///
/// let dictionary = DictionaryOptions::default()
///     .folder(std::path::PathBuf::from("mecab-ipadic-2.7.0-20070801"))
///     .cache(std::path::PathBuf::from("target/dictionaries"))
///     .open()?;
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct DictionaryOptions {
    /// The folder with the sources. Default: the first of the usual folders that has some, see [`Dictionary::find`].
    pub folder: Option<PathBuf>,
    /// Where the compiled dictionary is kept. Default: the user's cache folder.
    pub cache: Cache,
}

/// Where compiled dictionaries are kept.
///
/// A file there is named after the SHA-256 of the sources and the version of the format, so that a changed dictionary is
/// compiled anew. It is written under a temporary name and renamed, so that several processes may start at once; and it
/// carries a checksum, so that a damaged one is compiled anew as well.
///
/// ```
/// use jp_tokenize::Cache;
///
/// assert_eq!(Cache::default(), Cache::User);
/// assert_eq!(Cache::from(std::path::PathBuf::from("out")), Cache::Folder("out".into()));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cache {
    /// In `jp-tokenize` in the user's cache folder: `$XDG_CACHE_HOME`, or else `~/.cache`.
    #[default]
    User,
    /// In this folder, which is made if need be.
    Folder(PathBuf),
    /// Nowhere: compile each time.
    Off,
}

impl From<PathBuf> for Cache {
    fn from(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }
}

impl DictionaryOptions {
    /// Sets [`folder`](Self::folder).
    #[must_use]
    pub fn folder(mut self, folder: impl Into<Option<PathBuf>>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Sets [`cache`](Self::cache).
    #[must_use]
    pub fn cache(mut self, cache: impl Into<Cache>) -> Self {
        self.cache = cache.into();
        self
    }

    /// Opens the dictionary, from the cache if it is there.
    ///
    /// That the cache cannot be written is no error: the dictionary's [`origin`](Dictionary::origin) tells.
    ///
    /// # Errors
    ///
    /// As [`Dictionary::system`].
    pub fn open(&self) -> Result<Dictionary, Error> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => Dictionary::find()?,
        };
        let files = SourceFiles::read(&folder)?;
        let cached = cache::folder(&self.cache).map(|cache| cache.join(cache::name(&files)));
        if let Some(path) = &cached
            && let Some(inner) = cache::load(path)
        {
            return Ok(Dictionary {
                inner,
                origin: Origin::Cache(path.clone()),
                sizes: files.sizes()?,
                user_entries: Vec::new(),
            });
        }
        let mut dictionary = Dictionary::compile(&files.decode()?, &folder)?;
        if let Some(path) = &cached
            && let Err(error) = cache::store(path, &dictionary.inner)
        {
            dictionary.origin = Origin::Compiled {
                not_cached: Some(Box::new(error)),
            };
        }
        Ok(dictionary)
    }
}
