//! Opacities as 255ths.

/// a · b / 255, rounded, of two bytes.
#[inline(always)]
pub(super) fn mul(a: u16, b: u16) -> u16 {
    let product = a * b + 128;
    (product + (product >> 8)) >> 8
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low byte is what is asked for"
)]
pub(super) fn low_byte(value: u16) -> u8 {
    value as u8
}

/// An opacity of 0 to 1 in 255ths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte's values"
)]
pub(super) fn byte(opacity: f64) -> u8 {
    (opacity.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of all 65,536 products: the nearest whole number to a·b/255.
    #[test]
    fn products_are_rounded() {
        for a in 0..=255_u16 {
            for b in 0..=255_u16 {
                let exact = f64::from(a) * f64::from(b) / 255.0;
                assert!((f64::from(mul(a, b)) - exact).abs() <= 0.5, "{a} {b}");
            }
        }
    }
}
