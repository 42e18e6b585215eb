//! What `vnni.rs` computes, number by number: the same sums, the same order of roundings.

use super::quantized::{Bounds, GROUP, LANES, Panel, QuantizedRows};
use crate::cpu::product::{PANEL, TILE};

/// What the logits of a panel's classes can be at each row.
pub(super) fn bounds(weights: &[i8], panel: &Panel, rows: &QuantizedRows, bounds: &mut Bounds<'_>) {
    let groups = weights.as_chunks::<GROUP>().0.as_chunks::<PANEL>().0;
    let tiles = rows.values.as_chunks::<TILE>().0;
    let lowest = bounds.lower.as_chunks_mut::<LANES>().0;
    for (number, (row, lowest)) in rows.rows.iter().zip(lowest).enumerate() {
        let tile = &tiles[number / TILE * groups.len()..][..groups.len()];
        let mut upper = f32::NEG_INFINITY;
        for class in 0..PANEL {
            let mut sum = panel.start[class];
            for (values, weights) in tile.iter().zip(groups) {
                let values = values[number % TILE].to_le_bytes();
                for (value, weight) in values.into_iter().zip(weights[class]) {
                    sum += i32::from(value) * i32::from(weight);
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "as the instruction rounds")]
            let sum = sum as f32;
            let logit = sum.mul_add(row.scale * panel.scale[class], panel.bias[class]);
            let spread = panel.norm[class].mul_add(row.error, panel.slack[class]);
            let spread = panel.error[class].mul_add(row.norm, spread);
            let lower = &mut lowest[class % LANES];
            *lower = lower.max(logit - spread);
            upper = upper.max(logit + spread);
        }
        bounds.upper[number] = upper;
    }
}
