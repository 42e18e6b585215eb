#[cfg(feature = "flex")]
use pulp::{Arch, Simd, WithSimd};

#[cfg(feature = "flex")]
use crate::cpu::{
    functions,
    vectors::{count, load, store},
};

/// `exp(x)` of each number in place, as a softmax on the host needs it: for `x` up to 88, above
/// which it stays at `exp(88)`.
///
/// The relative error is under 2⁻²¹. Below −87, where normal `f32` end, and for −∞ it is 0. With
/// the feature `flex` in vectors, which the standard library's is not.
///
/// ```
/// let mut weights = [0.0, -1.0, f32::NEG_INFINITY];
/// burn_fused::exp(&mut weights);
/// assert_eq!([weights[0], weights[2]], [1.0, 0.0]);
/// assert!((weights[1] - (-1f32).exp()).abs() < 1e-7);
/// ```
pub fn exp(values: &mut [f32]) {
    #[cfg(feature = "flex")]
    Arch::new().dispatch(Exp(values));
    #[cfg(not(feature = "flex"))]
    for value in values {
        *value = if *value < -87.0 {
            0.0
        } else {
            value.min(88.0).exp()
        };
    }
}

#[cfg(feature = "flex")]
struct Exp<'a>(&'a mut [f32]);

#[cfg(feature = "flex")]
impl WithSimd for Exp<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (lowest, zero) = (simd.splat_f32s(-87.0), simd.splat_f32s(0.0));
        for number in 0..count::<S>(self.0.len()) {
            let x = load(simd, self.0, number);
            let is_zero = simd.less_than_f32s(x, lowest);
            let exp = simd.select_f32s(is_zero, zero, functions::exp(simd, x));
            store(simd, self.0, number, exp);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::exp;

    /// From 0 to −87 beside double precision; where it is 0; NaN stays NaN.
    #[test]
    fn agrees_with_the_standard_library() {
        let inputs: Vec<f32> = (0..=43_500u16).map(|i| -f32::from(i) / 500.0).collect();
        let mut found = inputs.clone();
        exp(&mut found);
        for (&found, &x) in found.iter().zip(&inputs) {
            let (found, expected) = (f64::from(found), f64::from(x).exp());
            assert!(
                (found / expected - 1.0).abs() < 4e-7,
                "{x}: {found} for {expected}"
            );
        }
        let mut special = [0.0, -87.5, f32::NEG_INFINITY, f32::NAN, 1.0];
        exp(&mut special);
        assert_eq!(special[..3], [1.0, 0.0, 0.0]);
        assert!(special[3].is_nan() && (special[4] - 1f32.exp()).abs() < 1e-6);
    }
}
