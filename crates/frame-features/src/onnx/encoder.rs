//! A network of an ONNX file as an encoder.

use std::fmt;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::file::{OnnxFile, shape_text};
use super::known;
use super::network::{Network, Refusal};
use super::place::{Place, place};
use super::preparation::{Preparation, layout, side};
use super::problem::OnnxProblem;
use super::settings::{ColorOrder, FeatureKind, OnnxSettings, TensorLayout};
use crate::encoder::{EncoderId, FrameEncoder};
use crate::error::Error;
use crate::files::parts_sha256;
use crate::layer::Layer;
use crate::picture::Picture;

/// An encoder from an ONNX file: pictures in, a feature vector or a feature map out.
///
/// The network runs on the CPU, in f32, one picture on each core; the features are put on the
/// device that is asked for. Pictures are scaled to the network's square without keeping their
/// proportions, as for VGG-19 ([`Picture::resize`]). Results agree with onnxruntime's up to
/// rounding (`docs/onnx.md`).
///
/// Its [`id`](FrameEncoder::id) depends on the file's bytes, the output and all of the
/// preprocessing, so that models refuse features that were made otherwise.
///
/// # Memory
///
/// About three times the file while it is read, and then the weights once or twice, beside the
/// activations of a picture for each core. Tensors of more than 2^28 numbers are refused as far as
/// shapes tell them.
///
/// # Example
///
/// ```no_run
/// use burn::tensor::Device;
/// use frame_features::{ExtractOptions, FrameEncoder, OnnxEncoder};
///
/// // Reads clip-vit-b32.toml beside it: `preset = "clip"`, `output = "image_embeds"`.
/// let encoder = OnnxEncoder::load("clip-vit-b32.onnx", &Device::flex())?;
/// assert_eq!(encoder.shape(), [512]);
/// # #[cfg(feature = "video")]
/// frame_features::extract("cafe.mp4", &encoder, &ExtractOptions::default(), "out/features")?;
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Debug)]
pub struct OnnxEncoder {
    path: PathBuf,
    id: EncoderId,
    shape: Vec<usize>,
    network: Network,
    input: Preparation,
    place: Place,
    output: String,
    device: Device,
}

impl OnnxEncoder {
    /// Reads a network and the settings in the TOML file beside it. Some published files are
    /// recognised by their bytes and need none (`docs/onnx.md` lists them).
    ///
    /// # Errors
    ///
    /// [`Error::Onnx`] if the file is no ONNX file or has no network that makes features of
    /// pictures, if it is not known and has no settings beside it, or if they do not fit;
    /// [`Error::Io`] if it cannot be read.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        let path = path.as_ref();
        let beside = OnnxSettings::path_beside(path);
        let text = match std::fs::read_to_string(&beside) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let file = OnnxFile::read(path)?;
                if let Some(settings) = known::settings_of(&file.sha256) {
                    return Self::of_file(path, file, &settings, device);
                }
                let seen = file.seen();
                let missing = OnnxProblem::NoSettings { path: beside, seen };
                return Err(Error::onnx(path, missing));
            }
            Err(error) => return Err(Error::io("read", beside)(error)),
        };
        let settings: OnnxSettings = text
            .parse()
            .map_err(|error| Error::onnx(&beside, OnnxProblem::Settings).caused_by(error))?;
        Self::with_settings(path, &settings, device)
    }

    /// Reads a network, with these settings.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn with_settings(
        path: impl AsRef<Path>,
        settings: &OnnxSettings,
        device: &Device,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        settings
            .check()
            .map_err(|error| Error::onnx(path, OnnxProblem::Settings).caused_by(error))?;
        Self::of_file(path, OnnxFile::read(path)?, settings, device)
    }

    fn of_file(
        path: &Path,
        file: OnnxFile,
        settings: &OnnxSettings,
        device: &Device,
    ) -> Result<Self, Error> {
        let sha256 = file.sha256.clone();
        let prepared = prepare(file, settings).map_err(refused_in(path))?;
        let Prepared {
            network,
            input,
            place,
            output,
        } = prepared;
        let kind = match place {
            Place::Row { .. } => FeatureKind::Row,
            _ => FeatureKind::Map,
        };
        let resolved = settings.clone().kind(kind).canonical();
        let layout = format!("{:?}", input.layout);
        let parts = [&sha256, &output, &layout, &resolved].map(|part| part.as_bytes());
        let [file, output_name, layout, resolved] = parts;
        let sha256 = parts_sha256([
            b"ONNX",
            file,
            b"\0",
            output_name,
            b"\0",
            layout,
            b"\0",
            resolved,
        ]);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let id = EncoderId::new(
            format!("{stem}:{output}"),
            sha256,
            Layer::Output,
            input.side,
        );
        let (id, shape) = match place {
            Place::Row { d, .. } => (id, vec![d]),
            Place::ChannelsLast {
                rows, columns, d, ..
            }
            | Place::ChannelsFirst { rows, columns, d } => {
                (id.with_grid(rows, columns), vec![rows * columns, d])
            }
        };
        Ok(Self {
            path: path.to_path_buf(),
            id,
            shape,
            network,
            input,
            place,
            output,
            device: device.clone(),
        })
    }

    /// One chunk of pictures through the network.
    fn run(&self, pictures: &[Picture<'_>]) -> Result<Vec<f32>, Refusal> {
        let input = self.input.batch(pictures);
        let output = self.network.run(&input)?;
        let of_one = output.len() / self.input.pictures;
        let mut rows = Vec::with_capacity(pictures.len() * self.place.len());
        for output in output.chunks_exact(of_one.max(1)).take(pictures.len()) {
            self.place.push(output, &mut rows);
        }
        if rows.iter().any(|value| !value.is_finite()) {
            return Err((OnnxProblem::NotFinite(self.output.clone()), None));
        }
        Ok(rows)
    }
}

impl FrameEncoder for OnnxEncoder {
    fn id(&self) -> &EncoderId {
        &self.id
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The pictures can be of any sizes; they are scaled to the network's.
    ///
    /// # Panics
    ///
    /// Panics if there are no pictures.
    fn forward(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, Error> {
        assert!(!pictures.is_empty(), "at least one picture");
        let rows: Vec<Vec<f32>> = pictures
            .par_chunks(self.input.pictures)
            .map(|pictures| self.run(pictures))
            .collect::<Result<_, Refusal>>()
            .map_err(refused_in(&self.path))?;
        let d = self.shape.last().copied().unwrap_or(0);
        let shape = [pictures.len(), self.place.len() / d.max(1), d];
        let values = TensorData::new(rows.concat(), shape);
        Ok(Tensor::from_data(values, &self.device))
    }
}

/// What was read of the file and what was chosen, in words: `pictures of 224x224, rgb, NCHW; output
/// "features", a map of 7x7 locations of 1280 numbers`.
impl fmt::Display for OnnxEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Preparation {
            side,
            colors,
            layout,
            ..
        } = &self.input;
        let colors = match colors {
            ColorOrder::Rgb => "rgb",
            ColorOrder::Bgr => "bgr",
        };
        let layout = match layout {
            TensorLayout::Nchw => "NCHW",
            TensorLayout::Nhwc => "NHWC",
        };
        let output = &self.output;
        write!(
            f,
            "pictures of {side}x{side}, {colors}, {layout}; output \"{output}\", "
        )?;
        match self.place {
            Place::Row { d, .. } => write!(f, "a row of {d} numbers"),
            Place::ChannelsLast {
                rows, columns, d, ..
            }
            | Place::ChannelsFirst { rows, columns, d } => {
                write!(f, "a map of {rows}x{columns} locations of {d} numbers")
            }
        }
    }
}

/// The error of what was wrong with this file.
fn refused_in(path: &Path) -> impl FnOnce(Refusal) -> Error {
    let path = path.to_path_buf();
    |(problem, source)| Error::Onnx {
        path,
        problem: Box::new(problem),
        source,
    }
}

/// A network and how it is used.
struct Prepared {
    network: Network,
    input: Preparation,
    place: Place,
    output: String,
}

fn prepare(file: OnnxFile, settings: &OnnxSettings) -> Result<Prepared, Refusal> {
    let alone = |problem| (problem, None);
    let input = file.input().map_err(alone)?;
    let output = file.output(settings.output.as_deref()).map_err(alone)?;
    let layout = layout(&input, settings).map_err(alone)?;
    let side = side(&input, layout, settings).map_err(alone)?;
    let pictures = input.dims[0].unwrap_or(1);
    let shape = match layout {
        TensorLayout::Nchw => [pictures, 3, side, side],
        TensorLayout::Nhwc => [pictures, side, side, 3],
    };
    let network = Network::prepare(file, &input, shape, &output)?;
    let place = place(network.output(), pictures, layout, settings).map_err(|expected| {
        let dims: Vec<Option<usize>> = network.output().iter().copied().map(Some).collect();
        alone(OnnxProblem::OutputShape {
            name: output.clone(),
            shape: shape_text(&dims),
            expected,
        })
    })?;
    Ok(Prepared {
        network,
        input: Preparation {
            pictures,
            side,
            colors: settings.colors,
            layout,
            tables: Box::new(settings.tables()),
        },
        place,
        output,
    })
}
