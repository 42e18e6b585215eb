//! Which video a store is of.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files::file_sha256;

/// A video by its contents: which one the frames are of.
///
/// # Example
///
/// ```
/// use frame_features::VideoSource;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("cafe.mp4");
/// std::fs::write(&path, "not much of a video")?;
/// let source = VideoSource::read(&path)?;
/// std::fs::rename(&path, folder.path().join("moved.mp4"))?;
/// let moved = VideoSource::read(folder.path().join("moved.mp4"))?;
/// assert_eq!(source.sha256, moved.sha256); // the same video
/// # Ok::<(), Box<dyn std::error::Error>>(())
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
    /// Reads the file at `path` whole for its checksum.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let metadata = std::fs::metadata(path).map_err(Error::io("open", path))?;
        Ok(Self {
            path: path.to_path_buf(),
            bytes: metadata.len(),
            sha256: file_sha256(path)?,
        })
    }
}

impl std::fmt::Display for VideoSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits: String = self.sha256.chars().take(12).collect();
        write!(f, "{} ({digits}…)", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_bytes() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut video = VideoSource::read(file.path()).unwrap();
        video.path = "cafe.mp4".into();
        assert_eq!(video.to_string(), "cafe.mp4 (e3b0c44298fc…)"); // of nothing
    }
}
