//! Encoders by name: which there are, what they take, and what they call quality and speed.

use std::path::Path;

use ffmpeg_next::{Codec, Dictionary, encoder, format::Pixel, frame};

use super::colors::is_full_range;
use super::failure::encode_error;
use super::files::has_ending;
use super::options::{Background, RenderOptions};
use crate::error::Error;

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

/// What is suggested where an encoder is missing, as far as this FFmpeg has it.
const KNOWN: [&str; 12] = [
    "libx264",
    "libx265",
    "libvpx-vp9",
    "libsvtav1",
    "libaom-av1",
    "h264_nvenc",
    "prores_ks",
    "ffv1",
    "qtrle",
    "png",
    "mpeg4",
    "mjpeg",
];
/// Those of them with transparency.
const TRANSPARENT: [&str; 5] = ["prores_ks", "libvpx-vp9", "ffv1", "qtrle", "png"];

/// An encoder and the format that it is given frames in.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) codec: Codec,
    pub(super) name: String,
    formats: Vec<Pixel>,
    background: Background,
}

impl Choice {
    /// The encoder that `options` ask for, or that suits the output's ending.
    pub(super) fn new(output: &Path, options: &RenderOptions) -> Result<Self, Error> {
        let name = match &options.encoder {
            Some(name) => name.as_str(),
            None => suited(output, options.background)?,
        };
        let refuse = |what: String| Err(encode_error(output, what));
        if name.contains('\0') {
            return refuse("the encoder's name holds a NUL character".to_owned());
        }
        let video =
            encoder::find_by_name(name).and_then(|codec| Some((codec, codec.video().ok()?)));
        let Some((codec, video)) = video else {
            let there = available(&KNOWN);
            return refuse(format!(
                "this FFmpeg has no video encoder {name}; it has {there} and others (`ffmpeg -encoders`). Debian, Ubuntu: `apt install libavcodec-extra` has more"
            ));
        };
        let formats = video.formats().map_or_else(Vec::new, Iterator::collect);
        let choice = Self {
            codec,
            name: name.to_owned(),
            formats,
            background: options.background,
        };
        if options.background == Background::Transparent && choice.transparent_format().is_none() {
            let there = available(&TRANSPARENT);
            return refuse(format!("{name} has no transparency; {there} have"));
        }
        Ok(choice)
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

    /// The format for transparent pictures.
    pub(super) fn transparent_format(&self) -> Option<Pixel> {
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

    /// The encoder's own names for what was asked for.
    pub(super) fn settings(
        &self,
        output: &Path,
        options: &RenderOptions,
    ) -> Result<Dictionary<'static>, Error> {
        let family = Family::of(&self.name);
        let mut settings = Dictionary::new();
        if let Some(preset) = options.preset.as_deref() {
            family
                .check_preset(preset)
                .map_err(|what| encode_error(output, format!("{}: {what}", self.name)))?;
        }
        if let Some(crf) = options.crf {
            let best_to_worst = family.most_crf();
            if best_to_worst.is_none_or(|most| crf > most) {
                let what = best_to_worst.map_or_else(
                    || format!("{} has no constant rate factor", self.name),
                    |most| format!("{} takes a crf of 0 to {most}, not {crf}", self.name),
                );
                return Err(encode_error(output, what));
            }
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
                if self.background == Background::Transparent {
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
        match name {
            "libx264" | "libx264rgb" => Self::X264,
            "libx265" => Self::X265,
            "libvpx" | "libvpx-vp9" => Self::Vpx,
            "libaom-av1" => Self::Aom,
            "libsvtav1" => Self::SvtAv1,
            "mpeg4" | "mjpeg" | "mpeg2video" | "mpeg1video" => Self::Mpeg,
            _ => Self::Other,
        }
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

    /// The encoders themselves would complain on the terminal, or take another one without a word.
    fn check_preset(self, preset: &str) -> Result<(), String> {
        let most = match self {
            Self::X264 | Self::X265 => {
                return if PRESETS.contains(&preset) {
                    Ok(())
                } else {
                    Err(format!(
                        "no preset is named {preset:?}: choose one of {}",
                        PRESETS.join(", ")
                    ))
                };
            }
            Self::Vpx | Self::Aom => 8,
            Self::SvtAv1 => 13,
            Self::Mpeg | Self::Other => return Err("has no presets".to_owned()),
        };
        match preset.parse::<u8>() {
            Ok(number) if number <= most => Ok(()),
            _ => Err(format!(
                "its presets are the numbers 0 to {most}, higher is faster; not {preset:?}"
            )),
        }
    }
}

/// The encoder for an output of which nothing is said but its name.
fn suited(output: &Path, background: Background) -> Result<&'static str, Error> {
    let webm = has_ending(output, &["webm"]);
    match background {
        _ if webm => Ok("libvpx-vp9"),
        Background::Video => Ok("libx264"),
        Background::Transparent if has_ending(output, &["mov"]) => Ok("prores_ks"),
        Background::Transparent if has_ending(output, &["mkv"]) => Ok("ffv1"),
        Background::Transparent => Err(encode_error(
            output,
            "comments on a transparent background are written as .mov (ProRes 4444), .webm (VP9) or .mkv (FFV1)",
        )),
    }
}

/// Which of these FFmpeg has, as a list to read.
fn available(names: &[&str]) -> String {
    let there: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| encoder::find_by_name(name).is_some())
        .collect();
    there.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(output: &str, options: &RenderOptions) -> String {
        let chosen = Choice::new(Path::new(output), options);
        let failed = match chosen {
            Ok(choice) => choice.settings(Path::new(output), options).map(drop),
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
        let mpeg = options().encoder("mpeg4");
        assert!(message("a.mp4", &mpeg.clone().crf(3)).contains("no constant rate factor"));
        assert!(message("a.mp4", &mpeg.preset("fast")).contains("no presets"));
    }

    #[test]
    fn quality_and_speed_have_the_encoders_own_limits() {
        assert!(Family::X264.check_preset("veryfast").is_ok());
        assert!(Family::X264.check_preset("5").is_err());
        assert!(Family::Vpx.check_preset("8").is_ok());
        assert!(
            Family::Vpx.check_preset("9").is_err() && Family::Vpx.check_preset("fast").is_err()
        );
        assert_eq!(
            (Family::X264.most_crf(), Family::Aom.most_crf()),
            (Some(51), Some(63))
        );
    }
}
