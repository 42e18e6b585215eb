use image::{Rgb, RgbImage, imageops};

use super::label::Labeller;
use super::map::{AttentionMap, Contrast, PAPER_SMOOTHING};
use crate::error::Error;
use crate::limits::MAX_SIDE;
use crate::text::Fonts;

/// Behind the tiles, and the writing.
const BACKGROUND: [u8; 3] = [18, 18, 20];
const TEXT: [u8; 3] = [240, 240, 240];
const FAINT_TEXT: [u8; 3] = [160, 160, 165];

/// A word, where the model looked before it wrote it, and how much of what it saw it used.
///
/// ```
/// use overlay_render::{AttentionMap, WordMap};
///
/// let map = AttentionMap::square(vec![0.1, 0.2, 0.3, 0.4])?;
/// let word = WordMap { word: "チノ".into(), gate: Some(0.8), map };
/// assert_eq!(word.map.columns(), 2);
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct WordMap {
    /// The word.
    pub word: String,
    /// The gate β of the context vector, 0 to 1, where the model has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<f32>,
    /// The attention weights.
    pub map: AttentionMap,
}

/// How [`draw_tiles`] draws.
///
/// ```
/// let options = overlay_render::TileOptions::default().columns(4);
/// assert_eq!(options.tile_width, 240);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TileOptions {
    /// Width of a tile in pixels, 32 to [`MAX_SIDE`]; the height follows from the frame.
    /// Default: 240.
    pub tile_width: u32,
    /// Most tiles in a row, the frame's own one counted, at least 1. Default: 5.
    pub columns: usize,
    /// Standard deviation of the Gaussian filter over the maps, in locations. Default:
    /// [`PAPER_SMOOTHING`], the paper's.
    pub smoothing: f32,
    /// What becomes white and what black. Default: stretched, as in the paper.
    pub contrast: Contrast,
    /// What stands under the frame's own tile. Default: nothing.
    pub caption: String,
}

impl Default for TileOptions {
    fn default() -> Self {
        Self {
            tile_width: 240,
            columns: 5,
            smoothing: PAPER_SMOOTHING,
            contrast: Contrast::Stretched,
            caption: String::new(),
        }
    }
}

impl TileOptions {
    /// Sets [`tile_width`](Self::tile_width).
    #[must_use]
    pub fn tile_width(mut self, pixels: u32) -> Self {
        self.tile_width = pixels;
        self
    }

    /// Sets [`columns`](Self::columns).
    #[must_use]
    pub fn columns(mut self, tiles: usize) -> Self {
        self.columns = tiles;
        self
    }

    /// Sets [`smoothing`](Self::smoothing).
    #[must_use]
    pub fn smoothing(mut self, locations: f32) -> Self {
        self.smoothing = locations;
        self
    }

    /// Sets [`contrast`](Self::contrast).
    #[must_use]
    pub fn contrast(mut self, contrast: Contrast) -> Self {
        self.contrast = contrast;
        self
    }

    /// Sets [`caption`](Self::caption).
    #[must_use]
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.caption = text.into();
        self
    }
}

/// Draws where a model looked: the frame, then a tile for each word, white where the model looked
/// before it wrote it.
///
/// Under a tile stands its word, and below the gate β and how much larger the largest weight is
/// than an even map's ([`AttentionMap::peak`]): 1.0 means that the model looked nowhere in
/// particular, whatever the picture shows.
///
/// ```no_run
/// use image::RgbImage;
/// use overlay_render::{AttentionMap, Fonts, WordMap, TileOptions, draw_tiles};
///
/// let frame = RgbImage::new(640, 480);
/// let map = AttentionMap::square(vec![1.0 / 196.0; 196])?;
/// let words = [WordMap { word: "かわいい".into(), gate: Some(0.7), map }];
/// let picture = draw_tiles(&frame, &words, &Fonts::system()?, &TileOptions::default())?;
/// picture.save("attention.png").expect("the folder can be written");
/// # Ok::<(), overlay_render::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::PictureSize`] if the frame has no pixels or the tiles would need a picture larger than
/// [`MAX_SIDE`], [`Error::OutOfRange`] for options that are.
pub fn draw_tiles(
    frame: &RgbImage,
    words: &[WordMap],
    fonts: &Fonts,
    options: &TileOptions,
) -> Result<RgbImage, Error> {
    let grid = Grid::new(frame, words.len() + 1, options)?;
    let small = imageops::resize(
        frame,
        grid.tile.0,
        grid.tile.1,
        imageops::FilterType::Triangle,
    );
    let mut picture = RgbImage::from_pixel(grid.size.0, grid.size.1, Rgb(BACKGROUND));
    let mut labeller = Labeller::new(fonts);
    let mut write = |picture: &mut RgbImage, index: usize, texts: [&str; 2]| {
        for (number, (text, color)) in texts.into_iter().zip([TEXT, FAINT_TEXT]).enumerate() {
            let (at, size) = grid.line(index, number);
            let width = to_f32(grid.tile.0);
            labeller.draw(picture, text, at, (size, width), color);
        }
    };
    let (x, y) = grid.corner(0);
    imageops::replace(&mut picture, &small, x.into(), y.into());
    write(&mut picture, 0, [&options.caption, ""]);
    for (index, word) in (1..).zip(words) {
        let light = word.map.enlarged(
            grid.tile.0,
            grid.tile.1,
            options.smoothing,
            options.contrast,
        )?;
        let (x, y) = grid.corner(index);
        imageops::replace(&mut picture, &lit(&small, &light), x.into(), y.into());
        let peak = format!("peak {:.1}×", word.map.peak());
        let below = match word.gate {
            Some(gate) => format!("β {gate:.2}   {peak}"),
            None => peak,
        };
        write(&mut picture, index, [&word.word, &below]);
    }
    Ok(picture)
}

/// Where tiles stand.
struct Grid {
    tile: (u32, u32),
    columns: u32,
    gap: u32,
    label: u32,
    size: (u32, u32),
}

impl Grid {
    fn new(frame: &RgbImage, tiles: usize, options: &TileOptions) -> Result<Self, Error> {
        let (width, height) = frame.dimensions();
        let refuse = |width: u64, height: u64| {
            let side = |length: u64| u32::try_from(length).unwrap_or(u32::MAX);
            Err(Error::PictureSize {
                width: side(width),
                height: side(height),
            })
        };
        if width == 0 || height == 0 {
            return refuse(width.into(), height.into());
        }
        if !(32..=MAX_SIDE).contains(&options.tile_width) {
            return Err(Error::OutOfRange {
                what: "the width of a tile",
                found: options.tile_width.into(),
                expected: "32 to 16,384 pixels",
            });
        }
        if options.columns == 0 {
            return Err(Error::OutOfRange {
                what: "the number of tiles in a row",
                found: 0.0,
                expected: "1 or more",
            });
        }
        let tile_width = u64::from(options.tile_width);
        let tile_height = (tile_width * u64::from(height) / u64::from(width)).max(1);
        let (gap, label) = (tile_width / 30 + 2, tile_width * 7 / 24);
        let rows = tiles.div_ceil(options.columns);
        let columns = tiles.div_ceil(rows) as u64; // rows of (nearly) equal length
        let rows = rows as u64;
        let size = (
            columns * (tile_width + gap) + gap,
            rows * (tile_height + label + gap) + gap,
        );
        let limit = u64::from(MAX_SIDE);
        // 64 million pixels are a poster; a comment of 10,000 words is no picture.
        if size.0 > limit || size.1 > limit || size.0 * size.1 > 1 << 26 {
            return refuse(size.0, size.1);
        }
        let side =
            |length: u64| u32::try_from(length).expect("lengths were compared with MAX_SIDE");
        Ok(Self {
            tile: (side(tile_width), side(tile_height)),
            columns: side(columns),
            gap: side(gap),
            label: side(label),
            size: (side(size.0), side(size.1)),
        })
    }

    fn corner(&self, index: usize) -> (u32, u32) {
        let index = u32::try_from(index).expect("a picture within MAX_SIDE has few tiles");
        let (column, row) = (index % self.columns, index / self.columns);
        (
            self.gap + column * (self.tile.0 + self.gap),
            self.gap + row * (self.tile.1 + self.label + self.gap),
        )
    }

    /// Centre and baseline of a line under a tile, and the size of its letters.
    fn line(&self, index: usize, number: usize) -> ((f32, f32), f32) {
        let (x, y) = self.corner(index);
        let label = to_f32(self.label);
        let (baseline, size) = if number == 0 {
            (0.46 * label, 0.36 * label)
        } else {
            (0.84 * label, 0.24 * label)
        };
        let centre = to_f32(x) + to_f32(self.tile.0) / 2.0;
        ((centre, to_f32(y + self.tile.1) + baseline), size)
    }
}

/// The frame without colours, dark where `light` is 0 and white where it is 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mix of bytes is within a byte's values"
)]
fn lit(frame: &RgbImage, light: &[f32]) -> RgbImage {
    let mut tile = frame.clone();
    for (Rgb(pixel), &light) in tile.pixels_mut().zip(light) {
        let [r, g, b] = pixel.map(f32::from);
        let grey = 0.299 * r + 0.587 * g + 0.114 * b;
        let white = 0.8 * light; // as much of it as the paper lays over the picture
        let value = grey * 0.45 * (1.0 - white) + 255.0 * white;
        *pixel = [(value + 0.5) as u8; 3];
    }
    tile
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sides of pictures, below MAX_SIDE"
)]
fn to_f32(length: u32) -> f32 {
    length as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six tiles of at most five a row are two rows of three: 3 x (240 + 10) + 10 across; a tile is
    /// 180 high and its label 70, so 2 x (180 + 70 + 10) + 10 down.
    #[test]
    fn rows_are_of_equal_length() {
        let frame = RgbImage::new(640, 480);
        let grid = Grid::new(&frame, 6, &TileOptions::default()).unwrap();
        assert_eq!((grid.columns, grid.size), (3, (760, 530)));
        assert_eq!(grid.corner(4), (260, 270));
    }

    #[test]
    fn pictures_that_are_too_large_are_refused() {
        let options = TileOptions::default();
        let frame = RgbImage::new(640, 480);
        for bad in [options.clone().tile_width(31), options.clone().columns(0)] {
            let refused = Grid::new(&frame, 2, &bad);
            assert!(matches!(refused, Err(Error::OutOfRange { .. })));
        }
        for (frame, tiles) in [
            ((0, 5), 2),
            ((5, 0), 2),
            ((640, 480), 100_000),
            ((1, 9_000), 2),
        ] {
            let frame = RgbImage::new(frame.0, frame.1);
            assert!(matches!(
                Grid::new(&frame, tiles, &options),
                Err(Error::PictureSize { .. })
            ));
        }
    }

    /// Light 0 leaves 45 % of the grey, light 1 lays 80 % of white over it: 100 becomes 45, and 9 +
    /// 204.
    #[test]
    fn tiles_are_dark_and_white() {
        let frame = RgbImage::from_pixel(2, 1, Rgb([100; 3]));
        let tile = lit(&frame, &[0.0, 1.0]);
        assert_eq!(tile.into_raw(), [45, 45, 45, 213, 213, 213]);
    }
}
