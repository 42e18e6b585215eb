//! What colours are as samples of a picture: matrix, range, depth, primaries and light.

use super::yuv_colors::YuvColors;
use crate::rgba::Rgba;

/// How bright the white of comments is on a picture of high dynamic range, in cd/m²: the usual
/// white of graphics (ITU-R BT.2408).
const WHITE: f64 = 203.0;
/// What the largest sample of PQ stands for, in cd/m².
const PQ_PEAK: f64 = 10_000.0;
/// The display that HLG is defined with: its peak in cd/m², and its gamma.
const HLG_PEAK: f64 = 1_000.0;
const HLG_GAMMA: f64 = 1.2;

/// What the numbers of a picture mean as light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "video"),
    allow(dead_code, reason = "frames of videos alone have other light")
)]
pub(crate) enum Light {
    /// As comments' own colours: a standard range, with primaries near those of BT.709.
    #[default]
    Standard,
    /// A standard range with the primaries of BT.2020.
    Wide,
    /// Perceptual quantisation (SMPTE ST 2084), with the primaries of BT.2020.
    Pq,
    /// Hybrid log-gamma (ARIB STD-B67), with the primaries of BT.2020.
    Hlg,
}

/// How colours are stored as samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub(crate) colors: YuvColors,
    /// Of a sample: 8 to 12.
    pub(crate) bits: u8,
    pub(crate) light: Light,
}

impl From<YuvColors> for Encoding {
    fn from(colors: YuvColors) -> Self {
        Self {
            colors,
            bits: 8,
            light: Light::Standard,
        }
    }
}

impl Encoding {
    /// Y', Cb, Cr of a colour, whatever its opacity.
    pub(super) fn encode(self, color: Rgba) -> [u16; 3] {
        let channels = [color.color.r, color.color.g, color.color.b];
        let signal = self
            .light
            .signal(channels.map(|channel| f64::from(channel) / 255.0));
        #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
        let [y, cb, cr] = self
            .colors
            .matrix
            .differences(signal.map(|value| value as f32));
        let steps = f32::from(1_u16 << (self.bits - 8));
        let (luma, offset, chroma) = if self.colors.full_range {
            let most = 256.0 * steps - 1.0;
            (most, 0.0, most)
        } else {
            (219.0 * steps, 16.0 * steps, 224.0 * steps)
        };
        let middle = 128.0 * steps;
        let samples = [
            y * luma + offset,
            cb * chroma + middle,
            cr * chroma + middle,
        ];
        let most = 256.0 * steps - 1.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to a sample's values"
        )]
        samples.map(|value| value.round().clamp(0.0, most) as u16)
    }

    /// The least and the largest luma, black and the brightest.
    pub(crate) fn luma_range(self) -> (u32, u32) {
        let steps = 1_u32 << (self.bits - 8);
        if self.colors.full_range {
            (0, 256 * steps - 1)
        } else {
            (16 * steps, 235 * steps)
        }
    }

    /// Chroma without colour.
    pub(crate) fn grey(self) -> u32 {
        128 << (self.bits - 8)
    }
}

impl Light {
    /// The signal of a comment's colour, red, green and blue from 0 to 1.
    fn signal(self, color: [f64; 3]) -> [f64; 3] {
        if self == Self::Standard {
            return color;
        }
        let wide = to_bt2020(color.map(to_linear));
        match self {
            Self::Standard | Self::Wide => wide.map(from_linear),
            Self::Pq => wide.map(|light| pq(light * WHITE / PQ_PEAK)),
            Self::Hlg => {
                // From the display's light to the scene's, so that a display makes that light of it.
                let display = wide.map(|light| light * WHITE / HLG_PEAK);
                let [r, g, b] = display;
                let luminance = 0.2627 * r + 0.6780 * g + 0.0593 * b;
                let factor = if luminance > 0.0 {
                    luminance.powf((1.0 - HLG_GAMMA) / HLG_GAMMA)
                } else {
                    0.0
                };
                display.map(|light| hlg(light * factor))
            }
        }
    }
}

/// Light of a signal of sRGB, both 0 to 1 (IEC 61966-2-1).
fn to_linear(signal: f64) -> f64 {
    if signal <= 0.04045 {
        signal / 12.92
    } else {
        ((signal + 0.055) / 1.055).powf(2.4)
    }
}

fn from_linear(light: f64) -> f64 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// Light of BT.709's primaries as that of BT.2020's (ITU-R BT.2087).
fn to_bt2020([r, g, b]: [f64; 3]) -> [f64; 3] {
    [
        0.6274 * r + 0.3293 * g + 0.0433 * b,
        0.0691 * r + 0.9195 * g + 0.0114 * b,
        0.0164 * r + 0.0880 * g + 0.8956 * b,
    ]
}

/// The signal of perceptual quantisation for a share of its peak (SMPTE ST 2084).
fn pq(share: f64) -> f64 {
    const M1: f64 = 2610.0 / 16384.0;
    const M2: f64 = 2523.0 / 4096.0 * 128.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 4096.0 * 32.0;
    const C3: f64 = 2392.0 / 4096.0 * 32.0;
    let power = share.max(0.0).powf(M1);
    ((C1 + C2 * power) / (1.0 + C3 * power)).powf(M2)
}

/// The signal of hybrid log-gamma for a scene's light, both 0 to 1 (ITU-R BT.2100).
fn hlg(scene: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    const B: f64 = 1.0 - 4.0 * A;
    if scene <= 1.0 / 12.0 {
        (3.0 * scene.max(0.0)).sqrt()
    } else {
        let c = 0.5 - A * (4.0 * A).ln();
        A * (12.0 * scene - B).ln() + c
    }
}

#[cfg(test)]
mod tests {
    use nico_comments::Color;

    use super::super::yuv_colors::Matrix;
    use super::*;

    fn encoding(bits: u8, light: Light) -> Encoding {
        let colors = YuvColors {
            matrix: Matrix::Bt2020,
            ..YuvColors::default()
        };
        Encoding {
            colors,
            bits,
            light,
        }
    }

    /// 10 bits: white 940, grey chroma 512, black 64; 12 bits four times as much; full range to 1023.
    #[test]
    fn deep_samples_are_the_same_colours() {
        let white = Rgba::new(Color::WHITE, 255);
        let black = Rgba::new(Color::BLACK, 255);
        let ten = encoding(10, Light::Standard);
        assert_eq!(ten.encode(white), [940, 512, 512]);
        assert_eq!(ten.encode(black), [64, 512, 512]);
        assert_eq!(
            encoding(12, Light::Standard).encode(white),
            [3760, 2048, 2048]
        );
        let full = Encoding {
            colors: YuvColors {
                full_range: true,
                ..ten.colors
            },
            ..ten
        };
        assert_eq!(full.encode(white), [1023, 512, 512]);
        assert_eq!(
            (ten.luma_range(), full.luma_range()),
            ((64, 940), (0, 1023))
        );
    }

    /// BT.2408: graphics white, 203 cd/m², is 58 % of PQ's signal and 75 % of HLG's. In the limited
    /// range of 10 bits: 64 + 876 · 0.5807 = 573, and 64 + 876 · 0.75 = 721.
    #[test]
    fn white_is_that_of_graphics() {
        let white = Rgba::new(Color::WHITE, 255);
        let [pq, ..] = Light::Pq.signal([1.0; 3]);
        let [hlg, ..] = Light::Hlg.signal([1.0; 3]);
        assert!((pq - 0.5807).abs() < 5e-4, "{pq}");
        assert!((hlg - 0.75).abs() < 1e-3, "{hlg}");
        assert_eq!(encoding(10, Light::Pq).encode(white), [573, 512, 512]);
        assert_eq!(encoding(10, Light::Hlg).encode(white), [721, 512, 512]);
        for light in [Light::Pq, Light::Hlg, Light::Wide] {
            let black = encoding(10, light).encode(Rgba::new(Color::BLACK, 255));
            assert_eq!(black, [64, 512, 512]);
        }
    }

    /// BT.709's red has some green and blue in BT.2020's primaries: 0.6274, 0.0691 and 0.0164 of the
    /// light, whose signals are 0.8137, 0.2915 and 0.1353 (1.055 · light^(1/2.4) - 0.055).
    #[test]
    fn primaries_are_converted() {
        let [r, g, b] = Light::Wide.signal([1.0, 0.0, 0.0]);
        assert!(
            (r - 0.8137).abs() < 1e-3 && (g - 0.2915).abs() < 1e-3 && (b - 0.1353).abs() < 1e-3
        );
        let [r, g, b] = Light::Wide.signal([1.0; 3]);
        assert!([r, g, b].iter().all(|value| (value - 1.0).abs() < 1e-4));
    }
}
