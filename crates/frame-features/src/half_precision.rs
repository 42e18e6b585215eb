//! Features in half precision, as stores keep them.

use half::f16;
use half::slice::HalfFloatSliceExt;

/// The nearest numbers of f16; beyond its range, its largest.
pub(crate) fn to_f16(values: &[f32]) -> Vec<f16> {
    let mut halves = vec![f16::ZERO; values.len()];
    halves.convert_from_f32_slice(values);
    limit(&mut halves);
    halves
}

/// Makes infinite numbers the largest ones.
pub(crate) fn limit(halves: &mut [f16]) {
    for half in halves {
        if half.is_infinite() {
            *half = f16::MAX.copysign(*half);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_too_large_become_the_largest() {
        let values = [
            0.1,
            65_504.0,
            65_519.0,
            65_520.0,
            -1e9,
            f32::INFINITY,
            f32::NAN,
        ];
        let halves = to_f16(&values);
        assert_eq!(halves[0], f16::from_f32(0.1));
        assert_eq!(halves[1..4], [f16::MAX; 3]);
        assert_eq!(halves[4..6], [f16::MIN, f16::MAX]);
        assert!(halves[6].is_nan());
    }
}
