use std::{
    fs,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::episode::Episode;
use crate::error::Error;

/// Endings of files of comments and of dialogue; of several of one name the first in this order
/// counts.
const COMMENTS: [&str; 2] = ["json", "xml"];
const DIALOGUE: [&str; 4] = ["srt", "vtt", "ass", "ssa"];

/// The files of an episode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpisodeFiles {
    /// The path below the folder without its ending, with `/` between its parts: `show/01`.
    pub name: String,
    /// Its comments.
    pub comments: PathBuf,
    /// Its dialogue, where there is a file of the same name.
    pub dialogue: Option<PathBuf>,
}

/// The episodes of a folder, by name: files of comments (`.json`, `.xml`) in it and in its
/// folders, each with the file of dialogue (`.srt`, `.vtt`, `.ass`) of the same name where there is
/// one.
///
/// # Errors
///
/// Fails if a folder cannot be read, and if there is no episode.
pub fn find_episodes(folder: &Path) -> Result<Vec<EpisodeFiles>, Error> {
    let mut found = Vec::new();
    find(folder, "", &mut found)?;
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        if path.is_dir()
            && let Some(show) = path.file_name().and_then(|name| name.to_str())
        {
            find(&path, &format!("{show}/"), &mut found)?;
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if found.is_empty() {
        return Err(Error::NoEpisodes {
            folder: folder.to_owned(),
        });
    }
    Ok(found)
}

fn find(folder: &Path, prefix: &str, found: &mut Vec<EpisodeFiles>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        let Some(rank) = COMMENTS.iter().position(|known| Some(*known) == ending) else {
            continue;
        };
        let first = COMMENTS[..rank]
            .iter()
            .all(|other| !path.with_extension(other).exists());
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        if !path.is_file() || !first {
            continue;
        }
        let dialogue = DIALOGUE
            .iter()
            .map(|ending| path.with_extension(ending))
            .find(|path| path.is_file());
        found.push(EpisodeFiles {
            name: format!("{prefix}{stem}"),
            comments: path,
            dialogue,
        });
    }
    Ok(())
}

/// Reads the episodes of a folder, on all cores, in order of their names. `rejected` gets the
/// comments that cannot be read, those of an episode after those of the one before.
///
/// # Errors
///
/// As [`find_episodes`] and [`Episode::read`].
pub fn read_episodes(
    folder: &Path,
    mut rejected: impl FnMut(nico_comments::Error),
) -> Result<Vec<Episode>, Error> {
    let read: Vec<(Result<Episode, Error>, Vec<nico_comments::Error>)> = find_episodes(folder)?
        .into_par_iter()
        .map(|files| {
            let mut bad = Vec::new();
            let episode = Episode::read(
                files.name,
                &files.comments,
                files.dialogue.as_deref(),
                |error| bad.push(error),
            );
            (episode, bad)
        })
        .collect();
    let mut episodes = Vec::with_capacity(read.len());
    for (episode, bad) in read {
        bad.into_iter().for_each(&mut rejected);
        episodes.push(episode?);
    }
    Ok(episodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMENT: &str = "<packet><chat vpos='100' no='1' user_id='a'>草</chat></packet>";

    #[test]
    fn folders_are_shows_and_dialogue_has_the_name_of_the_comments() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("b/02.xml", COMMENT);
        write("b/01.xml", COMMENT);
        write("b/01.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n");
        write("b/manifest.tsv", "no episode");
        write("a.xml", COMMENT);
        write(
            "a.json",
            r#"[{"chat":{"vpos":1,"no":2,"user_id":"a","content":"json"}}]"#,
        );
        let episodes = read_episodes(folder.path(), |error| panic!("{error}")).unwrap();
        let names: Vec<&str> = episodes.iter().map(Episode::name).collect();
        assert_eq!(names, ["a", "b/01", "b/02"]);
        assert_eq!(episodes[0].comment(0).text, "json");
        assert_eq!((episodes[0].show(), episodes[1].show()), ("a", "b"));
        assert_eq!(episodes[1].dialogue().lines().len(), 1);
        assert!(episodes[2].dialogue().lines().is_empty());
    }

    #[test]
    fn an_empty_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_episodes(folder.path(), |_| ()).unwrap_err();
        assert!(error.to_string().contains("no episode"), "{error}");
    }
}
