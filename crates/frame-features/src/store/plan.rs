//! What a store is of and how it was made.

use std::path::Path;

use half::f16;
use serde::{Deserialize, Serialize};

use super::video_source::VideoSource;
use crate::duplicates::DuplicateFrames;
use crate::encoder::EncoderId;
use crate::error::Error;
use crate::layer::Layer;
use crate::sampling::Sampling;

/// A block has at most so many bytes of features, and at least one row, unless a plan says else.
const BLOCK_BYTES: usize = 64 << 20;
/// A block has at most so many rows, unless a plan says else.
const BLOCK_ROWS: usize = 256;

/// Plan of a feature store: what has to be the same for it to be used again, as its features are a
/// function of it.
///
/// # Example
///
/// ```
/// use frame_features::{EncoderId, Layer, Sampling, StorePlan, VideoSource};
///
/// let encoder = EncoderId::new("vgg19-slim8", "0".repeat(64), Layer::Conv5_3, 224);
/// let video = VideoSource { path: "cafe.mp4".into(), bytes: 1, sha256: "0".repeat(64) };
/// let plan = StorePlan::new(encoder, [196, 64], video).sampling(Sampling::Every(2));
/// assert_eq!((plan.row_len(), plan.block_rows), (196 * 64, 256));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
#[non_exhaustive]
pub struct StorePlan {
    /// The encoder, with its layer and the size that frames are scaled to.
    pub encoder: EncoderId,
    /// Shape of one frame's feature: `[d]` or `[locations, d]`.
    pub shape: Vec<usize>,
    /// The video.
    pub video: VideoSource,
    /// Which frames are taken. Default: all.
    pub sampling: Sampling,
    /// Which frames refer to features of earlier ones. Default: those with equal pictures.
    pub duplicates: DuplicateFrames,
    /// How frames are scaled, in words. Default: "none".
    pub scaling: String,
    /// Rows of a block; the last one may have fewer. Default: 256, or as many as 64 MiB hold.
    pub block_rows: usize,
}

/// A plan as `store.json` has it.
#[derive(Serialize, Deserialize)]
struct Written {
    layer: Layer,
    shape: Vec<usize>,
    size: usize,
    sampling: Sampling,
    held: DuplicateFrames,
    scaling: String,
    block_rows: usize,
    encoder: Weights,
    video: VideoSource,
}

/// An encoder's weights, as `store.json` has them.
#[derive(Serialize, Deserialize)]
struct Weights {
    name: String,
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grid: Option<[usize; 2]>,
}

impl From<Written> for StorePlan {
    fn from(plan: Written) -> Self {
        let Weights { name, sha256, grid } = plan.encoder;
        let encoder = EncoderId::new(name, sha256, plan.layer, plan.size);
        Self {
            encoder: EncoderId { grid, ..encoder },
            shape: plan.shape,
            video: plan.video,
            sampling: plan.sampling,
            duplicates: plan.held,
            scaling: plan.scaling,
            block_rows: plan.block_rows,
        }
    }
}

impl From<StorePlan> for Written {
    fn from(plan: StorePlan) -> Self {
        Self {
            layer: plan.encoder.layer,
            shape: plan.shape,
            size: plan.encoder.input_size,
            sampling: plan.sampling,
            held: plan.duplicates,
            scaling: plan.scaling,
            block_rows: plan.block_rows,
            encoder: Weights {
                name: plan.encoder.name,
                sha256: plan.encoder.sha256,
                grid: plan.encoder.grid,
            },
            video: plan.video,
        }
    }
}

impl StorePlan {
    /// Features of `shape`, `[d]` or `[locations, d]`, of all frames of a video.
    #[must_use]
    pub fn new(encoder: EncoderId, shape: impl Into<Vec<usize>>, video: VideoSource) -> Self {
        let shape = shape.into();
        let row_len = shape
            .iter()
            .fold(1_usize, |product, &side| product.saturating_mul(side));
        let row_bytes = row_len.saturating_mul(size_of::<f16>()).max(1);
        Self {
            encoder,
            shape,
            video,
            sampling: Sampling::All,
            duplicates: DuplicateFrames::default(),
            scaling: "none".to_owned(),
            block_rows: (BLOCK_BYTES / row_bytes).clamp(1, BLOCK_ROWS),
        }
    }

    /// Takes these frames.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Lets these frames refer to the features of the one before.
    #[must_use]
    pub fn duplicates(mut self, duplicates: DuplicateFrames) -> Self {
        self.duplicates = duplicates;
        self
    }

    /// Says in words how frames are scaled.
    #[must_use]
    pub fn scaling(mut self, scaling: impl Into<String>) -> Self {
        self.scaling = scaling.into();
        self
    }

    /// Puts so many rows into a block, at least 1.
    #[must_use]
    pub fn block_rows(mut self, rows: usize) -> Self {
        self.block_rows = rows;
        self
    }

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
                self.encoder.layer == found.encoder.layer,
                found.encoder.layer.to_string(),
                self.encoder.layer.to_string(),
            ),
            (
                "encoder",
                self.encoder.sha256 == found.encoder.sha256,
                found.encoder.to_string(),
                self.encoder.to_string(),
            ),
            (
                "picture size",
                self.encoder.input_size == found.encoder.input_size,
                found.encoder.input_size.to_string(),
                self.encoder.input_size.to_string(),
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
                self.duplicates == found.duplicates,
                found.duplicates.to_string(),
                self.duplicates.to_string(),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Stores keep the layout that they had before layer and size moved into the encoder.
    #[test]
    fn json_stays_as_stores_have_it() {
        let encoder = EncoderId::new("slim", "aa", Layer::Conv5_3, 224);
        let video = VideoSource {
            path: "cafe.mp4".into(),
            bytes: 99,
            sha256: "bb".into(),
        };
        let plan = StorePlan::new(encoder, [196, 64], video).sampling(Sampling::Every(2));
        let json = concat!(
            r#"{"layer":"conv5_3","shape":[196,64],"size":224,"sampling":{"every":2},"#,
            r#""held":"equal","scaling":"none","block_rows":256,"#,
            r#""encoder":{"name":"slim","sha256":"aa"},"#,
            r#""video":{"path":"cafe.mp4","bytes":99,"sha256":"bb"}}"#
        );
        assert_eq!(serde_json::to_string(&plan).unwrap(), json);
        assert_eq!(serde_json::from_str::<StorePlan>(json).unwrap(), plan);
    }

    #[test]
    fn maps_that_are_no_squares_keep_their_sides() {
        let encoder = EncoderId::new("wide", "aa", Layer::Output, 64).with_grid(2, 3);
        let video = VideoSource {
            path: "cafe.mp4".into(),
            bytes: 99,
            sha256: "bb".into(),
        };
        let plan = StorePlan::new(encoder, [6, 4], video);
        let json = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<StorePlan>(&json).unwrap(), plan);
    }

    /// 64 MiB hold 37 rows of 224x224x18 halves, and a row that is larger has a block of its own.
    #[test]
    fn blocks_are_of_256_rows_or_64_mib() {
        let rows = |shape: &[usize]| {
            let encoder = EncoderId::new("slim", "aa", Layer::Output, 224);
            let video = VideoSource {
                path: "cafe.mp4".into(),
                bytes: 99,
                sha256: "bb".into(),
            };
            StorePlan::new(encoder, shape, video).block_rows
        };
        assert_eq!(rows(&[224 * 224, 18]), 37);
        assert_eq!((rows(&[4]), rows(&[1 << 28]), rows(&[])), (256, 1, 256));
    }
}
