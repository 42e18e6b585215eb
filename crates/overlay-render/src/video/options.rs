use std::ops::Range;
use std::sync::Arc;

use super::frame_rate::FrameRate;
use crate::attention::{AttentionTrack, Contrast, PAPER_SMOOTHING};
use crate::draw::OutlineStyle;
use crate::error::Error;

/// Most threads that encode, and that draw.
const MOST_THREADS: usize = 256;

/// What comments are drawn on.
///
/// ```
/// use overlay_render::Background;
///
/// assert_eq!(Background::default(), Background::Video);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Background {
    /// The video's pictures.
    #[default]
    Video,
    /// Nothing: the comments alone, for laying over the video in an editor. Needs a codec with
    /// transparency; without sound and whatever else the file has.
    Transparent,
}

/// Size of the pictures that are written. Comments are drawn after scaling, so they stay sharp.
///
/// ```
/// use overlay_render::OutputSize;
///
/// assert_eq!(OutputSize::default(), OutputSize::Source);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputSize {
    /// The video's own, once it stands upright.
    #[default]
    Source,
    /// This width and height, in pixels; the shape of pixels changes so that the picture's stays.
    Exact(u32, u32),
    /// This height, in pixels, and the width that goes with it.
    Height(u32),
}

/// Shape of the frames that are written.
///
/// ```
/// use overlay_render::FrameShape;
///
/// assert_eq!(FrameShape::default(), FrameShape::Picture);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameShape {
    /// That of the video's picture.
    #[default]
    Picture,
    /// The player's stage, 16:9. A picture of another shape stands in its middle between black bars
    /// (transparent ones where the output keeps the video's transparency), and comments go over
    /// them as well, as on the site.
    Stage,
}

/// How a video is drawn on and encoded.
///
/// ```
/// use overlay_render::{OutputSize, RenderOptions};
///
/// let options = RenderOptions::default()
///     .encoder("libx265")
///     .crf(24)
///     .preset("medium")
///     .size(OutputSize::Height(720))
///     .seconds(60.0..90.0);
/// assert_eq!(options.encoder.as_deref(), Some("libx265"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RenderOptions {
    /// FFmpeg's name of the video encoder. Default: `None`, which goes by the output's ending and
    /// the background: `libvpx-vp9` for .webm; on [`Background::Transparent`] `prores_ks` for .mov
    /// and `ffv1` for .mkv; else `libx264`.
    pub encoder: Option<String>,
    /// Constant rate factor, 0 best: up to 51 for x264 and x265, to 63 for VP9 and AV1. Default:
    /// `None`, which is 20 for x264, 24 for x265, 31 for VP9, 30 for libaom and 32 for SVT-AV1.
    /// Refused for encoders that have none.
    pub crf: Option<u8>,
    /// How much time the encoder takes to make the file small: `ultrafast` to `veryslow` for x264
    /// and x265, a number for the others (higher is faster). Default: `None`, which is `veryfast`,
    /// 5 for VP9, 8 for libaom and 10 for SVT-AV1.
    pub preset: Option<String>,
    /// Size of the output. Default: the video's.
    pub size: OutputSize,
    /// Shape of the output's frames. Default: that of the video's picture.
    pub shape: FrameShape,
    /// The part of the video that is written, in seconds from its start: frames from the first time
    /// on to before the second. Default: all of it.
    pub seconds: Range<f64>,
    /// Frames a second. Default: `None`, which keeps the video's times and shows a picture again,
    /// 30 times a second, while it stands still for more than a quarter of a second, as in a video
    /// of one picture, a slide show or a recording of a screen, so that comments move. With a rate,
    /// every frame shows the picture of its moment: some are repeated, others left out. The
    /// duration stays either way.
    pub frame_rate: Option<FrameRate>,
    /// What comments are drawn on. Default: the video.
    pub background: Background,
    /// How letters are outlined. Default: [`OutlineStyle::Round`].
    pub outline: OutlineStyle,
    /// Where a model looked, laid over the video under the comments. Default: nothing.
    pub attention: Option<Attention>,
    /// Threads of the encoder; 0 lets it choose. Default: 0. At most 256.
    pub threads: usize,
    /// Threads that draw; 0 is one for every four cores, at least one. Default: 0. At most 256.
    pub draw_threads: usize,
    /// Whether FFmpeg's own messages are turned off, which is a setting of the whole process.
    /// Default: true.
    pub quiet: bool,
}

/// Maps of attention to lay over the video.
///
/// ```
/// use overlay_render::{Attention, AttentionTrack, Contrast};
///
/// let attention = Attention::new(AttentionTrack::default());
/// assert_eq!(attention.contrast, Contrast::Stretched);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attention {
    /// The maps and when they are shown.
    pub track: Arc<AttentionTrack>,
    /// What becomes light and what dark. Default: [`Contrast::Stretched`].
    pub contrast: Contrast,
    /// How far maps are smoothed, in locations. Default: [`PAPER_SMOOTHING`].
    pub smoothing: f32,
}

impl Attention {
    /// As the paper shows maps.
    #[must_use]
    pub fn new(track: AttentionTrack) -> Self {
        Self {
            track: Arc::new(track),
            contrast: Contrast::default(),
            smoothing: PAPER_SMOOTHING,
        }
    }

    /// Sets what becomes light and what dark.
    #[must_use]
    pub fn contrast(mut self, contrast: Contrast) -> Self {
        self.contrast = contrast;
        self
    }

    /// Sets [`smoothing`](Self::smoothing).
    #[must_use]
    pub fn smoothing(mut self, locations: f32) -> Self {
        self.smoothing = locations;
        self
    }
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            encoder: None,
            crf: None,
            preset: None,
            size: OutputSize::Source,
            shape: FrameShape::Picture,
            seconds: 0.0..f64::INFINITY,
            frame_rate: None,
            background: Background::Video,
            outline: OutlineStyle::default(),
            attention: None,
            threads: 0,
            draw_threads: 0,
            quiet: true,
        }
    }
}

impl RenderOptions {
    /// Sets the encoder.
    #[must_use]
    pub fn encoder(mut self, name: impl Into<String>) -> Self {
        self.encoder = Some(name.into());
        self
    }

    /// Sets the constant rate factor.
    #[must_use]
    pub fn crf(mut self, crf: u8) -> Self {
        self.crf = Some(crf);
        self
    }

    /// Sets the preset.
    #[must_use]
    pub fn preset(mut self, preset: impl Into<String>) -> Self {
        self.preset = Some(preset.into());
        self
    }

    /// Sets the size of the output.
    #[must_use]
    pub fn size(mut self, size: OutputSize) -> Self {
        self.size = size;
        self
    }

    /// Sets the shape of the output's frames.
    #[must_use]
    pub fn shape(mut self, shape: FrameShape) -> Self {
        self.shape = shape;
        self
    }

    /// Sets the part of the video that is written.
    #[must_use]
    pub fn seconds(mut self, seconds: Range<f64>) -> Self {
        self.seconds = seconds;
        self
    }

    /// Sets the frames a second.
    #[must_use]
    pub fn frame_rate(mut self, rate: impl Into<Option<FrameRate>>) -> Self {
        self.frame_rate = rate.into();
        self
    }

    /// Sets what comments are drawn on.
    #[must_use]
    pub fn background(mut self, background: Background) -> Self {
        self.background = background;
        self
    }

    /// Sets how letters are outlined.
    #[must_use]
    pub fn outline(mut self, style: OutlineStyle) -> Self {
        self.outline = style;
        self
    }

    /// Lays maps of attention over the video.
    #[must_use]
    pub fn attention(mut self, attention: impl Into<Option<Attention>>) -> Self {
        self.attention = attention.into();
        self
    }

    /// Sets the number of the encoder's threads.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets the number of threads that draw.
    #[must_use]
    pub fn draw_threads(mut self, threads: usize) -> Self {
        self.draw_threads = threads;
        self
    }

    /// Sets whether FFmpeg is kept from writing messages.
    #[must_use]
    pub fn quiet(mut self, quiet: bool) -> Self {
        self.quiet = quiet;
        self
    }

    /// Refuses more threads than a machine could start.
    pub(super) fn check_threads(&self) -> Result<(), Error> {
        let threads = [
            ("the number of threads that encode", self.threads),
            ("the number of threads that draw", self.draw_threads),
        ];
        match threads
            .into_iter()
            .find(|(_, threads)| *threads > MOST_THREADS)
        {
            None => Ok(()),
            Some((what, threads)) => Err(Error::OutOfRange {
                what,
                found: threads as f64,
                expected: "0 to 256",
            }),
        }
    }
}
