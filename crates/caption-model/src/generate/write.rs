use super::{
    beam_search,
    decode_batch::{DecodeBatch, Generated},
    decoder::Decoder,
    options::Decoding,
    stepwise,
};
use crate::error::Error;

/// Writes `comments` comments by the search that the options ask for. `state` has a row for each;
/// the first is number `first` among all that were asked for.
pub(super) fn write<D: Decoder>(
    task: &DecodeBatch<'_, D>,
    state: D::State,
    comments: usize,
    first: usize,
) -> Result<Vec<Generated>, Error> {
    let rngs = (first..first + comments)
        .map(|number| task.rng(number))
        .collect();
    match &task.options.decoding {
        Decoding::Beam(beam) => beam_search::write(task, state, rngs, beam),
        Decoding::Greedy | Decoding::Sample(_) => stepwise::write(task, state, rngs),
    }
}
