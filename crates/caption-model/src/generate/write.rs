use super::{
    decoder::Decoder,
    options::Search,
    search,
    task::{Task, Written},
    words,
};
use crate::error::Error;

/// Writes `comments` comments by the search that the options ask for. `state` has a row for each; the first is number `first` among
/// all that were asked for.
pub(super) fn write<D: Decoder>(
    task: &Task<'_, D>,
    state: D::State,
    comments: usize,
    first: usize,
) -> Result<Vec<Written>, Error> {
    let rngs = (first..first + comments)
        .map(|number| task.rng(number))
        .collect();
    match &task.options.search {
        Search::Beam(beam) => search::write(task, state, rngs, beam),
        Search::Greedy | Search::Sample(_) => words::write(task, state, rngs),
    }
}
