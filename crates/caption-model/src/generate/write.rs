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
    let best = write_best(task, state, comments, first, 1)?;
    Ok(best.into_iter().flatten().collect())
}

/// As [`write`], the `num_best` best comments that a beam finds, or as many as it does, the best
/// first; greedy decoding and sampling write one.
pub(super) fn write_best<D: Decoder>(
    task: &DecodeBatch<'_, D>,
    state: D::State,
    comments: usize,
    first: usize,
    num_best: usize,
) -> Result<Vec<Vec<Generated>>, Error> {
    let rngs = (first..first + comments)
        .map(|number| task.rng(number))
        .collect();
    match &task.options.decoding {
        Decoding::Beam(beam) => beam_search::write(task, state, rngs, beam, num_best),
        Decoding::Greedy | Decoding::Sample(_) => {
            let written = stepwise::write(task, state, rngs)?;
            Ok(written.into_iter().map(|one| vec![one]).collect())
        }
    }
}
