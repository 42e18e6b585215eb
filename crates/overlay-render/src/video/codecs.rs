//! Encoders by name: which there are, what they take, and what they call quality and speed.

use std::path::Path;

use ffmpeg_next::{Codec, Dictionary, encoder, format::Pixel, frame};

use super::colors::is_full_range;
use super::failure;
use super::ffi::muxing;
use super::files::{Container, file_url};
use super::options::{Background, RenderOptions};
use crate::error::Error;
use crate::problem::OutputProblem;

/// Presets of libx264 and libx265.
const PRESETS: [&str; 10] = [
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
];

/// Encoders that are known by name: how they are set, and whether they have transparency.
const KNOWN: [(&str, Family, bool); 16] = [
    ("libx264", Family::X264, false),
    ("libx265", Family::X265, false),
    ("libvpx-vp9", Family::Vpx, true),
    ("libsvtav1", Family::SvtAv1, false),
    ("libaom-av1", Family::Aom, false),
    ("h264_nvenc", Family::Other, false),
    ("prores_ks", Family::Other, true),
    ("ffv1", Family::Other, true),
    ("qtrle", Family::Other, true),
    ("png", Family::Other, true),
    ("mpeg4", Family::Mpeg, false),
    ("mjpeg", Family::Mpeg, false),
    ("libx264rgb", Family::X264, false),
    ("libvpx", Family::Vpx, true),
    ("mpeg2video", Family::Mpeg, false),
    ("mpeg1video", Family::Mpeg, false),
];

/// An encoder and the format that it is given frames in.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) codec: Codec,
    pub(super) name: String,
    formats: Vec<Pixel>,
    container: Container,
}

impl Choice {
    /// The encoder that `options` ask for, or that suits the output's ending.
    pub(super) fn new(output: &Path, options: &RenderOptions) -> Result<Self, Error> {
        let name = match &options.encoder {
            Some(name) => name.as_str(),
            None => suited(output, options.background)?,
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
        let formats = video.formats().map_or_else(Vec::new, Iterator::collect);
        let choice = Self {
            codec,
            name: name.to_owned(),
            formats,
            container: Container::of(output),
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
        self.settings(
            output,
            options,
            options.background == Background::Transparent,
        )?;
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

    /// The format for frames that were painted in 4:2:0 of 8 bits.
    pub(super) fn format_for(&self, painted: &frame::Video) -> Pixel {
        use Pixel::{BGRA, RGB24, RGBA, YUV420P, YUV422P, YUV422P10LE, YUV444P, YUVJ420P};
        let takes_full_only = self.name == "mjpeg"; // unless it is told to break JPEG's rules
        let [own, other] = if takes_full_only || is_full_range(painted) {
            [YUVJ420P, YUV420P]
        } else {
            [YUV420P, YUVJ420P]
        };
        self.first_of(&[own, other, YUV422P, YUV444P, YUV422P10LE, RGB24, RGBA, BGRA])
            .or_else(|| self.formats.first().copied())
            .unwrap_or(own)
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
    ) -> Result<Dictionary<'static>, Error> {
        let family = Family::of(&self.name);
        let mut settings = Dictionary::new();
        let problem = self.preset_problem(options).or(self.crf_problem(options));
        if let Some(problem) = problem {
            return Err(failure::output(output, problem));
        }
        let mut set = |key: &str, value: &str| settings.set(key, value);
        let crf = options.crf.unwrap_or(family.usual_crf()).to_string();
        let preset = options.preset.as_deref().unwrap_or(family.usual_preset());
        match family {
            Family::X264 => {
                set("crf", &crf);
                set("preset", preset);
            }
            Family::X265 => {
                set("crf", &crf);
                set("preset", preset);
                if options.quiet {
                    set("x265-params", "log-level=none"); // it writes to the terminal by itself
                }
            }
            Family::Vpx | Family::Aom => {
                set("crf", &crf);
                set("b", "0"); // else the rate factor is a mere limit
                set("cpu-used", preset);
                set("row-mt", "1");
                if is_transparent {
                    set("auto-alt-ref", "0"); // those frames have no alpha
                }
            }
            Family::SvtAv1 => {
                set("crf", &crf);
                set("preset", preset);
            }
            Family::Mpeg => {
                set("flags", "+qscale");
                set("global_quality", &(118 * 3).to_string()); // near the best; FF_QP2LAMBDA is 118
            }
            Family::Other => {}
        }
        if self.name == "prores_ks" {
            set("vendor", "apl0"); // some editors take no other
        }
        Ok(settings)
    }

    /// Settings for a picture that is seen while it is encoded: frames come out at once, and a
    /// picture that needs no other comes every two seconds.
    pub(super) fn hurry(&self, settings: &mut Dictionary<'static>, frame_rate: f64) {
        let frames = (2.0 * frame_rate).clamp(2.0, 250.0).round();
        settings.set("g", &frames.to_string());
        match Family::of(&self.name) {
            Family::X264 | Family::X265 => settings.set("tune", "zerolatency"),
            Family::Vpx => {
                settings.set("deadline", "realtime");
                settings.set("lag-in-frames", "0");
            }
            Family::SvtAv1 | Family::Aom | Family::Mpeg | Family::Other => {}
        }
    }
}

/// Encoders that share their settings.
#[derive(Clone, Copy)]
enum Family {
    X264,
    X265,
    Vpx,
    Aom,
    SvtAv1,
    Mpeg,
    Other,
}

impl Family {
    fn of(name: &str) -> Self {
        let known = KNOWN.iter().find(|(known, ..)| *known == name);
        known.map_or(Self::Other, |&(_, family, _)| family)
    }

    fn most_crf(self) -> Option<u8> {
        match self {
            Self::X264 | Self::X265 => Some(51),
            Self::Vpx | Self::Aom | Self::SvtAv1 => Some(63),
            Self::Mpeg | Self::Other => None,
        }
    }

    fn usual_crf(self) -> u8 {
        match self {
            Self::X264 => 20,
            Self::X265 => 24,
            Self::Vpx => 31,
            Self::Aom => 30,
            Self::SvtAv1 => 32,
            Self::Mpeg | Self::Other => 0,
        }
    }

    fn usual_preset(self) -> &'static str {
        match self {
            Self::X264 | Self::X265 => "veryfast",
            Self::Vpx => "5",
            Self::Aom => "8",
            Self::SvtAv1 => "10",
            Self::Mpeg | Self::Other => "",
        }
    }

    /// Names of presets; for some numbers, of which higher ones are faster.
    fn presets(self) -> Vec<String> {
        let to = |most: u8| (0..=most).map(|number| number.to_string()).collect();
        match self {
            Self::X264 | Self::X265 => PRESETS.map(str::to_owned).to_vec(),
            Self::Vpx | Self::Aom => to(8),
            Self::SvtAv1 => to(13),
            Self::Mpeg | Self::Other => Vec::new(),
        }
    }
}

/// The encoder for an output of which nothing is said but its name.
fn suited(output: &Path, background: Background) -> Result<&'static str, Error> {
    match (background, Container::of(output)) {
        (_, Container::WebM) => Ok("libvpx-vp9"),
        (Background::Video, _) => Ok("libx264"),
        (Background::Transparent, Container::Mov) => Ok("prores_ks"),
        (Background::Transparent, Container::Matroska) => Ok("ffv1"),
        (Background::Transparent, _) => {
            Err(failure::output(output, OutputProblem::NoTransparentEncoder))
        }
    }
}

/// Which of the known encoders FFmpeg has, of those with transparency if it is needed.
fn available(transparent: bool) -> Vec<&'static str> {
    KNOWN
        .iter()
        .filter(|(_, _, has_alpha)| *has_alpha || !transparent)
        .map(|&(name, ..)| name)
        .filter(|name| encoder::find_by_name(name).is_some())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(output: &str, options: &RenderOptions) -> String {
        let chosen = Choice::new(Path::new(output), options);
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
        let mpeg = options().encoder("mpeg4");
        assert!(message("a.mp4", &mpeg.clone().crf(3)).contains("no constant rate factor"));
        assert!(message("a.mp4", &mpeg.preset("fast")).contains("no presets"));
    }

    #[test]
    fn quality_and_speed_have_the_encoders_own_limits() {
        let takes = |family: Family, preset: &str| family.presets().iter().any(|p| p == preset);
        assert!(takes(Family::X264, "veryfast") && !takes(Family::X264, "5"));
        assert!(takes(Family::Vpx, "8") && !takes(Family::Vpx, "9"));
        assert!(!takes(Family::Vpx, "fast") && !takes(Family::Mpeg, "1"));
        assert_eq!(
            (Family::X264.most_crf(), Family::Aom.most_crf()),
            (Some(51), Some(63))
        );
    }
}
