use caption_metrics::{AttentionDiagnostics, AttentionSum, Pairs};
use caption_model::Batch;

use super::{maps::Maps, probe::Probe};
use crate::error::Error;

/// Whether attention lives: measures the maps of `pairs`, teacher forced; `None` for a network
/// without attention or without pairs.
///
/// # Errors
///
/// Fails if a row cannot be read.
pub fn attention_guard(
    probe: &Probe<'_>,
    pairs: &Pairs,
) -> Result<Option<AttentionDiagnostics>, Error> {
    let mut sum = AttentionSum::default();
    for indices in pairs.batches_by_length(probe.batch_size) {
        let batch = Batch::load(pairs, &indices, probe.source, probe.device)?;
        let Some(maps) = Maps::of(probe.network, &batch)? else {
            return Ok(None);
        };
        for (at, &index) in indices.iter().enumerate() {
            let steps = 0..pairs.get(index).words.len() + 1;
            sum.add(steps.map(|step| (maps.get(at, step), maps.gate(at, step))));
        }
    }
    Ok(sum.finish())
}
