//! Writing the shows' files.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use folder_lock::FolderLock;
use serde::{Deserialize, Serialize};

use crate::boxes::{BoxCharacter, Boxes, CharacterBox};
use crate::chat::{
    self,
    answers::{write_lines, write_srt},
};
use crate::error::Error;
use crate::film::Film;
use crate::folder;
use crate::options::WorldOptions;
use crate::show::{Painter, Script, Show};
use crate::sound::Music;
use crate::whole::{write_pieces, write_whole};

/// What a show's folder gets, and the file that is written when all of it is there.
const FILES: [&str; 4] = ["video.mp4", "comments.xml", "boxes.json", "lines.srt"];
const MANIFEST: &str = "world.json";

/// Counted up whenever the same options give other shows.
const VERSION: u32 = 1;

/// How far a show has been drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The show.
    pub show: Show,
    /// Frames drawn and encoded.
    pub frames: usize,
    /// Frames of the whole show.
    pub num_frames: usize,
}

/// What [`write_world`] left.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorldReport {
    /// The shows, the café first.
    pub shows: Vec<ShowReport>,
}

/// What there is of one show.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShowReport {
    /// The show.
    pub show: Show,
    /// Its folder with `video.mp4`, `comments.xml`, `boxes.json` and `lines.srt`.
    pub folder: PathBuf,
    /// Frames of its video.
    pub num_frames: usize,
    /// Comment elements in its XML file.
    pub num_comments: usize,
    /// Whether it was there already and was kept.
    pub kept: bool,
    /// How long drawing took.
    pub elapsed: Duration,
}

/// What a show was drawn from: the contents of its `world.json`.
#[derive(Serialize, Deserialize, PartialEq)]
struct Manifest {
    version: u32,
    show: String,
    options: WorldOptions,
    comments: usize,
}

/// Draws both shows into `folder/cafe` and `folder/safari`, side by side on two threads.
///
/// Each gets `video.mp4`, `comments.xml` (Saccubus), `boxes.json`, `lines.srt` (what is said, which
/// these comments do not answer) and `world.json`, which remembers the options: a show that was drawn completely with the same options is kept. Files are complete
/// or absent, and those of other options go before the first new one comes. The same options give
/// the same bytes of comments and boxes. `progress` is called from both threads, about twice a
/// second of video.
///
/// # Errors
///
/// The options are out of range, another program writes into the folder, a file cannot be written,
/// or FFmpeg has no H.264 encoder.
///
/// # Example
///
/// ```no_run
/// use world::{WorldOptions, write_world};
///
/// let report = write_world("out/world".as_ref(), &WorldOptions::default(), |_| {})?;
/// for show in &report.shows {
///     println!("{}: {} frames", show.folder.display(), show.num_frames);
/// }
/// # Ok::<(), world::Error>(())
/// ```
pub fn write_world(
    folder: &Path,
    options: &WorldOptions,
    progress: impl Fn(Progress) + Sync,
) -> Result<WorldReport, Error> {
    options.check()?;
    let _lock = FolderLock::acquire(folder).map_err(Error::locking)?;
    let (cafe, safari) = rayon::join(
        || {
            write_show(
                Show::Cafe,
                &folder.join(Show::Cafe.id()),
                options,
                &progress,
            )
        },
        || {
            write_show(
                Show::Safari,
                &folder.join(Show::Safari.id()),
                options,
                &progress,
            )
        },
    );
    Ok(WorldReport {
        shows: vec![cafe?, safari?],
    })
}

/// Writes only the comments of a show to `path` and returns who is where; `folder/comments.xml` of
/// [`write_world`] has the same bytes.
///
/// # Errors
///
/// The options are out of range or the file cannot be written.
///
/// # Example
///
/// ```
/// use world::{Show, WorldOptions, write_comments};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("comments.xml");
/// let boxes = write_comments(Show::Cafe, &path, &WorldOptions::default().seconds(5.0).comments(50))?;
/// assert_eq!(boxes.frames, 150);
/// assert_eq!(std::fs::read_to_string(&path)?.matches("<chat ").count(), 50);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_comments(show: Show, path: &Path, options: &WorldOptions) -> Result<Boxes, Error> {
    options.check()?;
    let painter = painter(show, options);
    write_pieces(path, |out| chat::write(out, painter.script(), options))?;
    Ok(ground_truth(&painter, options))
}

pub(crate) fn painter(show: Show, options: &WorldOptions) -> Painter {
    let mut script = Script::staged(
        show,
        options.seed,
        options.num_frames(),
        options.rate(),
        options.scattered,
    );
    if options.costumes.is_some() {
        script.dress(options.seed);
    }
    Painter::new(script, options.width, options.height, options.rate())
}

fn write_show(
    show: Show,
    folder: &Path,
    options: &WorldOptions,
    progress: &(impl Fn(Progress) + Sync),
) -> Result<ShowReport, Error> {
    let begun = Instant::now();
    let num_frames = options.num_frames();
    let paths = FILES.map(|name| folder.join(name));
    let [video, comments, boxes, lines] = &paths;
    let manifest_path = folder.join(MANIFEST);
    let done = std::fs::read_to_string(&manifest_path)
        .ok()
        .and_then(|text| serde_json::from_str::<Manifest>(&text).ok());
    let report = |num_comments, kept| ShowReport {
        show,
        folder: folder.to_owned(),
        num_frames,
        num_comments,
        kept,
        elapsed: begun.elapsed(),
    };
    let manifest = |comments| Manifest {
        version: VERSION,
        show: show.id().to_owned(),
        options: options.clone(),
        comments,
    };
    if let Some(done) = done
        && done == manifest(done.comments)
        && paths.iter().all(|path| path.is_file())
    {
        progress(Progress {
            show,
            frames: num_frames,
            num_frames,
        });
        return Ok(report(done.comments, true));
    }
    // What is there belongs to other options, or was not finished. The manifest goes first, so that
    // a kill leaves nothing that seems complete.
    folder::remove(folder, &[MANIFEST])?;
    folder::remove(folder, &FILES)?;
    let mut painter = painter(show, options);
    let truth = ground_truth(&painter, options);
    write_pieces(boxes, |out| truth.write_to(out))?;
    write_pieces(comments, |out| chat::write(out, painter.script(), options))?;
    let said = write_lines(painter.script(), options.seed, options.rate());
    write_pieces(lines, |out| write_srt(out, &said))?;
    write_video(video, &mut painter, options, |frames| {
        progress(Progress {
            show,
            frames,
            num_frames,
        })
    })?;
    let manifest = manifest(options.comments);
    write_pieces(&manifest_path, |out| {
        Ok(serde_json::to_writer_pretty(out, &manifest)?)
    })?;
    Ok(report(options.comments, false))
}

pub(crate) fn write_video(
    path: &Path,
    painter: &mut Painter,
    options: &WorldOptions,
    progress: impl Fn(usize),
) -> Result<(), Error> {
    write_whole(path, |file| {
        let music = Music::compose(painter.script(), options.seed, options.rate());
        let mut film = Film::create(
            file,
            path,
            [options.width, options.height],
            options.fps,
            music,
        )?;
        let num_frames = painter.script().num_frames();
        let mut frame = 0;
        let mut told = 0;
        while frame < num_frames {
            let mut end = frame + 1;
            while end < num_frames && painter.drawing_of(end) == painter.drawing_of(frame) {
                end += 1;
            }
            let picture = painter.draw(frame);
            film.push(&picture, end - frame)?;
            frame = end;
            if frame >= told + 15 || frame == num_frames {
                told = frame;
                progress(frame);
            }
        }
        film.finish()
    })
}

/// The boxes of every frame; drawings that are held and boxes that stay make one entry.
fn ground_truth(painter: &Painter, options: &WorldOptions) -> Boxes {
    let script = painter.script();
    let cast = script.show.cast();
    let mut open: Vec<CharacterBox> = Vec::new();
    let mut boxes: Vec<CharacterBox> = Vec::new();
    let mut frame = 0;
    while frame < script.num_frames() {
        let drawing = painter.drawing_of(frame);
        let mut end = frame + 1;
        while end < script.num_frames() && painter.drawing_of(end) == drawing {
            end += 1;
        }
        let mut now = Vec::new();
        for (number, rect) in painter.boxes(frame) {
            let character = cast[number].id;
            match open
                .iter()
                .position(|one| one.character == character && one.rect == rect)
            {
                Some(at) => {
                    let mut same = open.swap_remove(at);
                    same.frames[1] = end;
                    now.push(same);
                }
                None => now.push(CharacterBox {
                    character: character.to_owned(),
                    frames: [frame, end],
                    rect,
                }),
            }
        }
        boxes.append(&mut open);
        open = now;
        frame = end;
    }
    boxes.append(&mut open);
    boxes.sort_by(|a, b| {
        a.frames
            .cmp(&b.frames)
            .then_with(|| a.character.cmp(&b.character))
    });
    let characters = cast
        .iter()
        .map(|one| BoxCharacter {
            id: one.id.to_owned(),
            names: vec![one.name.to_owned(), format!("{}ちゃん", one.name)],
        })
        .collect();
    Boxes {
        fps: options.fps,
        frames: script.num_frames(),
        width: options.width,
        height: options.height,
        characters,
        boxes,
    }
}
