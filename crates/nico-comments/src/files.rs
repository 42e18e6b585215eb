//! Which comment files a list of paths means.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{Comments, ReadOptions};

/// Files and folders that are looked at.
const MAX_ENTRIES: usize = 1_000_000;
/// Folders within folders that are looked at.
const MAX_DEPTH: usize = 32;

/// The comment files that paths mean: files as they are, of folders what is in them.
///
/// ```
/// use nico_comments::{CommentFiles, Comments, ReadOptions};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("b.xml"), "<packet><chat vpos='1'>w</chat></packet>")?;
/// std::fs::write(folder.path().join("a.json"), r#"[{"chat":{"vpos":2,"content":"w"}}]"#)?;
/// std::fs::write(folder.path().join("page.xml"), "<html></html>")?;
/// let found = CommentFiles::find([folder.path()])?;
/// let names = found.files.iter().map(|path| path.file_name().unwrap().to_str().unwrap());
/// assert_eq!(names.collect::<Vec<_>>(), ["a.json", "b.xml"]);
/// assert_eq!(found.left_out.len(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommentFiles {
    /// The files, in the order of the paths, those of a folder by name.
    pub files: Vec<PathBuf>,
    /// What was found in folders and has the name of a comment file but is none.
    pub left_out: Vec<PathBuf>,
}

impl CommentFiles {
    /// Finds the files. Of a folder, with all folders in it, those are taken whose names end as
    /// comment files' do (`.xml`, `.json`, `.jsonl`, `.jkl`, `.txt`, `.ass`) and whose content is
    /// that of one; of a folder that `nico-fetch` made, `pages` and, beside a collection
    /// (`comments.xml`, `comments.json`), `external` are passed over, since the collection holds
    /// the same. Links to folders are not followed.
    ///
    /// # Errors
    ///
    /// If a folder cannot be listed; if there is too much in it.
    pub fn find(paths: impl IntoIterator<Item: AsRef<Path>>) -> io::Result<Self> {
        let mut found = Self::default();
        let mut looked_at = 0;
        for path in paths {
            let path = path.as_ref();
            if !path.is_dir() {
                found.files.push(path.to_owned());
                continue;
            }
            let mut files = Vec::new();
            list(path, 0, &mut looked_at, &mut files)?;
            files.sort();
            for file in files {
                if is_comment_file(&file) {
                    found.files.push(file);
                } else {
                    found.left_out.push(file);
                }
            }
        }
        Ok(found)
    }
}

fn list(
    folder: &Path,
    depth: usize,
    count: &mut usize,
    files: &mut Vec<PathBuf>,
) -> io::Result<()> {
    let at =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    let has = |name: &str| folder.join(name).is_file();
    let is_fetched = has("state.json");
    let is_collected = has("comments.xml") || has("comments.json");
    for entry in fs::read_dir(folder).map_err(at)? {
        let entry = entry.map_err(at)?;
        *count += 1;
        if *count > MAX_ENTRIES {
            return Err(at(io::Error::other("too many files")));
        }
        let (path, kind) = (entry.path(), entry.file_type().map_err(at)?);
        if kind.is_dir() {
            let name = entry.file_name();
            let is_source = (is_fetched && name == "pages") || (is_collected && name == "external");
            if depth < MAX_DEPTH && !is_source {
                list(&path, depth + 1, count, files)?;
            }
        } else if has_name(&path) && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn has_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|name| name.to_str());
    extension.is_some_and(|name| {
        ["xml", "json", "jsonl", "jkl", "txt", "ass"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// Whether reading begins with anything but an error that ends it.
fn is_comment_file(path: &Path) -> bool {
    let Ok(mut comments) = Comments::open(path, ReadOptions::default()) else {
        return true; // let the reader say why
    };
    match comments.next() {
        Some(Err(error)) => !error.is_other_file(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_fetched_folder_are_not_taken_twice() {
        let folder = tempfile::tempdir().unwrap();
        let chat = "<packet><chat vpos='1'>w</chat></packet>";
        for name in [
            "state.json",
            "comments.xml",
            "pages/1.xml",
            "more/pages/2.XML",
            "notes.md",
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(
                path,
                if name == "state.json" {
                    "{\"a\":1}"
                } else {
                    chat
                },
            )
            .unwrap();
        }
        let found = CommentFiles::find([folder.path()]).unwrap();
        let names = |paths: &[PathBuf]| {
            let inside = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
            paths.iter().map(inside).collect::<Vec<_>>()
        };
        assert_eq!(
            names(&found.files),
            [Path::new("comments.xml"), Path::new("more/pages/2.XML")]
        );
        assert_eq!(names(&found.left_out), [Path::new("state.json")]);
    }

    #[test]
    fn what_a_collection_was_made_of_is_not_taken_twice() {
        let chat = "<packet><chat vpos='1'>w</chat></packet>";
        for collection in ["comments.xml", "comments.json"] {
            let folder = tempfile::tempdir().unwrap();
            let external = folder.path().join("external/sm9/a.xml");
            fs::create_dir_all(external.parent().unwrap()).unwrap();
            fs::write(&external, chat).unwrap();
            let found = || CommentFiles::find([folder.path()]).unwrap().files;
            assert_eq!(found(), [external]);
            let collection = folder.path().join(collection);
            fs::write(&collection, chat).unwrap();
            assert_eq!(found(), [collection]);
        }
    }

    #[test]
    fn files_stay_as_they_are() {
        let paths = ["no/such.xml", "-", "a.png"];
        let found = CommentFiles::find(paths).unwrap();
        assert_eq!(found.files, paths.map(PathBuf::from));
    }
}
