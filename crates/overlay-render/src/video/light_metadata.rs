//! What goes with pictures of high dynamic range: the display that they were made on, and how bright
//! they get.

use ffmpeg_next::{frame, frame::side_data};

/// The display and the brightest light of a video, as far as it says them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LightMetadata {
    display: Option<Display>,
    /// The brightest pixel and the brightest mean of a picture, in cd/m².
    content: Option<(u32, u32)>,
}

/// The display that pictures were made on (SMPTE ST 2086).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Display {
    /// Places of red, green, blue and white in the CIE 1931 diagram, x and y.
    primaries: [[f64; 2]; 4],
    /// Its darkest and its brightest light, in cd/m².
    luminance: [f64; 2],
}

impl LightMetadata {
    /// What goes with a frame.
    pub(super) fn of(frame: &frame::Video) -> Self {
        let display = frame.side_data(side_data::Type::MasteringDisplayMetadata);
        let content = frame.side_data(side_data::Type::ContentLightLevel);
        Self {
            display: display.and_then(|data| Display::parse(data.data())),
            content: content.and_then(|data| {
                let numbers = numbers(data.data());
                let number = |at: usize| u32::try_from(*numbers.get(at)?).ok();
                Some((number(0)?, number(1)?))
            }),
        }
    }

    /// Parameters of libx265: places in 50,000ths, light in 10,000ths of a cd/m².
    pub(super) fn for_x265(&self) -> Option<String> {
        self.parameters("master-display", "max-cll", Display::whole)
    }

    /// Parameters of libx264, with the same units.
    pub(super) fn for_x264(&self) -> Option<String> {
        self.parameters("mastering-display", "cll", Display::whole)
    }

    /// Parameters of SVT-AV1, with fractions.
    pub(super) fn for_svt_av1(&self) -> Option<String> {
        self.parameters("mastering-display", "content-light", Display::fractions)
    }

    fn parameters(
        &self,
        display: &str,
        content: &str,
        text: impl Fn(&Display) -> String,
    ) -> Option<String> {
        let own = self.display.as_ref();
        let own = own.map(|of| format!("{display}={}", text(of)));
        let light = self
            .content
            .map(|(pixel, mean)| format!("{content}={pixel},{mean}"));
        match (own, light) {
            (Some(own), Some(light)) => Some(format!("{own}:{light}")),
            (own, light) => own.or(light),
        }
    }
}

impl Display {
    /// FFmpeg's `AVMasteringDisplayMetadata`: fractions of two numbers, for red, green, blue and
    /// white, then the darkest and the brightest light, and whether each of both kinds is known.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let numbers = numbers(bytes);
        let fraction = |at: usize| {
            let (above, below) = (*numbers.get(2 * at)?, *numbers.get(2 * at + 1)?);
            (below > 0 && above >= 0).then(|| f64::from(above) / f64::from(below))
        };
        let are_known = numbers.get(20..22)?.iter().all(|&known| known != 0);
        let place = |at: usize| Some([fraction(2 * at)?, fraction(2 * at + 1)?]);
        let display = Self {
            primaries: [place(0)?, place(1)?, place(2)?, place(3)?],
            luminance: [fraction(8)?, fraction(9)?],
        };
        are_known.then_some(display)
    }

    fn whole(&self) -> String {
        self.text(
            |place| format!("{:.0}", place * 50_000.0),
            |light| format!("{:.0}", light * 10_000.0),
        )
    }

    fn fractions(&self) -> String {
        self.text(|place| format!("{place:.5}"), |light| format!("{light:.4}"))
    }

    fn text(&self, place: impl Fn(f64) -> String, light: impl Fn(f64) -> String) -> String {
        let [r, g, b, white] = self
            .primaries
            .map(|[x, y]| format!("({},{})", place(x), place(y)));
        let [darkest, brightest] = self.luminance.map(light);
        format!("G{g}B{b}R{r}WP{white}L({brightest},{darkest})")
    }
}

/// Numbers of 32 bits as they are in memory.
fn numbers(bytes: &[u8]) -> Vec<i32> {
    let numbers = bytes.as_chunks::<4>().0.iter();
    numbers.map(|&bytes| i32::from_ne_bytes(bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A display of P3 with 1,000 cd/m², as FFmpeg has it.
    fn bytes(known: i32) -> Vec<u8> {
        let places = [34_000, 16_000, 13_250, 34_500, 7_500, 3_000, 15_635, 16_450];
        let mut numbers: Vec<i32> = places.iter().flat_map(|&place| [place, 50_000]).collect();
        numbers.extend([50, 10_000, 10_000_000, 10_000, known, 1]);
        numbers
            .iter()
            .flat_map(|number| number.to_ne_bytes())
            .collect()
    }

    #[test]
    fn displays_are_told_in_the_encoders_units() {
        let light = LightMetadata {
            display: Display::parse(&bytes(1)),
            content: Some((1_000, 400)),
        };
        assert_eq!(
            light.for_x265().as_deref(),
            Some(
                "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"
            )
        );
        assert_eq!(
            light.for_svt_av1().as_deref(),
            Some(
                "mastering-display=G(0.26500,0.69000)B(0.15000,0.06000)R(0.68000,0.32000)WP(0.31270,0.32900)L(1000.0000,0.0050):content-light=1000,400"
            )
        );
        let light = LightMetadata {
            display: None,
            content: Some((500, 100)),
        };
        assert_eq!(light.for_x264().as_deref(), Some("cll=500,100"));
        assert_eq!(LightMetadata::default().for_x265(), None);
    }

    #[test]
    fn what_is_not_known_or_damaged_is_not_told() {
        assert_eq!(Display::parse(&bytes(0)), None);
        assert_eq!(Display::parse(&bytes(1)[..80]), None);
        let mut damaged = bytes(1);
        damaged[4..8].fill(0); // nothing is divided by 0
        assert_eq!(Display::parse(&damaged), None);
    }
}
