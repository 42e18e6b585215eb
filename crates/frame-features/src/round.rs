//! Features in half precision.

use half::f16;

/// The nearest number of f16; beyond its range, its largest.
pub(crate) fn to_f16(value: f32) -> f16 {
    let limit = f16::MAX.to_f32();
    f16::from_f32(value.clamp(-limit, limit))
}
