use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use folder_lock::FolderLock;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::fault::Fault;
use crate::numbers::hex;
use crate::report::Report;
use nico_comments::{Format, write_whole};

/// The form of the state file that this version writes.
const VERSION: u32 = 1;

/// The collection, by format.
const COLLECTIONS: [&str; 2] = ["comments.xml", "comments.json"];

/// Which collections of the folder were written by this crate, a name a line, so that none is lost
/// that somebody else put there. Its name is none of a comment file's.
const WRITTEN: &str = ".collections";

/// Files of a collection that are written under another name first, beside the pages.
const FILES: [&str; 5] = [
    "state.json",
    "report.json",
    "comments.xml",
    "comments.json",
    WRITTEN,
];

/// How pages are named and what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// v1 answers of a video.
    Threads,
    /// XML of past logs of broadcasts.
    PastLog,
}

/// What the folder holds, without anything secret: which pages, and what was asked for to get them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    version: u32,
    pub(crate) kind: Kind,
    pub(crate) source: String,
    /// Whether a run began that did not come to its end.
    pub(crate) open: bool,
    pub(crate) threads: Vec<ThreadRecord>,
    /// In the order in which they came.
    pub(crate) pages: Vec<PageRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThreadRecord {
    pub(crate) id: String,
    pub(crate) fork: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageRecord {
    /// Number of the file.
    pub(crate) file: u32,
    /// Index of the thread.
    pub(crate) thread: usize,
    /// Index of the thread's walk; none for pages that were asked for because of a gap.
    pub(crate) walk: Option<usize>,
    /// The second asked for, or the start of the window.
    pub(crate) when: Option<i64>,
    sha256: String,
}

impl State {
    pub(crate) fn new(kind: Kind, source: &str) -> Self {
        Self {
            version: VERSION,
            kind,
            source: source.to_owned(),
            open: false,
            threads: Vec::new(),
            pages: Vec::new(),
        }
    }

    /// Whether every index points at something, so that nothing that follows can go astray.
    fn is_consistent(&self) -> bool {
        let mut walks = vec![0; self.threads.len()];
        self.pages.iter().zip(1..).all(|(page, file)| {
            let walks = walks.get_mut(page.thread);
            page.file == file
                && walks.is_some_and(|walks| match page.walk {
                    None => true,
                    Some(walk) if walk == *walks => {
                        *walks += 1;
                        true
                    }
                    Some(walk) => walk < *walks,
                })
        })
    }

    fn sha256(&self) -> Option<String> {
        Some(sha256(&serde_json::to_vec(self).ok()?))
    }
}

/// The state file: the state and its checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile<S> {
    sha256: String,
    state: S,
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What stood in a state file.
#[derive(Debug)]
pub(crate) enum Found {
    Nothing,
    State(State),
    /// It is not what was written.
    Damaged(PathBuf, Fault),
}

/// Keeps other processes out of a collection's folder, which is made if need be, and removes what
/// killed ones left half written.
pub(crate) fn lock(root: &Path) -> Result<FolderLock, Error> {
    let lock = FolderLock::acquire(root)?;
    lock.remove_leftovers(|name| FILES.contains(&name));
    Ok(lock)
}

/// The file of a collection in a format, if there are collections in it.
pub(crate) fn collection_name(format: Format) -> Option<&'static str> {
    match format {
        Format::Xml => Some("comments.xml"),
        Format::V1Json => Some("comments.json"),
        _ => None,
    }
}

/// Refuses to write over a file that has the name of a collection and that no run wrote.
pub(crate) fn check_place(root: &Path, name: &str) -> Result<(), Error> {
    let path = root.join(name);
    if path.exists() && !written(root).contains(&name) {
        return Err(Error::ForeignFile(path));
    }
    Ok(())
}

/// Notes that the collection of this name, which is about to be written, is a run's.
pub(crate) fn claim(root: &Path, name: &'static str) -> Result<(), Error> {
    let mut names = written(root);
    if !names.contains(&name) {
        names.push(name);
        note(root, &names)?;
    }
    Ok(())
}

/// Removes the collection in another format than that of `name`, if an earlier run wrote it: it
/// would be older, and whoever reads the folder would read both. The name of one that no run wrote,
/// which stays.
pub(crate) fn remove_other(root: &Path, name: &'static str) -> Result<Option<&'static str>, Error> {
    let (written, mut kept) = (written(root), None);
    for other in COLLECTIONS.into_iter().filter(|&other| other != name) {
        let path = root.join(other);
        if !path.is_file() {
            continue;
        }
        if written.contains(&other) {
            fs::remove_file(&path).map_err(Error::at(&path))?;
        } else {
            kept = Some(other);
        }
    }
    if written != [name] {
        note(root, &[name])?;
    }
    Ok(kept)
}

/// The collections that are noted as written by runs.
fn written(root: &Path) -> Vec<&'static str> {
    // What cannot be read says nothing, and nothing is removed.
    let text = fs::read(root.join(WRITTEN)).unwrap_or_default();
    let is_noted = |name: &&str| {
        text.split(|&byte| byte == b'\n')
            .any(|line| line == name.as_bytes())
    };
    COLLECTIONS.into_iter().filter(is_noted).collect()
}

fn note(root: &Path, names: &[&str]) -> Result<(), Error> {
    Ok(write_whole(root.join(WRITTEN), |out| {
        out.write_all((names.join("\n") + "\n").as_bytes())
    })?)
}

/// A folder that a collection is fetched into. Files in it have fixed names and numbers, nothing of
/// an answer.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    _lock: FolderLock,
}

impl Folder {
    /// Makes the folder if need be, and keeps other processes out.
    pub(crate) fn open(root: &Path) -> Result<Self, Error> {
        let lock = lock(root)?;
        let pages = root.join("pages");
        fs::create_dir_all(&pages).map_err(Error::at(&pages))?;
        lock.remove_leftovers_in("pages", |_| true);
        Ok(Self {
            root: root.to_owned(),
            _lock: lock,
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// [`check_place`] of this folder.
    pub(crate) fn check_place(&self, name: &str) -> Result<(), Error> {
        check_place(&self.root, name)
    }

    /// [`claim`] of this folder.
    pub(crate) fn claim(&self, name: &'static str) -> Result<(), Error> {
        claim(&self.root, name)
    }

    /// [`remove_other`] of this folder.
    pub(crate) fn remove_other(&self, name: &'static str) -> Result<Option<&'static str>, Error> {
        remove_other(&self.root, name)
    }

    pub(crate) fn page_path(&self, kind: Kind, file: u32) -> PathBuf {
        let extension = match kind {
            Kind::Threads => "json",
            Kind::PastLog => "xml",
        };
        self.root
            .join("pages")
            .join(format!("{file:06}.{extension}"))
    }

    /// Reads the state of `source`.
    pub(crate) fn load(&self, kind: Kind, source: &str) -> Result<Found, Error> {
        let path = self.path("state.json");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(Error::at(&path)(error)),
        };
        let file: Option<StateFile<State>> = serde_json::from_slice(&bytes).ok();
        let whole = |file: &StateFile<State>| {
            file.state.sha256().as_ref() == Some(&file.sha256)
                && file.state.version == VERSION
                && file.state.is_consistent()
        };
        let Some(StateFile { state, .. }) = file.filter(whole) else {
            return Ok(Found::Damaged(path, Fault::Changed));
        };
        if state.kind != kind || state.source != source {
            return Err(Error::OtherCollection {
                path: self.root.clone(),
                found: state.source,
                expected: source.to_owned(),
            });
        }
        Ok(Found::State(state))
    }

    pub(crate) fn save(&self, state: &State) -> Result<(), Error> {
        let sha256 = state.sha256().unwrap_or_default();
        write_whole(self.path("state.json"), |out| {
            serde_json::to_writer(out, &StateFile { sha256, state }).map_err(io::Error::from)
        })?;
        Ok(())
    }

    /// Leaves the report of a run.
    pub(crate) fn save_report(&self, report: &Report) -> Result<(), Error> {
        write_whole(self.path("report.json"), |out| {
            serde_json::to_writer_pretty(&mut *out, report).map_err(io::Error::from)?;
            out.write_all(b"\n")
        })?;
        Ok(())
    }

    /// Saves an answer as it came.
    pub(crate) fn save_page(&self, kind: Kind, file: u32, body: &[u8]) -> Result<(), Error> {
        Ok(write_whole(self.page_path(kind, file), |out| {
            out.write_all(body)
        })?)
    }

    /// Reads a page; the inner `Err` says why it is not what was saved.
    pub(crate) fn load_page(
        &self,
        kind: Kind,
        page: &PageRecord,
    ) -> Result<Result<Vec<u8>, Fault>, Error> {
        let path = self.page_path(kind, page.file);
        match fs::read(&path) {
            Ok(bytes) if sha256(&bytes) == page.sha256 => Ok(Ok(bytes)),
            Ok(_) => Ok(Err(Fault::Changed)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Err(Fault::Missing)),
            Err(error) => Err(Error::at(&path)(error)),
        }
    }
}

impl PageRecord {
    /// Whether two pages are the same, byte for byte.
    pub(crate) fn holds_the_same_as(&self, other: &Self) -> bool {
        self.thread == other.thread && self.sha256 == other.sha256
    }

    pub(crate) fn new(
        file: u32,
        thread: usize,
        walk: Option<usize>,
        when: Option<i64>,
        body: &[u8],
    ) -> Self {
        Self {
            file,
            thread,
            walk,
            when,
            sha256: sha256(body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        let mut state = State::new(Kind::Threads, "sm9");
        state.threads.push(ThreadRecord {
            id: "1".into(),
            fork: "main".into(),
        });
        state
            .pages
            .push(PageRecord::new(1, 0, Some(0), Some(5), b"{}"));
        state
            .pages
            .push(PageRecord::new(2, 0, None, Some(4), b"{}"));
        state
    }

    #[test]
    fn what_was_saved_is_found() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        assert!(matches!(
            folder.load(Kind::Threads, "sm9").unwrap(),
            Found::Nothing
        ));
        folder.save(&state()).unwrap();
        assert!(
            matches!(folder.load(Kind::Threads, "sm9").unwrap(), Found::State(found) if found == state())
        );
        assert!(matches!(
            folder.load(Kind::Threads, "sm8"),
            Err(Error::OtherCollection { .. })
        ));
        assert!(matches!(Folder::open(root.path()), Err(Error::Busy(_))));
        drop(folder);
        let left = [".comments.xml.a8Xn2s", "pages/.000001.json.a8Xn2s"];
        let left = left.map(|name| root.path().join(name));
        left.iter().for_each(|path| fs::write(path, "").unwrap());
        assert!(Folder::open(root.path()).is_ok());
        assert!(left.iter().all(|path| !path.exists()));
    }

    /// Written over and removed is what runs wrote, nothing else.
    #[test]
    fn collections_of_others_stay() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let [xml, json] = COLLECTIONS;
        let write = |name: &'static str| {
            check_place(root, name)?;
            claim(root, name)?;
            fs::write(root.join(name), "").unwrap();
            remove_other(root, name)
        };
        assert_eq!(write(xml).unwrap(), None);
        assert_eq!(write(json).unwrap(), None);
        assert!(!root.join(xml).exists());
        // By hand, in the place of the one that was removed.
        fs::write(root.join(xml), "by hand").unwrap();
        assert_eq!(write(json).unwrap(), Some(xml));
        assert!(matches!(write(xml), Err(Error::ForeignFile(path)) if path == root.join(xml)));
        assert_eq!(fs::read(root.join(xml)).unwrap(), b"by hand");
        fs::remove_file(root.join(xml)).unwrap();
        // Killed between the two, both are a run's.
        claim(root, xml).unwrap();
        fs::write(root.join(xml), "").unwrap();
        assert_eq!(write(xml).unwrap(), None);
        assert!(root.join(xml).exists() && !root.join(json).exists());
        // Beside a state alone, as a run leaves it that was killed before it wrote one.
        fs::remove_file(root.join(WRITTEN)).unwrap();
        fs::write(root.join("state.json"), "").unwrap();
        assert!(check_place(root, xml).is_err());
    }

    #[test]
    fn no_damaged_state_is_believed() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        folder.save(&state()).unwrap();
        let path = folder.path("state.json");
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            fs::write(&path, &whole[..at]).unwrap();
            assert!(
                matches!(
                    folder.load(Kind::Threads, "sm9").unwrap(),
                    Found::Damaged(..)
                ),
                "cut at {at}"
            );
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(&path, flipped).unwrap();
            let found = folder.load(Kind::Threads, "sm9").unwrap();
            assert!(matches!(found, Found::Damaged(..)), "bit flipped at {at}");
        }
    }

    #[test]
    fn indices_that_point_nowhere_are_damage() {
        for damage in [
            |state: &mut State| state.pages[0].thread = 1,
            |state: &mut State| state.pages[0].walk = Some(1),
            |state: &mut State| state.pages[1].file = 7,
        ] {
            let mut state = state();
            assert!(state.is_consistent());
            damage(&mut state);
            assert!(!state.is_consistent());
        }
    }

    #[test]
    fn pages_that_changed_are_not_believed() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let record = PageRecord::new(3, 0, Some(0), None, b"{}");
        assert!(folder.load_page(Kind::Threads, &record).unwrap().is_err());
        folder.save_page(Kind::Threads, 3, b"{}").unwrap();
        assert_eq!(
            folder.load_page(Kind::Threads, &record).unwrap().unwrap(),
            b"{}"
        );
        fs::write(folder.page_path(Kind::Threads, 3), "{ }").unwrap();
        assert!(folder.load_page(Kind::Threads, &record).unwrap().is_err());
    }
}
