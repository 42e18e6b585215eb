//! Encoders by name: which there are and what they take.

use std::path::Path;

use ffmpeg_next::{Codec, Dictionary, codec::Id, encoder, format::Pixel, frame};

use super::colors::is_full_range;
use super::failure;
use super::families::{DEEP, Family, KNOWN, Wanted, is_there};
use super::ffi::{is_of_hardware, muxing};
use super::files::{Container, file_url};
use super::light_metadata::LightMetadata;
use super::options::{Background, RenderOptions};
use super::paint_format::{PaintFormat, SEMI_PLANAR_10};
use crate::draw::planes::Subsampling;
use crate::error::Error;
use crate::problem::OutputProblem;

/// An encoder and the format that it is given frames in.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) codec: Codec,
    pub(super) name: String,
    formats: Vec<Pixel>,
    container: Container,
    /// Whether pictures have to be in the memory of VA-API's hardware.
    pub(super) takes_surfaces: bool,
}

impl Choice {
    /// The encoder that `options` ask for, or that suits the output's ending; `is_deep` if the video
    /// has more than 8 bits a sample.
    pub(super) fn new(
        output: &Path,
        options: &RenderOptions,
        is_deep: bool,
    ) -> Result<Self, Error> {
        let name = match &options.encoder {
            Some(name) => name.as_str(),
            None => suited(output, options.background, is_deep)?,
        };
        // FFmpeg's bindings take no NUL character.
        let found = (!name.contains('\0')).then(|| encoder::find_by_name(name));
        let video = found
            .flatten()
            .and_then(|codec| Some((codec, codec.video().ok()?)));
        let Some((codec, video)) = video else {
            let problem = OutputProblem::UnknownEncoder {
                name: name.to_owned(),
                available: available(false),
            };
            return Err(failure::output(output, problem));
        };
        let all: Vec<Pixel> = video.formats().map_or_else(Vec::new, Iterator::collect);
        let is_of_memory = |format: &Pixel| !format.descriptor().is_some_and(is_of_hardware);
        let mut formats: Vec<Pixel> = all.iter().copied().filter(is_of_memory).collect();
        let takes_surfaces = formats.is_empty() && Family::of(name) == Family::Vaapi;
        if takes_surfaces {
            formats.push(Pixel::NV12);
            if DEEP.iter().any(|&(id, _)| id == codec.id()) || codec.id() == Id::VP9 {
                formats.push(SEMI_PLANAR_10);
            }
        } else if formats.is_empty() && !all.is_empty() {
            let problem = OutputProblem::NoHardware {
                encoder: name.to_owned(),
                needs: "pictures that are in the memory of some hardware already",
            };
            return Err(failure::output(output, problem));
        }
        let choice = Self {
            codec,
            name: name.to_owned(),
            formats,
            container: Container::of(output),
            takes_surfaces,
        };
        if options.background == Background::Transparent && choice.transparent_format().is_none() {
            let problem = if choice.format_with_alpha().is_none() {
                OutputProblem::OpaqueEncoder {
                    name: choice.name,
                    available: available(true),
                }
            } else {
                OutputProblem::OpaqueContainer { name: choice.name }
            };
            return Err(failure::output(output, problem));
        }
        Ok(choice)
    }

    /// Makes sure that `output` can hold a video of this encoder with these settings, as far as
    /// that is known before its first frame; tells whether the container keeps headers in one
    /// place.
    pub(super) fn check(&self, output: &Path, options: &RenderOptions) -> Result<bool, Error> {
        let is_transparent = options.background == Background::Transparent;
        self.settings(output, options, is_transparent, &LightMetadata::default())?;
        if output.extension().is_none() {
            return Err(failure::output(output, OutputProblem::NoEnding));
        }
        let name = file_url(output).ok_or_else(|| failure::output(output, OutputProblem::Name))?;
        let muxing = muxing(&name, self.codec.id()).filter(|muxing| muxing.is_file);
        let Some(muxing) = muxing else {
            return Err(failure::output(output, OutputProblem::UnknownContainer));
        };
        if !muxing.may_hold {
            let encoder = self.name.clone();
            let problem = OutputProblem::ContainerRefuses { encoder };
            return Err(failure::output(output, problem));
        }
        Ok(muxing.global_header)
    }

    /// Whether it takes pictures that were painted on as they are, or with both planes of chroma put
    /// into one.
    pub(super) fn takes(&self, painted: PaintFormat) -> bool {
        self.format_of(painted).is_some()
    }

    fn format_of(&self, painted: PaintFormat) -> Option<Pixel> {
        let together = match (painted.bits, painted.chroma) {
            (8, Subsampling::Both) => Some(Pixel::NV12),
            (10, Subsampling::Both) => Some(SEMI_PLANAR_10),
            _ => None,
        };
        let formats = [Some(painted.pixel()), together];
        self.first_of(&formats.into_iter().flatten().collect::<Vec<_>>())
    }

    /// The format for frames that were painted on.
    pub(super) fn format_for(&self, painted: &frame::Video, format: PaintFormat) -> Pixel {
        use Pixel::{BGRA, NV12, RGB24, RGBA, YUV420P, YUV422P, YUV422P10LE, YUV444P, YUVJ420P};
        if format != PaintFormat::USUAL
            && let Some(own) = self.format_of(format)
        {
            return own;
        }
        let takes_full_only = self.name == "mjpeg"; // unless it is told to break JPEG's rules
        let [own, other] = if takes_full_only || is_full_range(painted) {
            [YUVJ420P, YUV420P]
        } else {
            [YUV420P, YUVJ420P]
        };
        let wanted = [
            own,
            other,
            NV12,
            YUV422P,
            YUV444P,
            YUV422P10LE,
            RGB24,
            RGBA,
            BGRA,
        ];
        self.first_of(&wanted)
            .or_else(|| self.formats.first().copied())
            .unwrap_or(own)
    }

    /// The problem that it did not open with pictures of a size: hardware that it needs is mostly not
    /// there.
    pub(super) fn refusal(&self, (width, height): (u32, u32)) -> OutputProblem {
        let encoder = self.name.clone();
        match Family::of(&self.name).hardware() {
            Some(needs) => OutputProblem::NoHardware { encoder, needs },
            None => OutputProblem::EncoderRefuses {
                encoder,
                width,
                height,
            },
        }
    }

    /// Whether it needs hardware, which may not be there.
    pub(super) fn needs_hardware(&self) -> bool {
        Family::of(&self.name).hardware().is_some()
    }

    /// A format that it takes pictures in.
    pub(super) fn any_format(&self) -> Pixel {
        self.formats.first().copied().unwrap_or(Pixel::YUV420P)
    }

    /// Whether it writes what goes with pictures of high dynamic range.
    pub(super) fn keeps_light_metadata(&self) -> bool {
        Family::of(&self.name).takes_light_metadata()
    }

    /// The format for transparent pictures, if encoder and container have one.
    pub(super) fn transparent_format(&self) -> Option<Pixel> {
        // Transparency of VP8 and VP9 is a second stream inside the first; others lose it.
        let holds_layer = matches!(self.container, Container::WebM | Container::Matroska);
        let is_layer = matches!(Family::of(&self.name), Family::Vpx);
        self.format_with_alpha()
            .filter(|_| holds_layer || !is_layer)
    }

    fn format_with_alpha(&self) -> Option<Pixel> {
        use Pixel::{ABGR, ARGB, BGRA, RGBA, YUVA420P, YUVA444P, YUVA444P10LE};
        self.first_of(&[RGBA, BGRA, ARGB, ABGR, YUVA444P10LE, YUVA444P, YUVA420P])
    }

    /// Whether it codes the lines of interlaced frames apart.
    pub(super) fn codes_lines(&self) -> bool {
        self.name == "libx264"
    }

    /// Whether it can be asked for key pictures that nothing before them is needed for. Others make
    /// no other ones, or refuse.
    pub(super) fn closes_groups(&self) -> bool {
        ["libx264", "libx265", "libsvtav1"].contains(&&*self.name)
    }

    fn first_of(&self, wanted: &[Pixel]) -> Option<Pixel> {
        wanted
            .iter()
            .copied()
            .find(|format| self.formats.contains(format))
    }

    /// The encoders themselves would complain on the terminal, or take another preset without a
    /// word.
    fn preset_problem(&self, options: &RenderOptions) -> Option<OutputProblem> {
        let preset = options.preset.as_deref()?;
        let expected = Family::of(&self.name).presets();
        if expected.iter().any(|name| name == preset) {
            return None;
        }
        let encoder = self.name.clone();
        Some(if expected.is_empty() {
            OutputProblem::NoPresets { encoder }
        } else {
            OutputProblem::Preset {
                encoder,
                preset: preset.to_owned(),
                expected,
            }
        })
    }

    fn crf_problem(&self, options: &RenderOptions) -> Option<OutputProblem> {
        let crf = options.crf?;
        let encoder = self.name.clone();
        match Family::of(&self.name).most_crf() {
            Some(most) if crf <= most => None,
            Some(most) => Some(OutputProblem::Crf { encoder, crf, most }),
            None => Some(OutputProblem::NoCrf { encoder }),
        }
    }

    /// The encoder's own names for what was asked for.
    pub(super) fn settings(
        &self,
        output: &Path,
        options: &RenderOptions,
        is_transparent: bool,
        light: &LightMetadata,
    ) -> Result<Dictionary<'static>, Error> {
        let problem = self.preset_problem(options).or(self.crf_problem(options));
        if let Some(problem) = problem {
            return Err(failure::output(output, problem));
        }
        Ok(Family::of(&self.name).settings(&Wanted {
            name: &self.name,
            crf: options.crf,
            preset: options.preset.as_deref(),
            is_transparent,
            quiet: options.quiet,
            light,
        }))
    }

    /// Keeps chance out of pictures of this width.
    pub(super) fn steady(&self, settings: &mut Dictionary<'static>, width: u32) {
        Family::of(&self.name).steady(settings, width);
    }

    /// Adds what a picture that is seen while it is encoded needs.
    pub(super) fn hurry(&self, settings: &mut Dictionary<'static>, frame_rate: f64) {
        Family::of(&self.name).hurry(settings, frame_rate);
    }
}

/// The encoder for an output of which nothing is said but its name.
fn suited(output: &Path, background: Background, is_deep: bool) -> Result<&'static str, Error> {
    match (background, Container::of(output)) {
        (_, Container::WebM) => Ok("libvpx-vp9"),
        (Background::Video, _) if is_deep => Ok(suited_for_deep(output)),
        (Background::Video, _) => Ok("libx264"),
        (Background::Transparent, Container::Mov) => Ok("prores_ks"),
        (Background::Transparent, Container::Matroska) => Ok("ffv1"),
        (Background::Transparent, _) => {
            Err(failure::output(output, OutputProblem::NoTransparentEncoder))
        }
    }
}

/// The encoder for pictures of more than 8 bits: H.264 has them as well, but hardly a player decodes
/// those in hardware.
fn suited_for_deep(output: &Path) -> &'static str {
    let holds = |id| {
        let muxing = file_url(output).and_then(|name| muxing(&name, id));
        muxing.is_some_and(|muxing| muxing.may_hold)
    };
    let mut suited = DEEP
        .iter()
        .filter(|&&(id, name)| is_there(name) && holds(id));
    suited.next().map_or("libx264", |&(_, name)| name)
}

/// Which of the known encoders FFmpeg has, of those with transparency if it is needed.
fn available(transparent: bool) -> Vec<&'static str> {
    KNOWN
        .iter()
        .filter(|(_, _, has_alpha)| *has_alpha || !transparent)
        .map(|&(name, ..)| name)
        .filter(|name| is_there(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(output: &str, options: &RenderOptions) -> String {
        let chosen = Choice::new(Path::new(output), options, false);
        let failed = match chosen {
            Ok(choice) => choice.check(Path::new(output), options).map(drop),
            Err(error) => Err(error),
        };
        failed.map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn mistakes_are_named_with_what_there_is() {
        let options = RenderOptions::default;
        assert!(message("a.mp4", &options().encoder("x264")).contains("libx264"));
        assert!(message("a.mp4", &options().encoder("aac")).contains("no video encoder aac"));
        let transparent = options().background(Background::Transparent);
        assert!(message("a.mp4", &transparent).contains(".webm"));
        assert!(message("a.mp4", &transparent.clone().encoder("mpeg4")).contains("prores_ks"));
        assert_eq!(message("a.mov", &transparent), "");
        assert!(message("a.mp4", &options().encoder("ffv1")).contains("video of ffv1"));
        assert!(message("a.webm", &options().encoder("libx264")).contains("video of libx264"));
        for name in ["a.png", "a.jpg", "a.xyz", "a.wav"] {
            assert!(message(name, &options()).contains("container"), "{name}");
        }
        for name in [
            "a.mp4", "a.MP4", "a.mkv", "a.mov", "a.webm", "a.avi", "a.ts", "a.flv", "a.mpg",
        ] {
            assert_eq!(message(name, &options()), "", "{name}");
        }
        let vp9 = transparent.clone().encoder("libvpx-vp9");
        assert!(message("a.mp4", &vp9).contains("container"));
        if is_there("h264_nvenc") {
            let nvenc = options().encoder("h264_nvenc").preset("fast");
            assert!(message("a.mp4", &nvenc).contains("p1, p2"));
        }
        let mpeg = options().encoder("mpeg4");
        assert!(message("a.mp4", &mpeg.clone().crf(3)).contains("no constant rate factor"));
        assert!(message("a.mp4", &mpeg.preset("fast")).contains("no presets"));
    }
}
