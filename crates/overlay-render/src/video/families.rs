//! Encoders that share their settings: what each calls quality and speed.

use ffmpeg_next::{Dictionary, codec};

use super::light_metadata::LightMetadata;

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
pub(super) const KNOWN: [(&str, Family, bool); 15] = [
    ("libx264", Family::X264, false),
    ("libx265", Family::X265, false),
    ("libvpx-vp9", Family::Vpx, true),
    ("libsvtav1", Family::SvtAv1, false),
    ("libaom-av1", Family::Aom, false),
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

/// Encoders of hardware, by what follows the codec in their names.
const HARDWARE: [(&str, Family); 4] = [
    ("_nvenc", Family::Nvenc),
    ("_vaapi", Family::Vaapi),
    ("_qsv", Family::Qsv),
    ("_videotoolbox", Family::VideoToolbox),
];

/// Encoders that share their settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    X264,
    X265,
    Vpx,
    Aom,
    SvtAv1,
    Mpeg,
    /// NVIDIA's.
    Nvenc,
    /// Linux's interface to Intel's and AMD's.
    Vaapi,
    /// Intel's Quick Sync Video.
    Qsv,
    /// Apple's.
    VideoToolbox,
    Other,
}

/// What an encoder is to be set to.
pub(super) struct Wanted<'a> {
    /// The encoder's name.
    pub(super) name: &'a str,
    pub(super) crf: Option<u8>,
    pub(super) preset: Option<&'a str>,
    pub(super) is_transparent: bool,
    /// Whether it is kept from writing to the terminal.
    pub(super) quiet: bool,
    pub(super) light: &'a LightMetadata,
}

impl Family {
    pub(super) fn of(name: &str) -> Self {
        let known = KNOWN.iter().find(|(known, ..)| *known == name);
        let known = known.map(|&(_, family, _)| family);
        let hardware = HARDWARE.iter().find(|(ending, _)| name.ends_with(ending));
        known
            .or(hardware.map(|&(_, family)| family))
            .unwrap_or(Self::Other)
    }

    /// The hardware that it needs, for a user.
    pub(super) fn hardware(self) -> Option<&'static str> {
        match self {
            Self::Nvenc => Some("an NVIDIA GPU with an encoder, and its driver"),
            Self::Vaapi => {
                Some("a GPU of Intel or AMD with a VA-API driver, at /dev/dri/renderD128")
            }
            Self::Qsv => Some("a GPU of Intel with Quick Sync Video, and its runtime"),
            Self::VideoToolbox => Some("a Mac"),
            _ => None,
        }
    }

    pub(super) fn most_crf(self) -> Option<u8> {
        match self {
            Self::X264 | Self::X265 | Self::Nvenc | Self::Vaapi | Self::Qsv => Some(51),
            Self::Vpx | Self::Aom | Self::SvtAv1 => Some(63),
            Self::Mpeg | Self::VideoToolbox | Self::Other => None,
        }
    }

    fn usual_crf(self) -> u8 {
        match self {
            Self::X264 => 20,
            Self::X265 => 24,
            Self::Vpx => 31,
            Self::Aom => 30,
            Self::SvtAv1 => 32,
            Self::Nvenc | Self::Vaapi | Self::Qsv => 23,
            Self::Mpeg | Self::VideoToolbox | Self::Other => 0,
        }
    }

    fn usual_preset(self) -> &'static str {
        match self {
            Self::X264 | Self::X265 => "veryfast",
            Self::Vpx => "5",
            Self::Aom => "8",
            Self::SvtAv1 => "10",
            Self::Nvenc => "p4",
            Self::Qsv => "medium",
            Self::Mpeg | Self::Vaapi | Self::VideoToolbox | Self::Other => "",
        }
    }

    /// Names of presets; for some numbers, of which higher ones are faster.
    pub(super) fn presets(self) -> Vec<String> {
        let to = |most: u8| (0..=most).map(|number| number.to_string()).collect();
        match self {
            Self::X264 | Self::X265 => PRESETS.map(str::to_owned).to_vec(),
            Self::Vpx | Self::Aom => to(8),
            Self::SvtAv1 => to(13),
            Self::Nvenc => (1..=7).map(|number| format!("p{number}")).collect(),
            Self::Qsv => PRESETS[2..9].iter().copied().map(str::to_owned).collect(),
            Self::Mpeg | Self::Vaapi | Self::VideoToolbox | Self::Other => Vec::new(),
        }
    }

    /// Whether it is told the display that high dynamic range was made on, and writes it.
    pub(super) fn takes_light_metadata(self) -> bool {
        matches!(self, Self::X264 | Self::X265 | Self::SvtAv1)
    }

    /// The encoder's own names for what is wanted.
    pub(super) fn settings(self, wanted: &Wanted<'_>) -> Dictionary<'static> {
        let mut settings = Dictionary::new();
        let mut set = |key: &str, value: &str| settings.set(key, value);
        let crf = wanted.crf.unwrap_or(self.usual_crf()).to_string();
        let preset = wanted.preset.unwrap_or(self.usual_preset());
        let light = wanted.light;
        match self {
            Self::X264 => {
                set("crf", &crf);
                set("preset", preset);
                if let Some(params) = light.for_x264() {
                    set("x264-params", &params);
                }
            }
            Self::X265 => {
                set("crf", &crf);
                set("preset", preset);
                let mut params: Vec<String> = light.for_x265().into_iter().collect();
                if wanted.quiet {
                    params.push("log-level=none".to_owned()); // it writes to the terminal by itself
                }
                if !params.is_empty() {
                    set("x265-params", &params.join(":"));
                }
            }
            Self::Vpx | Self::Aom => {
                set("crf", &crf);
                set("b", "0"); // else the rate factor is a mere limit
                set("cpu-used", preset);
                set("row-mt", "1");
                if wanted.is_transparent {
                    set("auto-alt-ref", "0"); // those frames have no alpha
                }
            }
            Self::SvtAv1 => {
                set("crf", &crf);
                set("preset", preset);
                if let Some(params) = light.for_svt_av1() {
                    set("svtav1-params", &params);
                }
            }
            Self::Nvenc => {
                set("rc", "vbr");
                set("cq", &crf);
                set("b", "0"); // else the quality is limited by it
                set("preset", preset);
            }
            Self::Vaapi => {
                set("rc_mode", "CQP");
                set("global_quality", &crf);
            }
            Self::Qsv => {
                set("global_quality", &crf);
                set("preset", preset);
            }
            Self::VideoToolbox => {
                set("flags", "+qscale");
                set("global_quality", &(118 * 65).to_string()); // of 100; FF_QP2LAMBDA is 118
            }
            Self::Mpeg => {
                set("flags", "+qscale");
                set("global_quality", &(118 * 3).to_string()); // near the best
            }
            Self::Other => {}
        }
        if wanted.name == "prores_ks" {
            set("vendor", "apl0"); // some editors take no other
        }
        settings
    }

    /// Keeps chance out of pictures of this width. With AVX-512, x264's macroblock tree reads
    /// memory that it never wrote where a row has no multiple of eight blocks of 16 pixels (seen
    /// with version 164), so that two runs differ.
    pub(super) fn steady(self, settings: &mut Dictionary<'static>, width: u32) {
        #[cfg(target_arch = "x86_64")]
        if self == Self::X264
            && !width.div_ceil(16).is_multiple_of(8)
            && is_x86_feature_detected!("avx512f")
        {
            let others = settings.get("x264-params").map(|all| format!("{all}:"));
            let params = format!("{}asm=AVX2", others.unwrap_or_default());
            settings.set("x264-params", &params);
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (self, settings, width);
    }

    /// Adds settings for a picture that is seen while it is encoded: frames come out at once, and a
    /// picture that needs no other comes every two seconds.
    pub(super) fn hurry(self, settings: &mut Dictionary<'static>, frame_rate: f64) {
        let mut set = |key: &str, value: &str| settings.set(key, value);
        let frames = (2.0 * frame_rate).clamp(2.0, 250.0).round();
        set("g", &frames.to_string());
        match self {
            Self::X264 | Self::X265 => set("tune", "zerolatency"),
            Self::Vpx => {
                set("deadline", "realtime");
                set("lag-in-frames", "0");
            }
            Self::Nvenc => {
                set("tune", "ll");
                set("zerolatency", "1");
                set("delay", "0");
            }
            Self::Vaapi | Self::Qsv => {
                set("bf", "0");
                set("async_depth", "1");
            }
            Self::VideoToolbox => {
                set("bf", "0");
                set("realtime", "1");
            }
            Self::SvtAv1 | Self::Aom | Self::Mpeg | Self::Other => {}
        }
    }
}

/// Whether FFmpeg has this encoder.
pub(super) fn is_there(name: &str) -> bool {
    ffmpeg_next::encoder::find_by_name(name).is_some()
}

/// Codecs whose pictures of more than 8 bits players decode in hardware, with the encoder of each.
pub(super) const DEEP: [(codec::Id, &str); 2] =
    [(codec::Id::HEVC, "libx265"), (codec::Id::AV1, "libsvtav1")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_and_speed_have_the_encoders_own_limits() {
        let takes = |family: Family, preset: &str| family.presets().iter().any(|p| p == preset);
        assert!(takes(Family::X264, "veryfast") && !takes(Family::X264, "5"));
        assert!(takes(Family::Vpx, "8") && !takes(Family::Vpx, "9"));
        assert!(!takes(Family::Vpx, "fast") && !takes(Family::Mpeg, "1"));
        assert!(takes(Family::Nvenc, "p7") && !takes(Family::Nvenc, "p8"));
        assert!(takes(Family::Qsv, "veryslow") && !takes(Family::Qsv, "placebo"));
        assert_eq!(
            (Family::X264.most_crf(), Family::Aom.most_crf()),
            (Some(51), Some(63))
        );
    }

    #[test]
    fn hardware_is_known_by_the_end_of_the_name() {
        for (name, family) in [
            ("h264_nvenc", Family::Nvenc),
            ("av1_vaapi", Family::Vaapi),
            ("hevc_qsv", Family::Qsv),
            ("prores_videotoolbox", Family::VideoToolbox),
            ("libx264", Family::X264),
            ("nvenc", Family::Other),
        ] {
            assert_eq!(Family::of(name), family, "{name}");
        }
    }
}
