//! How pictures become a network's input.

use super::file::{Input, shape_text};
use super::problem::OnnxProblem;
use super::settings::{ColorOrder, OnnxSettings, TensorLayout};
use crate::picture::Picture;

/// How pictures become an input.
#[derive(Debug)]
pub(super) struct Preparation {
    /// Pictures that the network takes at once.
    pub(super) pictures: usize,
    pub(super) side: usize,
    pub(super) colors: ColorOrder,
    pub(super) layout: TensorLayout,
    /// What a byte of each colour becomes, red first.
    pub(super) tables: Box<[[f32; 256]; 3]>,
}

impl Preparation {
    /// The input of some pictures. Where the network takes more at once, the last one is repeated.
    pub(super) fn batch(&self, pictures: &[Picture<'_>]) -> Vec<f32> {
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

/// Where the channels stand: where the settings say, else where the input has its 3.
pub(super) fn layout(input: &Input, settings: &OnnxSettings) -> Result<TensorLayout, OnnxProblem> {
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
pub(super) fn side(
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
