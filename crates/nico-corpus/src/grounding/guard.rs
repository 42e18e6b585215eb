use caption_metrics::{AttentionGuard, AttentionSum, Pairs};
use caption_model::Batch;

use super::{asked::Asked, maps::Maps};
use crate::error::Error;

/// Whether attention lives: measures the maps of `pairs`, teacher forced; `None` for a network
/// without attention or without pairs.
///
/// # Errors
///
/// Fails if a row cannot be read.
pub fn attention_guard(asked: &Asked<'_>, pairs: &Pairs) -> Result<Option<AttentionGuard>, Error> {
    let mut sum = AttentionSum::default();
    for indices in pairs.batches_by_length(asked.batch_size) {
        let batch = Batch::load(pairs, &indices, asked.source, asked.device)?;
        let Some(maps) = Maps::of(asked.network, &batch)? else {
            return Ok(None);
        };
        for (at, &index) in indices.iter().enumerate() {
            let steps = 0..pairs.get(index).words.len() + 1;
            sum.add(steps.map(|step| (maps.get(at, step), maps.gate(at, step))));
        }
    }
    Ok(sum.finish())
}
