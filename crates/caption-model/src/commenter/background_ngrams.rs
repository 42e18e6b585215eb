//! Counts of the n-grams of what was learnt from.

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::{
    recalling::NUM_ORDERS,
    stream::StreamEvent,
    stream_ngrams::{Followers, context_hashes, event_tokens},
};
use crate::model_problem::ModelProblem;

/// How often an n-gram must stand in what is learnt from to be kept.
const LEAST: u32 = 2;
/// The tensors of its file: hashes of contexts, where the tokens after each begin, these tokens, and
/// how often each follows.
const TENSORS: [&str; 4] = ["contexts", "starts", "tokens", "counts"];

/// What people write after the same none to three pieces in the videos that were learnt from: the
/// background model of a cache (Kuhn and De Mori, "A cache-based natural language model for speech
/// recognition", 1990), where a video's own counts are the cache.
///
/// Of typed comments, with their beginnings and ends; n-grams that stand there once are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackgroundNgrams {
    /// In order.
    contexts: Vec<u64>,
    /// Where what follows each context begins, and the end of the last.
    starts: Vec<u32>,
    /// Tokens in order, and how often each follows.
    next: Vec<(u32, u32)>,
    /// How often anything does.
    totals: Vec<u32>,
}

/// None at all.
impl Default for BackgroundNgrams {
    fn default() -> Self {
        Self::of_parts(Vec::new(), vec![0], Vec::new())
    }
}

impl BackgroundNgrams {
    /// Counts what stands in events.
    #[must_use]
    pub fn count<'a>(events: impl Iterator<Item = &'a StreamEvent> + Clone) -> Self {
        let mut counted: Vec<(u64, Vec<(u32, u32)>)> = Vec::new();
        // One order after the other: all at once would take four times the memory.
        for order in 0..NUM_ORDERS {
            let mut seen: Vec<(u64, u32)> = Vec::new();
            for event in events.clone().filter(|event| event.is_typed()) {
                let tokens = event_tokens(event);
                let after = (1..tokens.len()).filter_map(|at| {
                    let context = context_hashes(&tokens[..at]).nth(order)?;
                    Some((context, tokens[at]))
                });
                seen.extend(after);
            }
            seen.sort_unstable();
            for same in seen.chunk_by(|one, other| one.0 == other.0) {
                let next: Vec<(u32, u32)> = (same.chunk_by(|one, other| one.1 == other.1))
                    .map(|equal| (equal[0].1, u32::try_from(equal.len()).unwrap_or(u32::MAX)))
                    .filter(|(_, count)| *count >= LEAST)
                    .collect();
                if !next.is_empty() {
                    counted.push((same[0].0, next));
                }
            }
        }
        // A hash that two orders share would be found for both: as likely as for two contexts of one.
        counted.sort_unstable_by_key(|(context, _)| *context);
        counted.dedup_by_key(|(context, _)| *context);
        let contexts = counted.iter().map(|(context, _)| *context).collect();
        let mut starts = vec![0];
        let mut next = Vec::new();
        for (_, some) in counted {
            next.extend(some);
            starts.push(u32::try_from(next.len()).unwrap_or(u32::MAX));
        }
        Self::of_parts(contexts, starts, next)
    }

    fn of_parts(contexts: Vec<u64>, starts: Vec<u32>, next: Vec<(u32, u32)>) -> Self {
        let total = |range: &[u32]| {
            let next = &next[range[0] as usize..range[1] as usize];
            next.iter()
                .map(|(_, count)| *count)
                .fold(0, u32::saturating_add)
        };
        Self {
            totals: starts.windows(2).map(total).collect(),
            contexts,
            starts,
            next,
        }
    }

    /// Number of n-grams.
    #[must_use]
    pub fn len(&self) -> usize {
        self.next.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next.is_empty()
    }

    /// What follows a context.
    pub(super) fn after(&self, context: u64) -> Option<Followers<'_>> {
        let at = self.contexts.binary_search(&context).ok()?;
        let range = self.starts[at] as usize..self.starts[at + 1] as usize;
        Some(Followers {
            count: self.totals[at],
            next: &self.next[range],
        })
    }

    /// As a safetensors file.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, ModelProblem> {
        let contexts: Vec<u8> = self
            .contexts
            .iter()
            .flat_map(|one| one.to_le_bytes())
            .collect();
        let bytes = |values: &mut dyn Iterator<Item = u32>| -> Vec<u8> {
            values.flat_map(u32::to_le_bytes).collect()
        };
        let parts = [
            (Dtype::U64, contexts),
            (Dtype::U32, bytes(&mut self.starts.iter().copied())),
            (Dtype::U32, bytes(&mut self.next.iter().map(|next| next.0))),
            (Dtype::U32, bytes(&mut self.next.iter().map(|next| next.1))),
        ];
        let views = parts.iter().map(|(dtype, data)| {
            let shape = vec![data.len() * 8 / dtype.bitsize()];
            TensorView::new(*dtype, shape, data)
        });
        let views: Vec<_> = views
            .collect::<Result<_, _>>()
            .map_err(ModelProblem::unwritable)?;
        safetensors::serialize(TENSORS.into_iter().zip(views), None)
            .map_err(ModelProblem::unwritable)
    }

    /// From a safetensors file.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, ModelProblem> {
        let file = SafeTensors::deserialize(bytes)
            .map_err(|error| ModelProblem::NotSafetensors(Box::new(error)))?;
        let tensor = |number: usize, dtype: Dtype| {
            let name = TENSORS[number];
            let view = file
                .tensor(name)
                .map_err(|_| ModelProblem::NoTensor { name })?;
            match view.dtype() == dtype {
                true => Ok(view.data()),
                false => Err(ModelProblem::Ngrams("a tensor is of another type")),
            }
        };
        let numbers = |number: usize| -> Result<Vec<u32>, ModelProblem> {
            let (values, _) = tensor(number, Dtype::U32)?.as_chunks();
            Ok(values
                .iter()
                .map(|bytes| u32::from_le_bytes(*bytes))
                .collect())
        };
        let (contexts, _) = tensor(0, Dtype::U64)?.as_chunks();
        let contexts: Vec<u64> = contexts
            .iter()
            .map(|bytes| u64::from_le_bytes(*bytes))
            .collect();
        let (starts, tokens, counts) = (numbers(1)?, numbers(2)?, numbers(3)?);
        let next: Vec<(u32, u32)> = tokens.iter().copied().zip(counts.iter().copied()).collect();
        let ends = starts.first() == Some(&0)
            && starts.last().map(|end| *end as usize) == Some(next.len());
        if tokens.len() != counts.len()
            || starts.len() != contexts.len() + 1
            || !ends
            || !starts.is_sorted()
            || !contexts.is_sorted()
        {
            return Err(ModelProblem::Ngrams("its tensors do not fit each other"));
        }
        let in_order = |range: &[u32]| {
            let next = &next[range[0] as usize..range[1] as usize];
            next.is_sorted_by_key(|(token, _)| *token) && next.iter().all(|(_, count)| *count > 0)
        };
        match starts.windows(2).all(in_order) {
            true => Ok(Self::of_parts(contexts, starts, next)),
            false => Err(ModelProblem::Ngrams("its tokens are not in order")),
        }
    }
}

#[cfg(test)]
mod tests {
    use jp_tokenize::{BOS, EOS};

    use super::*;
    use crate::commenter::stream_ngrams::tests::comment;

    fn counted() -> BackgroundNgrams {
        let texts = [&[300, 301][..], &[300, 301], &[300, 302], &[303]];
        let events: Vec<StreamEvent> = texts.into_iter().map(comment).collect();
        BackgroundNgrams::count(events.iter())
    }

    #[test]
    fn what_stands_twice_is_counted() {
        let ngrams = counted();
        let after = |before: &[u32]| {
            let hash = context_hashes(before).last().unwrap();
            ngrams
                .after(hash)
                .map(|found| (found.count, found.next.to_vec()))
        };
        assert_eq!(after(&[]), Some((9, vec![(EOS, 4), (300, 3), (301, 2)])));
        assert_eq!(after(&[BOS]), Some((3, vec![(300, 3)])));
        assert_eq!(after(&[BOS, 300]), Some((2, vec![(301, 2)])));
        assert_eq!(after(&[303]), None);
    }

    #[test]
    fn a_file_comes_back() {
        for ngrams in [counted(), BackgroundNgrams::default()] {
            let bytes = ngrams.to_bytes().unwrap();
            assert_eq!(BackgroundNgrams::from_bytes(&bytes).unwrap(), ngrams);
        }
    }

    /// Whatever a file holds, it is refused or can be used.
    #[test]
    fn damaged_files_are_refused() {
        let good = counted().to_bytes().unwrap();
        let problem = |bytes: &[u8]| BackgroundNgrams::from_bytes(bytes).unwrap_err().to_string();
        assert_eq!(problem(&good[..40]), "it is no safetensors file");
        let data = SafeTensors::read_metadata(&good).unwrap().0 + 8;
        let mut refused = 0;
        for at in data..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0x81;
            match BackgroundNgrams::from_bytes(&bytes) {
                Ok(ngrams) => {
                    for context in ngrams.contexts.clone() {
                        assert!(ngrams.after(context).unwrap().count > 0);
                    }
                }
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 0);
    }
}
