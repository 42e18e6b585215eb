//! The likeliest word.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::{
    panels::tiles,
    product::{PANEL, Sink, TILE, multiply},
    screen::Screen,
    word_layer::{PANELS, WordLayer},
};

/// Positions that are computed together.
const CHUNK: usize = 288;

/// A word layer made ready for finding the likeliest words.
#[derive(Debug)]
pub(crate) struct LikeliestWords {
    layer: WordLayer,
    screen: Option<Screen>,
}

impl LikeliestWords {
    /// Copies `weight`, `[d, num_words]`; `bias` holds `num_words` numbers or nothing.
    pub(crate) fn new(weight: &[f32], d: usize, bias: Option<&[f32]>) -> Self {
        let layer = WordLayer::new(weight, d, bias);
        let screen = Screen::new(weight, d, layer.bias());
        Self { layer, screen }
    }

    /// Forbids a word: its logit is `-inf`.
    pub(crate) fn ban(&mut self, word: usize) {
        self.layer.ban(word);
        if let Some(screen) = &mut self.screen {
            screen.ban(word);
        }
    }

    /// For each row of `deep`, `[positions, d]`, the word with the largest logit; the first of equals.
    pub(crate) fn find(&self, deep: &[f32]) -> Vec<usize> {
        let mut words = Vec::with_capacity(deep.len() / self.layer.d);
        for deep in deep.chunks(CHUNK * self.layer.d) {
            let screen = self.screen.as_ref();
            words.extend(match screen.and_then(|screen| screen.candidates(deep)) {
                Some(candidates) => self.among(deep, &candidates),
                None => self.among_all(deep),
            });
        }
        words
    }

    /// Logits are compared panel by panel while they are in registers, and never stored.
    fn among_all(&self, deep: &[f32]) -> Vec<usize> {
        let d = self.layer.d;
        let rows = deep.len() / d;
        let deep = tiles(deep, rows, d, d);
        let num_panels = self.layer.num_panels();
        let bests: Vec<Vec<Best>> = (0..num_panels.div_ceil(PANELS))
            .into_par_iter()
            .map(|block| {
                let panels = block * PANELS..num_panels.min((block + 1) * PANELS);
                self.best_of(panels, rows, &deep)
            })
            .collect();
        let mut words = vec![Best::NONE; rows];
        for (block, bests) in bests.iter().enumerate() {
            for (word, best) in words.iter_mut().zip(bests) {
                word.or(best, block * PANELS * PANEL);
            }
        }
        words.iter().map(|best| best.word).collect()
    }

    /// With the positions that each panel of words is to be looked at for.
    fn among(&self, deep: &[f32], candidates: &[Vec<usize>]) -> Vec<usize> {
        let d = self.layer.d;
        let bests: Vec<Vec<Best>> = candidates
            .par_iter()
            .enumerate()
            .map(|(panel, rows)| {
                if rows.is_empty() {
                    return Vec::new();
                }
                let row = |row: &usize| &deep[row * d..][..d];
                let deep = rows.iter().map(row).collect::<Vec<_>>().concat();
                let deep = tiles(&deep, rows.len(), d, d);
                self.best_of(panel..panel + 1, rows.len(), &deep)
            })
            .collect();
        let mut words = vec![Best::NONE; deep.len() / d];
        for (panel, (rows, bests)) in candidates.iter().zip(&bests).enumerate() {
            for (&row, best) in rows.iter().zip(bests) {
                words[row].or(best, panel * PANEL);
            }
        }
        words.iter().map(|best| best.word).collect()
    }

    /// The best words of some panels, counted from the first one's.
    fn best_of(&self, panels: std::ops::Range<usize>, rows: usize, deep: &[f32]) -> Vec<Best> {
        let (panels, bias) = self.layer.block(panels);
        Arch::new().dispatch(Block {
            rows,
            deep,
            panels,
            bias,
        })
    }
}

/// A word and its logit.
#[derive(Clone, Copy, Debug)]
struct Best {
    logit: f32,
    word: usize,
}

impl Best {
    const NONE: Self = Self {
        logit: f32::NEG_INFINITY,
        word: 0,
    };

    /// Takes another one, whose word is counted from `first`, if it is better.
    fn or(&mut self, other: &Self, first: usize) {
        if other.logit > self.logit {
            *self = Self {
                logit: other.logit,
                word: first + other.word,
            };
        }
    }
}

/// Some panels of words.
struct Block<'a> {
    rows: usize,
    /// In tiles.
    deep: &'a [f32],
    panels: &'a [f32],
    bias: &'a [f32],
}

impl WithSimd for Block<'_> {
    type Output = Vec<Best>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let nothing = (simd.splat_f32s(f32::NEG_INFINITY), simd.splat_u32s(0));
        let mut largest = vec![nothing; self.rows.next_multiple_of(TILE)];
        let num_panels = self.bias.len() / PANEL;
        for (number, (panel, bias)) in self
            .panels
            .chunks_exact(self.panels.len() / num_panels)
            .zip(self.bias.chunks_exact(PANEL))
            .enumerate()
        {
            let mut sink = Largest::<S> {
                largest: &mut largest,
                bias: S::as_simd_f32s(bias).0,
                vectors_before: number * PANEL / S::F32_LANES,
            };
            multiply(simd, self.deep, panel, &mut sink);
        }
        // No closures: they would not be compiled for the vectors of `S`.
        let mut bests = Vec::with_capacity(self.rows);
        for largest in &largest[..self.rows] {
            bests.push(first_largest::<S>(largest));
        }
        bests
    }
}

/// Keeps for each position and lane the largest logit and the number of its vector, the first of equals.
struct Largest<'a, S: Simd> {
    largest: &'a mut [(S::f32s, S::u32s)],
    bias: &'a [S::f32s],
    /// Vectors of the panels before this one.
    vectors_before: usize,
}

impl<S: Simd> Sink<S> for Largest<'_, S> {
    #[inline(always)]
    fn take<const V: usize>(
        &mut self,
        simd: S,
        tile: usize,
        first: usize,
        product: &[[S::f32s; V]; TILE],
    ) {
        let first = first / S::F32_LANES;
        let bias = &self.bias[first..];
        let rows = &mut self.largest[tile * TILE..];
        for ((largest, place), product) in rows.iter_mut().zip(product) {
            let vectors = self.vectors_before + first..;
            for ((number, product), bias) in vectors.zip(product).zip(bias) {
                let number = simd.splat_u32s(u32::try_from(number).unwrap_or(u32::MAX));
                let logit = simd.add_f32s(*product, *bias);
                let larger = simd.greater_than_f32s(logit, *largest);
                *largest = simd.select_f32s(larger, logit, *largest);
                *place = simd.select_u32s(larger, number, *place);
            }
        }
    }
}

/// The largest of the logits that were largest in each lane, by number of the vector, and its place; the first of equals.
#[inline(always)]
fn first_largest<S: Simd>((largest, vectors): &(S::f32s, S::u32s)) -> Best {
    let mut best = Best {
        word: usize::MAX,
        ..Best::NONE
    };
    let lanes = bytemuck::cast_slice::<S::f32s, f32>(std::slice::from_ref(largest));
    let vectors = bytemuck::cast_slice::<S::u32s, u32>(std::slice::from_ref(vectors));
    for (lane, (&logit, &vector)) in lanes.iter().zip(vectors).enumerate() {
        let word = vector as usize * S::F32_LANES + lane;
        if logit > best.logit || (logit == best.logit && word < best.word) {
            best = Best { logit, word };
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn with_and_without(
        weight: &[f32],
        d: usize,
        bias: Option<&[f32]>,
        deep: &[f32],
    ) -> Vec<usize> {
        let words = LikeliestWords::new(weight, d, bias);
        let found = words.find(deep);
        assert_eq!(found, words.among_all(deep));
        found
    }

    /// Of random layers, of words much longer than others, of words that differ in their last bits, and of equal ones: screened or
    /// not, the same words are found.
    #[test]
    fn screening_changes_nothing() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for (d, num_words, rows) in [(1, 3, 5), (7, 300, 13), (64, 1000, 100), (130, 700, 300)] {
            for spread in [0.0, 1e-6, 1.0] {
                let mut number = || random.random_range(-1.0f32..1.0);
                let common: Vec<f32> = (0..d).map(|_| number()).collect();
                let mut weight = vec![0.0; d * num_words];
                for (place, row) in weight.chunks_exact_mut(num_words).enumerate() {
                    for (word, weight) in row.iter_mut().enumerate() {
                        let length = if word % 97 == 0 { 30.0 } else { 1.0 };
                        *weight = length * (common[place] + spread * number());
                    }
                }
                let bias: Vec<f32> = (0..num_words).map(|_| spread * number()).collect();
                let mut deep: Vec<f32> = (0..d * rows).map(|_| number()).collect();
                deep[..d].fill(0.0);
                with_and_without(&weight, d, Some(&bias), &deep);
                with_and_without(&weight, d, None, &deep);
            }
        }
    }

    /// Few candidates are left of layers as they are learnt; without these instructions there is nothing to see.
    #[test]
    fn most_words_are_screened_out() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let (d, num_words, rows) = (256, 3000, 60);
        let mut number = || random.random_range(-1.0f32..1.0);
        let weight: Vec<f32> = (0..d * num_words).map(|_| number()).collect();
        let deep: Vec<f32> = (0..d * rows).map(|_| number()).collect();
        let words = LikeliestWords::new(&weight, d, None);
        let Some(screen) = &words.screen else {
            eprintln!("skipped: this processor has no AVX-512 VNNI");
            return;
        };
        let candidates = screen.candidates(&deep).expect("the numbers are small");
        let number: usize = candidates.iter().map(Vec::len).sum();
        assert!(
            (rows..rows * 10).contains(&number),
            "{number} of {}",
            47 * rows
        );
    }

    /// Numbers that cannot be rounded to integers, and words that may not be chosen.
    #[test]
    fn what_is_not_finite() {
        for odd in [f32::NAN, f32::INFINITY, 1e30] {
            assert_eq!(
                with_and_without(&[odd, 1.0, 2.0], 1, None, &[0.5, 1.0]).len(),
                2
            );
            assert_eq!(
                with_and_without(&[1.0, 3.0, 2.0], 1, None, &[odd, 1.0])[1],
                1
            );
        }
        let mut words = LikeliestWords::new(&[1.0, 3.0, 2.0], 1, None);
        words.ban(1);
        assert_eq!(words.find(&[1.0, -1.0]), [2, 0]);
    }
}
