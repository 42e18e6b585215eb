use std::{
    fs,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{episode::Episode, pictures::EpisodePictures};
use crate::error::Error;

/// Endings of files of comments and of dialogue; of several of one name the first in this order
/// counts.
const COMMENTS: [&str; 2] = ["json", "xml"];
const DIALOGUE: [&str; 4] = ["srt", "vtt", "ass", "ssa"];
/// Ending of the folder of an episode's feature store.
const PICTURES: &str = "features";

/// The files of an episode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpisodeFiles {
    /// The path below the folder without its ending, with `/` between its parts: `show/01`.
    pub name: String,
    /// Its show, where the name does not say it: of a folder of episodes alone, the folder's name.
    pub show: Option<String>,
    /// Its comments.
    pub comments: PathBuf,
    /// Its dialogue, where there is a file of the same name.
    pub dialogue: Option<PathBuf>,
    /// The feature store of its pictures, where there is a folder `NAME.features`.
    pub pictures: Option<PathBuf>,
}

impl EpisodeFiles {
    /// Reads the episode. `rejected` gets the comments that cannot be read.
    ///
    /// # Errors
    ///
    /// As [`Episode::read`] and [`EpisodePictures::open`].
    pub fn read(&self, rejected: impl FnMut(nico_comments::Error)) -> Result<Episode, Error> {
        let dialogue = self.dialogue.as_deref();
        let episode = Episode::read(&*self.name, &self.comments, dialogue, rejected)?;
        let episode = match &self.show {
            Some(show) => episode.of_show(show),
            None => episode,
        };
        let pictures = self.pictures.as_deref().map(EpisodePictures::open);
        Ok(episode.with_pictures(pictures.transpose()?))
    }
}

/// The episodes of a folder, by name: files of comments (`.json`, `.xml`) in it and in its folders,
/// each with the file of dialogue (`.srt`, `.vtt`, `.ass`) and the feature store (`NAME.features`)
/// of the same name where there is one. A folder in it is a show; without any, it is one itself.
///
/// # Errors
///
/// Fails if a folder cannot be read, and if there is no episode.
pub fn find_episodes(folder: impl AsRef<Path>) -> Result<Vec<EpisodeFiles>, Error> {
    let folder = folder.as_ref();
    let mut found = Vec::new();
    find(folder, "", &mut found)?;
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        // Of a folder of one show the features of its pictures are beside its comments.
        let is_store = path.extension().is_some_and(|ending| ending == PICTURES);
        if path.is_dir()
            && !is_store
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
    if found.iter().all(|one| !one.name.contains('/')) {
        let show = show_of(folder);
        for one in &mut found {
            one.show.clone_from(&show);
        }
    }
    Ok(found)
}

/// The name of a folder, also of one that is called `.`.
fn show_of(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    Some(folder.file_name()?.to_string_lossy().into_owned())
}

fn find(folder: &Path, prefix: &str, found: &mut Vec<EpisodeFiles>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        let is_known = |known: &&str| ending.is_some_and(|name| name.eq_ignore_ascii_case(known));
        let Some(rank) = COMMENTS.iter().position(is_known) else {
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
        let pictures = path.with_extension(PICTURES);
        found.push(EpisodeFiles {
            name: format!("{prefix}{stem}"),
            show: None,
            comments: path,
            dialogue,
            pictures: pictures.is_dir().then_some(pictures),
        });
    }
    Ok(())
}

/// Reads the episodes of a folder, on all cores, in order of their names. `rejected` gets the
/// comments that cannot be read, those of an episode after those of the one before.
///
/// # Errors
///
/// As [`find_episodes`] and [`EpisodeFiles::read`].
pub fn read_episodes(
    folder: impl AsRef<Path>,
    mut rejected: impl FnMut(nico_comments::Error),
) -> Result<Vec<Episode>, Error> {
    let read: Vec<(Result<Episode, Error>, Vec<nico_comments::Error>)> = find_episodes(folder)?
        .into_par_iter()
        .map(|files| {
            let mut bad = Vec::new();
            (files.read(|error| bad.push(error)), bad)
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
    use frame_features::{
        EncoderId, FeatureStoreWriter, Layer, Rational, StorePlan, VideoEnd, VideoSource,
    };

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
        let encoder = EncoderId::new("mine", "0".repeat(64), Layer::Output, 32);
        let video = VideoSource {
            path: "b/02.mp4".into(),
            bytes: 0,
            sha256: "0".repeat(64),
        };
        let plan = StorePlan::new(encoder, [1], video);
        let mut store =
            FeatureStoreWriter::create(folder.path().join("b/02.features"), plan).unwrap();
        store.push(0, 0.5, &[7.0]).unwrap();
        store.push(1, 1.75, &[8.0]).unwrap();
        let end = VideoEnd::new(2, Rational::new(1, 1), 2.0).start(0.25);
        store.finish(end).unwrap();
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
        assert!(episodes[1].pictures().is_none());
        let shown = episodes[2].past_at(1_499).pictures().map(|one| one.millis);
        assert_eq!(shown.collect::<Vec<_>>(), [250]); // the other at 1,500: the video begins at 0.25 s
        assert_eq!(episodes[2].pictures().unwrap().len(), 2);
        // The folder of one show: its store is no show.
        let show = read_episodes(folder.path().join("b"), |error| panic!("{error}")).unwrap();
        let names: Vec<&str> = show.iter().map(Episode::name).collect();
        assert_eq!(names, ["01", "02"]);
        assert!(show.iter().all(|episode| episode.show() == "b"));
        assert!(show[1].pictures().is_some());
    }

    #[test]
    fn a_folder_that_is_no_store_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("01.xml"), COMMENT).unwrap();
        fs::create_dir(folder.path().join("01.features")).unwrap();
        let error = read_episodes(folder.path(), |_| ()).unwrap_err();
        assert!(error.to_string().contains("01.features"), "{error}");
    }

    #[test]
    fn an_empty_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_episodes(folder.path(), |_| ()).unwrap_err();
        assert!(error.to_string().contains("no episode"), "{error}");
    }
}
