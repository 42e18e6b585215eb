//! What a store's `store.json` says.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, HeldFrames, Layer, Rational, Sampling, hash, sampling, write};

/// Name of the description in a store's folder.
pub(crate) const FILE_NAME: &str = "store.json";
/// The layout this crate writes.
pub(crate) const FORMAT: u32 = 2;
/// The oldest layout that this crate reads: no held frames, a checksum of the features only.
const OLDEST_FORMAT: u32 = 1;

/// Which weights made the features.
///
/// ```
/// let encoder = frame_features::EncoderInfo {
///     name: "vgg19-slim8".into(),
///     sha256: "0".repeat(64),
/// };
/// assert!(encoder.to_string().starts_with("vgg19-slim8 (000000"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderInfo {
    /// Its name, for people.
    pub name: String,
    /// [`Vgg19::fingerprint`](crate::Vgg19::fingerprint) of its weights for the layer.
    pub sha256: String,
}

/// Which video the frames are of.
///
/// ```
/// let video = frame_features::VideoSource {
///     path: "videos/cafe.mp4".into(),
///     bytes: 0,
///     sha256: "e3b0c44298fc1c14".into(),
/// };
/// assert_eq!(video.to_string(), "videos/cafe.mp4 (e3b0c44298fc…)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoSource {
    /// Where it lay. Only for people: a store stays good if the video moves.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

impl VideoSource {
    /// The file at `path`, read whole for its checksum.
    ///
    /// ```
    /// let file = tempfile::NamedTempFile::new()?;
    /// let video = frame_features::VideoSource::of(file.path())?;
    /// assert!(video.sha256.starts_with("e3b0c44298fc1c14")); // of nothing
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read.
    pub fn of(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let about = std::fs::metadata(path).map_err(Error::io("open", path))?;
        Ok(Self {
            path: path.to_path_buf(),
            bytes: about.len(),
            sha256: hash::file_sha256(path)?,
        })
    }
}

fn short(sha256: &str) -> String {
    sha256.chars().take(12).chain(['…']).collect()
}

impl std::fmt::Display for EncoderInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, short(&self.sha256))
    }
}

impl std::fmt::Display for VideoSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.path.display(), short(&self.sha256))
    }
}

/// What has to be the same for a store to be used again: `features = f(plan, video)`.
///
/// # Example
///
/// ```
/// use frame_features::{EncoderInfo, HeldFrames, Layer, Sampling, StorePlan, VideoSource};
///
/// let plan = StorePlan {
///     layer: Layer::Conv5_3,
///     shape: vec![196, 64],
///     size: 224,
///     sampling: Sampling::All,
///     held: HeldFrames::Equal,
///     scaling: "antialiased bilinear".into(),
///     block_rows: 256,
///     encoder: EncoderInfo { name: "vgg19-slim8".into(), sha256: "0".repeat(64) },
///     video: VideoSource { path: "cafe.mp4".into(), bytes: 1, sha256: "0".repeat(64) },
/// };
/// assert_eq!(plan.row_len(), 196 * 64);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StorePlan {
    /// The layer.
    pub layer: Layer,
    /// Shape of one frame's feature: `[d]` or `[locations, d]`.
    pub shape: Vec<usize>,
    /// Side of the square that frames are scaled to, in pixels.
    pub size: usize,
    /// Which frames are taken.
    #[serde(alias = "every", deserialize_with = "sampling::deserialize")]
    pub sampling: Sampling,
    /// Which frames refer to features of earlier ones.
    #[serde(default = "HeldFrames::separate")]
    pub held: HeldFrames,
    /// How frames are scaled, in words.
    pub scaling: String,
    /// Rows of a block; the last one may have fewer.
    pub block_rows: usize,
    /// The encoder.
    pub encoder: EncoderInfo,
    /// The video.
    pub video: VideoSource,
}

impl StorePlan {
    /// Numbers in one row: the product of [`shape`](Self::shape).
    #[must_use]
    pub fn row_len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Refuses another plan's store, naming what differs first.
    pub(crate) fn check_same(&self, found: &Self, folder: &Path) -> Result<(), Error> {
        let mismatch = |what, found: String, wanted: String| Error::StoreMismatch {
            path: folder.to_path_buf(),
            what,
            found,
            wanted,
        };
        let pairs = [
            (
                "video",
                self.video.sha256 == found.video.sha256,
                found.video.to_string(),
                self.video.to_string(),
            ),
            (
                "layer",
                self.layer == found.layer,
                found.layer.to_string(),
                self.layer.to_string(),
            ),
            (
                "encoder",
                self.encoder.sha256 == found.encoder.sha256,
                found.encoder.to_string(),
                self.encoder.to_string(),
            ),
            (
                "picture size",
                self.size == found.size,
                found.size.to_string(),
                self.size.to_string(),
            ),
            (
                "scaling",
                self.scaling == found.scaling,
                found.scaling.clone(),
                self.scaling.clone(),
            ),
            (
                "frames taken:",
                self.sampling == found.sampling,
                found.sampling.to_string(),
                self.sampling.to_string(),
            ),
            (
                "frames",
                self.held == found.held,
                found.held.to_string(),
                self.held.to_string(),
            ),
            (
                "shape",
                self.shape == found.shape,
                format!("{:?}", found.shape),
                format!("{:?}", self.shape),
            ),
            (
                "blocks of",
                self.block_rows == found.block_rows,
                format!("{} rows", found.block_rows),
                format!("{} rows", self.block_rows),
            ),
        ];
        match pairs.into_iter().find(|(_, same, ..)| !same) {
            None => Ok(()),
            Some((what, _, found, wanted)) => Err(mismatch(what, found, wanted)),
        }
    }
}

/// A finished store's description, as in its `store.json`.
///
/// # Example
///
/// ```no_run
/// let store = frame_features::FeatureStore::open("out/features")?;
/// let info = store.info();
/// println!("{} of {} frames of {}", info.frames.len(), info.video_frames, info.plan.video);
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoreInfo {
    /// Version of the layout on disk.
    pub format: u32,
    /// What the features are of and how they were made.
    pub plan: StorePlan,
    /// Whether extraction has ended. Until then the fields below are empty.
    pub complete: bool,
    /// Frames in the video, taken or not.
    pub video_frames: usize,
    /// Frames per second of the video, as its container states or on average.
    pub frame_rate: Rational,
    /// Time from the video's beginning to the end of its last frame, in seconds.
    pub duration: f64,
    /// If the video ended in the middle (a file cut off), what FFmpeg said there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_early: Option<String>,
    /// For each row, the index of its frame in the video, ascending.
    pub frames: Vec<usize>,
    /// For each row, the time of its frame in seconds.
    pub times: Vec<f64>,
}

impl StoreInfo {
    pub(crate) fn begun(plan: StorePlan) -> Self {
        Self {
            format: FORMAT,
            plan: StorePlan {
                sampling: plan.sampling.normalised(),
                ..plan
            },
            complete: false,
            video_frames: 0,
            frame_rate: Rational::new(0, 1),
            duration: 0.0,
            ended_early: None,
            frames: Vec::new(),
            times: Vec::new(),
        }
    }

    /// Reads a folder's description; nothing if there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(FILE_NAME);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        let info: Self = serde_json::from_slice(&text)
            .map_err(|error| Error::store(&path, error.to_string()))?;
        info.check(&path)?;
        Ok(Some(info))
    }

    /// Refuses what no extraction writes, so that later code may rely on it.
    pub(crate) fn check(&self, path: &Path) -> Result<(), Error> {
        let refuse = |problem: String| Err(Error::store(path, problem));
        if !(OLDEST_FORMAT..=FORMAT).contains(&self.format) {
            return refuse(format!(
                "format {}, expected {OLDEST_FORMAT} to {FORMAT}",
                self.format
            ));
        }
        let row_len = self
            .plan
            .shape
            .iter()
            .try_fold(1_usize, |product, &side| product.checked_mul(side));
        if row_len.is_none_or(|len| len == 0 || len > 1 << 30) {
            return refuse(format!("rows of shape {:?}", self.plan.shape));
        }
        if self.plan.block_rows == 0 {
            return refuse("\"block_rows\" has to be at least 1".to_owned());
        }
        let problem = self.plan.sampling.problem().or(self.plan.held.problem());
        if let Some(problem) = problem {
            return refuse(problem);
        }
        if self.frames.len() != self.times.len() {
            return refuse(format!(
                "{} frames but {} times",
                self.frames.len(),
                self.times.len()
            ));
        }
        if !self.frames.is_sorted_by(|one, next| one < next) {
            return refuse("the frames are not ascending".to_owned());
        }
        if self
            .frames
            .last()
            .is_some_and(|&last| last >= self.video_frames)
        {
            return refuse("a frame lies past the end of the video".to_owned());
        }
        if self.complete && self.frames.is_empty() {
            return refuse("there are no frames in it".to_owned());
        }
        Ok(())
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE_NAME);
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::store(&path, error.to_string()))?;
        text.push(b'\n');
        write::whole(&path, |file| file.write_all(&text))
    }
}
