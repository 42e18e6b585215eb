//! Episodes: shows with dialogue, whose comments answer what is said, what is seen, and each other.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use folder_lock::FolderLock;
use rayon::prelude::*;

use crate::chat::answers::{EpisodeChat, write_lines, write_srt};
use crate::error::Error;
use crate::folder::remove_named;
use crate::options::WorldOptions;
use crate::show::{Script, Show};
use crate::whole::write_pieces;
use crate::world::{painter, write_video};

/// Most episodes of a show.
const MOST: usize = 1_000;
/// How the names of an episode's comments end: an episode is there when they are.
const COMMENTS: &str = "xml";
/// How those of its other files end.
const OTHERS: [&str; 4] = ["srt", "answers.tsv", "scenes.tsv", "mp4"];

/// How many episodes are written, and what each of them is like.
///
/// # Example
///
/// ```
/// use world::{EpisodesOptions, WorldOptions};
///
/// let each = WorldOptions::default().seconds(60.0).comments(600);
/// let options = EpisodesOptions::default().each(each).episodes(2);
/// assert!(!options.videos);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EpisodesOptions {
    /// Length, comments, seed and picture of an episode. Default: 180 s and 1,800 comments, the
    /// rest as in a world.
    pub each: WorldOptions,
    /// Episodes of each show, 1 to 1,000. Default: 4.
    pub episodes: usize,
    /// Whether videos are drawn as well. Default: no.
    pub videos: bool,
}

impl Default for EpisodesOptions {
    fn default() -> Self {
        Self {
            each: WorldOptions::default().seconds(180.0).comments(1_800),
            episodes: 4,
            videos: false,
        }
    }
}

impl EpisodesOptions {
    /// Sets what each episode is like.
    #[must_use]
    pub fn each(mut self, options: WorldOptions) -> Self {
        self.each = options;
        self
    }

    /// Sets how many episodes each show has.
    #[must_use]
    pub fn episodes(mut self, episodes: usize) -> Self {
        self.episodes = episodes;
        self
    }

    /// Sets whether videos are drawn as well.
    #[must_use]
    pub fn videos(mut self, videos: bool) -> Self {
        self.videos = videos;
        self
    }
}

/// What there is of an episode.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EpisodeReport {
    /// The show.
    pub show: Show,
    /// Its comments: `SHOW/NN.xml`. Beside it are `NN.srt`, `NN.answers.tsv`, `NN.scenes.tsv` and,
    /// if it was asked for, `NN.mp4`.
    pub comments: PathBuf,
    /// How many comments.
    pub num_comments: usize,
    /// How many lines of dialogue.
    pub num_lines: usize,
}

/// Writes episodes of both shows, on all cores: `SHOW/NN.xml` (comments, Saccubus), `SHOW/NN.srt`
/// (dialogue), `SHOW/NN.answers.tsv` (what each comment answers), `SHOW/NN.scenes.tsv` (who can be
/// seen when) and, if asked for, `SHOW/NN.mp4`.
///
/// This is the layout that the corpus library reads as episodes. Files are complete or absent, and
/// the same options give the same bytes. Files of these names that are there, of any number, are of
/// an earlier call: they go before the first new one comes. Other files stay.
///
/// # Errors
///
/// The options are out of range, another program writes into the folder, a file cannot be written,
/// or a video is asked for and FFmpeg has no H.264 encoder.
///
/// # Example
///
/// ```
/// use world::{EpisodesOptions, WorldOptions, write_episodes};
///
/// let folder = tempfile::tempdir()?;
/// let each = WorldOptions::default().seconds(30.0).comments(200);
/// let options = EpisodesOptions::default().each(each).episodes(1);
/// let written = write_episodes(folder.path(), &options)?;
/// assert_eq!(written[1].comments, folder.path().join("safari/01.xml"));
/// assert!(std::fs::read_to_string(folder.path().join("safari/01.srt"))?.contains(" --> "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_episodes(
    folder: &Path,
    options: &EpisodesOptions,
) -> Result<Vec<EpisodeReport>, Error> {
    options.each.check()?;
    if !(1..=MOST).contains(&options.episodes) {
        return Err(Error::Option {
            option: "a number of episodes",
            value: options.episodes.to_string(),
            range: "1 to 1,000",
        });
    }
    let _lock = FolderLock::acquire(folder).map_err(Error::locking)?;
    // Comments first, so that a kill leaves no episode without its other files.
    for endings in [&[COMMENTS][..], &OTHERS] {
        for show in Show::ALL {
            remove_named(&folder.join(show.id()), |name| is_of_one(name, endings))?;
        }
    }
    let numbers = (1..=options.episodes).flat_map(|number| Show::ALL.map(|show| (show, number)));
    let mut numbers: Vec<(Show, usize)> = numbers.collect();
    numbers.sort_by_key(|(show, number)| (show.id(), *number));
    numbers
        .into_par_iter()
        .map(|(show, number)| write_episode(folder, show, number, options))
        .collect()
}

/// Whether a file's name is one of an episode's, with one of these endings.
fn is_of_one(name: &str, endings: &[&str]) -> bool {
    let Some((number, ending)) = name.split_once('.') else {
        return false;
    };
    let is_written_so =
        |parsed: usize| (1..=MOST).contains(&parsed) && format!("{parsed:02}") == number;
    endings.contains(&ending) && number.parse().is_ok_and(is_written_so)
}

fn write_episode(
    folder: &Path,
    show: Show,
    number: usize,
    options: &EpisodesOptions,
) -> Result<EpisodeReport, Error> {
    let seed = options.each.seed.wrapping_mul(10_007);
    let offset = u64::try_from(number).unwrap_or(0);
    let options_of_one = options.each.clone().seed(seed.wrapping_add(offset));
    let mut painter = painter(show, &options_of_one);
    let rate = options_of_one.rate();
    let lines = write_lines(painter.script(), options_of_one.seed, rate);
    let chat = EpisodeChat::write(painter.script(), &lines, &options_of_one);
    let path = |ending: &str| folder.join(show.id()).join(format!("{number:02}.{ending}"));
    write_pieces(&path("srt"), |out| write_srt(out, &lines))?;
    write_pieces(&path("answers.tsv"), |out| chat.write_answers(out))?;
    write_pieces(&path("scenes.tsv"), |out| {
        write_scenes(out, painter.script(), rate)
    })?;
    if options.videos {
        write_video(&path("mp4"), &mut painter, &options_of_one, |_| {})?;
    }
    write_pieces(&path(COMMENTS), |out| chat.write_xml(out))?; // last
    Ok(EpisodeReport {
        show,
        comments: path(COMMENTS),
        num_comments: chat.len(),
        num_lines: lines.len(),
    })
}

/// The scenes: from and to, milliseconds, and the names of the characters who can be seen.
fn write_scenes(out: &mut impl Write, script: &Script, rate: f64) -> io::Result<()> {
    let cast = script.show.cast();
    writeln!(out, "start_ms\tend_ms\tkind\tcharacters")?;
    for scene in &script.scenes {
        let names: Vec<&str> = scene
            .actors
            .iter()
            .map(|actor| cast[actor.cast].name)
            .collect();
        writeln!(
            out,
            "{:.0}\t{:.0}\t{:?}\t{}",
            to_f64(scene.frames.start) * 1000.0 / rate,
            to_f64(scene.frames.end) * 1000.0 / rate,
            scene.kind,
            names.join(",")
        )?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 frames")]
fn to_f64(frames: usize) -> f64 {
    frames as f64
}
