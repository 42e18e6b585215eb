//! Samples of pictures, of 8 bits and of up to 12.

use super::alpha::low_byte;

/// A sample of luma or chroma.
pub(crate) trait Sample: Copy + PartialEq + Into<u32> + Send + Sync + 'static {
    /// Of a value that is one.
    fn new(value: u16) -> Self;

    /// sample · (1 - cover) + fill colour · inside + outline colour · (cover - inside), covers in
    /// 255ths, rounded. `inside` is at most `cover`.
    fn over(self, cover: u8, inside: u8, fill: Self, outline: Self) -> Self;
}

impl Sample for u8 {
    #[inline(always)]
    fn new(value: u16) -> Self {
        low_byte(value)
    }

    /// The weights add up to 255, so sums stay below 2¹⁶.
    #[inline(always)]
    fn over(self, cover: u8, inside: u8, fill: Self, outline: Self) -> Self {
        let [sample, cover, inside, fill, outline] =
            [self, cover, inside, fill, outline].map(u16::from);
        let sum = sample * (255 - cover) + fill * inside + outline * (cover - inside) + 128;
        // One product of vectors instead of two shifts and a sum.
        low_byte(((u32::from(sum) * 257) >> 16) as u16)
    }
}

impl Sample for u16 {
    #[inline(always)]
    fn new(value: u16) -> Self {
        value
    }

    /// Samples are below 2¹², so sums stay below 2²⁰, which an f32 holds with four bits to spare.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "means of samples"
    )]
    fn over(self, cover: u8, inside: u8, fill: Self, outline: Self) -> Self {
        let [sample, fill, outline] = [self, fill, outline].map(f32::from);
        let [cover, inside] = [cover, inside].map(f32::from);
        let sum = sample * (255.0 - cover) + fill * inside + outline * (cover - inside);
        (sum * (1.0 / 255.0) + 0.5) as i32 as u16
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        /// Samples of 12 bits: the exact sum, rounded.
        #[test]
        fn deep_samples_are_the_exact_sums(
            sample in 0_u16..4096,
            (cover, inside) in (any::<u8>(), any::<u8>()),
            (fill, outline) in (0_u16..4096, 0_u16..4096),
        ) {
            let inside = inside.min(cover);
            let [s, f, o] = [sample, fill, outline].map(u64::from);
            let [c, i] = [cover, inside].map(u64::from);
            let exact = (s * (255 - c) + f * i + o * (c - i) + 127) / 255;
            prop_assert_eq!(u64::from(sample.over(cover, inside, fill, outline)), exact);
        }
    }

    /// Half of 1000 over 0, 500 and 1023, then all of 64.
    #[test]
    fn half_transparent_is_half_way() {
        let laid = |sample: u16, cover, color| sample.over(cover, cover, color, 0);
        assert_eq!(
            [0, 500, 1023].map(|sample| laid(sample, 128, 1000)),
            [502, 751, 1011]
        );
        assert_eq!(laid(500, 255, 64), 64);
        assert_eq!(laid(500, 0, 64), 500);
    }
}
