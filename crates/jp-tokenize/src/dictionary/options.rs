use std::path::PathBuf;
use std::time::SystemTime;

use super::cache::{self, Cache};
use super::compiled::{Dictionary, Origin};
use super::sources::SourceFiles;
use super::verified::{self, SourcesBefore};
use crate::error::Error;

/// The folders in which packages put a MeCab dictionary's sources, and those who unpack them by hand,
/// in the order they are looked at. Packages of other systems than Debian have the dictionary compiled
/// for MeCab in the same folders, which is not looked for.
#[cfg(not(windows))]
const USUAL_FOLDERS: &[&str] = &[
    "/usr/share/mecab/dic/ipadic",
    "/usr/share/mecab/dic/ipadic-utf8",
    "/usr/share/mecab/dic/mecab-ipadic",
    "/usr/local/share/mecab/dic/ipadic",
    "/usr/local/lib/mecab/dic/ipadic",
    "/opt/homebrew/share/mecab/dic/ipadic",
    "/opt/homebrew/lib/mecab/dic/ipadic",
    "/home/linuxbrew/.linuxbrew/share/mecab/dic/ipadic",
    "/usr/lib/mecab/dic/ipadic",
    "/usr/lib64/mecab/dic/ipadic",
];
/// Where MeCab's installer puts the sources of IPADIC; never tried.
#[cfg(windows)]
const USUAL_FOLDERS: &[&str] = &[
    r"C:\Program Files\MeCab\dic\ipadic",
    r"C:\Program Files (x86)\MeCab\dic\ipadic",
];

/// Options for opening a dictionary: its folder, its cache, user lexicons.
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
    /// Folder with the sources. Default: the first of the usual folders that has some, see
    /// [`Dictionary::find`].
    pub folder: Option<PathBuf>,
    /// Cache of the compiled dictionary. Default: the user's cache folder.
    pub cache: Cache,
    /// Files with user lexicons, see [`Dictionary::with_user_lexicon`]. Default: none.
    pub user_lexicons: Vec<PathBuf>,
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

    /// Sets [`user_lexicons`](Self::user_lexicons).
    #[must_use]
    pub fn user_lexicons(mut self, files: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.user_lexicons = files.into_iter().map(Into::into).collect();
        self
    }

    /// Opens the dictionary, from the cache if it is there.
    ///
    /// That the cache cannot be written is no error: the dictionary's
    /// [`origin`](Dictionary::origin) tells.
    ///
    /// # Errors
    ///
    /// As [`Dictionary::system`].
    pub fn open(&self) -> Result<Dictionary, Error> {
        self.open_at(SystemTime::now())
    }

    /// [`open`](Self::open) at this time by the clock.
    pub(super) fn open_at(&self, now: SystemTime) -> Result<Dictionary, Error> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => Dictionary::find()?,
        };
        let cache = cache::folder(&self.cache);
        if let Some(cache) = &cache
            && let Some(dictionary) = verified::load(cache, &folder)
        {
            return self.add_user_lexicons(dictionary);
        }
        let before = SourcesBefore::new(&folder, now);
        let files = SourceFiles::read(&folder)?;
        let identity = files.identity(&folder);
        let cached = cache
            .as_ref()
            .map(|cache| cache.join(cache::name(&identity)));
        if let (Some(cache), Some(path)) = (&cache, &cached)
            && let Some((dictionary, state)) = cache::load(path, identity.clone())
        {
            if let (Some(before), Some(state)) = (before, state) {
                before.keep(cache, &dictionary, state);
            }
            return self.add_user_lexicons(dictionary);
        }
        let mut dictionary = Dictionary::compile(&files.decode()?, &folder, identity)?;
        if let Some(path) = &cached
            && let Err(error) = cache::store(path, &dictionary)
        {
            dictionary = dictionary.with_origin(Origin::Compiled {
                not_cached: Some(Box::new(error)),
            });
        }
        self.add_user_lexicons(dictionary)
    }

    /// The cache has the dictionary alone: adding a user lexicon takes milliseconds, and it changes
    /// often.
    fn add_user_lexicons(&self, mut dictionary: Dictionary) -> Result<Dictionary, Error> {
        for path in &self.user_lexicons {
            dictionary = dictionary.with_user_lexicon_file(path)?;
        }
        Ok(dictionary)
    }
}

impl Dictionary {
    /// Opens the IPADIC installed on this system, compiling it the first time.
    ///
    /// The same as `DictionaryOptions::default().open()`.
    ///
    /// # Errors
    ///
    /// [`Error::NoDictionary`] if none is installed, [`Error::Dictionary`] or [`Error::Io`] if its
    /// sources cannot be used.
    pub fn system() -> Result<Self, Error> {
        DictionaryOptions::default().open()
    }

    /// Finds the folder with the sources of the IPADIC that is installed on this system.
    ///
    /// # Errors
    ///
    /// [`Error::NoDictionary`], with the folders that were searched, if there is none.
    pub fn find() -> Result<PathBuf, Error> {
        let folders: Vec<PathBuf> = USUAL_FOLDERS.iter().map(PathBuf::from).collect();
        let found = folders.iter().find(|folder| SourceFiles::are_in(folder));
        let found = found.cloned();
        found.ok_or(Error::NoDictionary { searched: folders })
    }
}
