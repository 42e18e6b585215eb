//! A network of an ONNX file as an encoder.

use std::fmt;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::file::{Input, OnnxFile, shape_text};
use super::known;
use super::network::{Network, Refusal};
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

/// How pictures become an input.
#[derive(Debug)]
struct Preparation {
    /// Pictures that the network takes at once.
    pictures: usize,
    side: usize,
    colors: ColorOrder,
    layout: TensorLayout,
    /// What a byte of each colour becomes, red first.
    tables: Box<[[f32; 256]; 3]>,
}

/// Where the features stand in a picture's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// One vector of `d` numbers, from `start` on.
    Row { start: usize, d: usize },
    /// `[rows, columns, d]`, from `start` on.
    ChannelsLast {
        start: usize,
        rows: usize,
        columns: usize,
        d: usize,
    },
    /// `[d, rows, columns]`.
    ChannelsFirst {
        d: usize,
        rows: usize,
        columns: usize,
    },
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

/// Where the channels stand: where the settings say, else where the input has its 3.
fn layout(input: &Input, settings: &OnnxSettings) -> Result<TensorLayout, OnnxProblem> {
    let may_be_3 = |dim: Option<usize>| dim.is_none_or(|dim| dim == 3);
    let [_, first, _, last] = input.dims;
    let wrong = || OnnxProblem::InputShape(shape_text(&input.dims));
    match settings.layout {
        Some(layout @ TensorLayout::Nchw) => may_be_3(first).then_some(layout).ok_or_else(wrong),
        Some(layout @ TensorLayout::Nhwc) => may_be_3(last).then_some(layout).ok_or_else(wrong),
        None => match (first, last) {
            (Some(3), Some(3)) | (None, None) => Err(OnnxProblem::NoLayout),
            (Some(3), _) => Ok(TensorLayout::Nchw),
            (_, Some(3)) => Ok(TensorLayout::Nhwc),
            _ => Err(wrong()),
        },
    }
}

/// Side of the pictures.
fn side(
    input: &Input,
    layout: TensorLayout,
    settings: &OnnxSettings,
) -> Result<usize, OnnxProblem> {
    let [_, first, second, third] = input.dims;
    let (height, width) = match layout {
        TensorLayout::Nchw => (second, third),
        TensorLayout::Nhwc => (first, second),
    };
    if let (Some(height), Some(width)) = (height, width)
        && height != width
    {
        return Err(OnnxProblem::NotSquare { height, width });
    }
    let network = height.or(width);
    match (settings.side, network) {
        (Some(settings), Some(network)) if settings != network => {
            Err(OnnxProblem::Side { settings, network })
        }
        (side, network) => side
            .or(network)
            .or(settings.usual_side)
            .ok_or(OnnxProblem::NoSide),
    }
}

/// Where the features of a picture stand in the output, or what was expected of its shape.
fn place(
    output: &[usize],
    pictures: usize,
    layout: TensorLayout,
    settings: &OnnxSettings,
) -> Result<Place, &'static str> {
    let (&[first, ref dims @ ..], kind, token) = (output, settings.kind, settings.first_token)
    else {
        return Err("[pictures, …]");
    };
    if first != pictures {
        return Err("as many rows as there are pictures");
    }
    if output.contains(&0) {
        return Err("numbers");
    }
    match *dims {
        [d] if kind != Some(FeatureKind::Map) => Ok(Place::Row { start: 0, d }),
        [_] => Err("a map: [pictures, d, rows, columns] or [pictures, tokens, d]"),
        [tokens, d] => {
            let left = tokens.checked_sub(token).filter(|&left| left > 0);
            let left = left.ok_or("more tokens than `first-token`")?;
            let start = token * d;
            let side = left.isqrt();
            match kind {
                None => Err("settings that say `kind = \"row\"` or `kind = \"map\"`"),
                Some(FeatureKind::Row) => Ok(Place::Row { start, d }),
                Some(FeatureKind::Map) if side * side == left => Ok(Place::ChannelsLast {
                    start,
                    rows: side,
                    columns: side,
                    d,
                }),
                Some(FeatureKind::Map) => {
                    Err("a square number of tokens after those that `first-token` leaves out")
                }
            }
        }
        [a, b, c] => {
            let (rows, columns, d) = match layout {
                TensorLayout::Nchw => (b, c, a),
                TensorLayout::Nhwc => (a, b, c),
            };
            let map = kind.map_or(rows * columns > 1, |kind| kind == FeatureKind::Map);
            match layout {
                _ if !map && rows * columns == 1 => Ok(Place::Row { start: 0, d }),
                _ if !map => Err("one location, for a row"),
                TensorLayout::Nchw => Ok(Place::ChannelsFirst { d, rows, columns }),
                TensorLayout::Nhwc => Ok(Place::ChannelsLast {
                    start: 0,
                    rows,
                    columns,
                    d,
                }),
            }
        }
        _ => Err("two to four dimensions"),
    }
}

impl Place {
    /// Numbers of a picture's features.
    fn len(self) -> usize {
        match self {
            Self::Row { d, .. } => d,
            Self::ChannelsLast {
                rows, columns, d, ..
            }
            | Self::ChannelsFirst { rows, columns, d } => rows * columns * d,
        }
    }

    /// Takes the features out of a picture's output, locations row by row.
    fn push(self, output: &[f32], rows: &mut Vec<f32>) {
        match self {
            Self::Row { start, .. } | Self::ChannelsLast { start, .. } => {
                rows.extend(output.iter().skip(start).take(self.len()));
            }
            Self::ChannelsFirst {
                rows: down,
                columns,
                ..
            } => {
                let locations = down * columns;
                for location in 0..locations {
                    rows.extend(output.iter().skip(location).step_by(locations));
                }
            }
        }
    }
}

impl Preparation {
    /// The input of some pictures. Where the network takes more at once, the last one is repeated.
    fn batch(&self, pictures: &[Picture<'_>]) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.pictures * 3 * self.side * self.side);
        let last = pictures.last().into_iter();
        for picture in pictures.iter().chain(last.cycle()).take(self.pictures) {
            let resized;
            let rgb: &[u8] = if (picture.width(), picture.height()) == (self.side, self.side) {
                picture.rgb()
            } else {
                resized = picture.resize(self.side, self.side);
                &resized
            };
            let (pixels, _) = rgb.as_chunks::<3>();
            let order = match self.colors {
                ColorOrder::Rgb => [0, 1, 2],
                ColorOrder::Bgr => [2, 1, 0],
            };
            let value =
                |pixel: &[u8; 3], color: usize| self.tables[color][usize::from(pixel[color])];
            match self.layout {
                TensorLayout::Nchw => {
                    for color in order {
                        values.extend(pixels.iter().map(|pixel| value(pixel, color)));
                    }
                }
                TensorLayout::Nhwc => {
                    for pixel in pixels {
                        values.extend(order.map(|color| value(pixel, color)));
                    }
                }
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::super::preset::Preset;
    use super::*;

    fn settings() -> OnnxSettings {
        OnnxSettings::of(Preset::Imagenet)
    }

    fn input(dims: [Option<usize>; 4]) -> Input {
        Input {
            name: "pictures".to_owned(),
            half: false,
            dims,
        }
    }

    #[test]
    fn the_input_says_its_layout_and_side() {
        let nchw = input([None, Some(3), Some(96), Some(96)]);
        assert_eq!(layout(&nchw, &settings()), Ok(TensorLayout::Nchw));
        assert_eq!(side(&nchw, TensorLayout::Nchw, &settings()), Ok(96));
        let nhwc = input([Some(1), None, None, Some(3)]);
        assert_eq!(layout(&nhwc, &settings()), Ok(TensorLayout::Nhwc));
        assert_eq!(side(&nhwc, TensorLayout::Nhwc, &settings()), Ok(224));
        assert_eq!(
            side(&nhwc, TensorLayout::Nhwc, &settings().side(64)),
            Ok(64)
        );
        let nothing = input([None; 4]);
        assert_eq!(layout(&nothing, &settings()), Err(OnnxProblem::NoLayout));
        let grey = input([None, Some(1), None, None]);
        assert!(matches!(
            layout(&grey, &settings()),
            Err(OnnxProblem::InputShape(_))
        ));
        let wide = input([None, Some(3), Some(96), Some(128)]);
        assert_eq!(
            side(&wide, TensorLayout::Nchw, &settings()),
            Err(OnnxProblem::NotSquare {
                height: 96,
                width: 128
            })
        );
        assert_eq!(
            side(&nchw, TensorLayout::Nchw, &settings().side(64)),
            Err(OnnxProblem::Side {
                settings: 64,
                network: 96
            })
        );
    }

    #[test]
    fn rows_and_maps_are_told_by_their_shapes() {
        use FeatureKind::{Map, Row};
        use TensorLayout::{Nchw, Nhwc};
        let of =
            |output: &[usize], layout, settings: &OnnxSettings| place(output, 1, layout, settings);
        let plain = settings();
        assert_eq!(of(&[1, 5], Nchw, &plain), Ok(Place::Row { start: 0, d: 5 }));
        assert_eq!(
            of(&[1, 5, 1, 1], Nchw, &plain),
            Ok(Place::Row { start: 0, d: 5 })
        );
        assert_eq!(
            of(&[1, 5, 2, 3], Nchw, &plain),
            Ok(Place::ChannelsFirst {
                d: 5,
                rows: 2,
                columns: 3
            })
        );
        assert_eq!(
            of(&[1, 2, 3, 5], Nhwc, &plain),
            Ok(Place::ChannelsLast {
                start: 0,
                rows: 2,
                columns: 3,
                d: 5
            })
        );
        let tokens = plain.clone().first_token(1);
        assert_eq!(
            of(&[1, 10, 4], Nchw, &tokens.clone().kind(Map)),
            Ok(Place::ChannelsLast {
                start: 4,
                rows: 3,
                columns: 3,
                d: 4
            })
        );
        assert_eq!(
            of(&[1, 10, 4], Nchw, &plain.clone().kind(Row)),
            Ok(Place::Row { start: 0, d: 4 })
        );
        for (output, settings) in [
            (&[1, 10, 4][..], &plain), // a row or a map?
            (&[1, 11, 4], &tokens.clone().kind(Map)),
            (&[1, 1, 4], &tokens.clone().kind(Map)),
            (&[1, 5], &plain.clone().kind(Map)),
            (&[1, 5, 2, 3], &plain.clone().kind(Row)),
            (&[2, 5], &plain),
            (&[1, 0], &plain),
            (&[1], &plain),
            (&[], &plain),
            (&[1, 1, 1, 1, 1], &plain),
        ] {
            assert!(of(output, Nchw, settings).is_err(), "{output:?}");
        }
    }

    /// Two channels over one row of three locations.
    #[test]
    fn maps_become_rows_of_locations() {
        let mut rows = Vec::new();
        let place = Place::ChannelsFirst {
            d: 2,
            rows: 1,
            columns: 3,
        };
        place.push(&[1.0, 2.0, 3.0, 10.0, 20.0, 30.0], &mut rows);
        assert_eq!(rows, [1.0, 10.0, 2.0, 20.0, 3.0, 30.0]);
    }

    /// A blue and a red pixel in each row, both with a fifth of green.
    #[test]
    fn colours_and_channels_go_where_the_network_has_them() {
        let picture = Picture::new(2, 1, &[0, 51, 255, 255, 51, 0]).unwrap();
        let mut preparation = Preparation {
            pictures: 1,
            side: 2,
            colors: ColorOrder::Bgr,
            layout: TensorLayout::Nhwc,
            tables: Box::new(OnnxSettings::of(Preset::Yolo).tables()),
        };
        let square = [picture.rgb(), picture.rgb()].concat();
        let picture = Picture::new(2, 2, &square).unwrap();
        let row = [1.0, 0.2, 0.0, 0.0, 0.2, 1.0];
        assert_eq!(preparation.batch(&[picture]), [row, row].concat());
        preparation.layout = TensorLayout::Nchw;
        preparation.pictures = 2;
        let once = [1.0, 0.0, 1.0, 0.0, 0.2, 0.2, 0.2, 0.2, 0.0, 1.0, 0.0, 1.0];
        assert_eq!(preparation.batch(&[picture]), [once, once].concat());
    }
}
