use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, Page};

/// The pages of a repository: its README, those of its crates, and everything under `docs/`, by
/// their names.
///
/// # Errors
///
/// If one of them cannot be read, and as [`Page::parse`].
pub fn read_pages(repository: &Path) -> Result<Vec<Page>, Error> {
    let mut paths = vec![PathBuf::from("README.md")];
    under(repository, Path::new("docs"), &mut paths)?;
    for folder in entries(repository, Path::new("crates"))? {
        let readme = folder.join("README.md");
        if repository.join(&readme).is_file() {
            paths.push(readme);
        }
    }
    let name = |path: &Path| path.to_string_lossy().replace('\\', "/");
    paths
        .iter()
        .map(|path| Page::read(&repository.join(path), name(path)))
        .collect()
}

/// Adds the pages of a folder and of the folders in it.
fn under(repository: &Path, folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in entries(repository, folder)? {
        if repository.join(&entry).is_dir() {
            under(repository, &entry, paths)?;
        } else if entry.extension().is_some_and(|extension| extension == "md") {
            paths.push(entry);
        }
    }
    Ok(())
}

/// What is in a folder of the repository, by name.
fn entries(repository: &Path, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let path = repository.join(folder);
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(&path)?
            .map(|entry| Ok(folder.join(entry?.file_name())))
            .collect()
    };
    let mut entries = read().map_err(|source| Error::Read {
        path: path.clone(),
        source,
    })?;
    entries.sort();
    Ok(entries)
}
