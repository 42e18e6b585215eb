//! A model whose probabilities are written down: the next word depends on the last one alone.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::{
    GenerateOptions,
    constraints::Constraints,
    decode_batch::{DecodeBatch, Generated},
    decoder::{Decoder, Step},
    write::{write, write_best},
};

/// `probabilities[last][next]`, the special words counted; a row of its own for every frame would
/// make no difference.
pub(super) struct Chain {
    num_words: usize,
    logits: Vec<f32>,
    device: Device,
}

impl Chain {
    /// Nothing may follow a word that has no row.
    pub(super) fn new(num_words: usize, rows: &[(u32, &[(u32, f32)])]) -> Self {
        let mut logits = vec![f32::NEG_INFINITY; num_words * num_words];
        for (last, nexts) in rows {
            for (next, probability) in *nexts {
                logits[*last as usize * num_words + *next as usize] = probability.ln();
            }
        }
        Self {
            num_words,
            logits,
            device: Device::flex(),
        }
    }

    /// Writes `comments` comments; no word is a symbol.
    pub(super) fn write(&self, comments: usize, options: &GenerateOptions) -> Vec<Generated> {
        let constraints = Constraints::with_symbols(self.num_words, |_| false, options);
        let task = DecodeBatch::new(self, constraints, options, &self.device).unwrap();
        let mut written = Vec::new();
        while written.len() < comments {
            let count = options.comments_at_once().min(comments - written.len());
            written.extend(write(&task, vec![0; count], count, written.len()).unwrap());
        }
        written
    }

    /// The words of one comment.
    pub(super) fn words(&self, options: &GenerateOptions) -> Vec<u32> {
        self.write(1, options).remove(0).words
    }

    /// The words of the best comments, the best first.
    pub(super) fn n_best(&self, num_best: usize, options: &GenerateOptions) -> Vec<Vec<u32>> {
        let constraints = Constraints::with_symbols(self.num_words, |_| false, options);
        let task = DecodeBatch::new(self, constraints, options, &self.device).unwrap();
        let written = write_best(&task, vec![0], 1, 0, num_best)
            .unwrap()
            .remove(0);
        written.into_iter().map(|one| one.words).collect()
    }

    pub(super) fn log_probability(&self, last: u32, next: u32) -> f64 {
        f64::from(self.logits[last as usize * self.num_words + next as usize])
    }
}

impl Decoder for Chain {
    /// How many words each row has read.
    type State = Vec<usize>;

    /// Looks at the location that is the number of words read before, with the gate at a tenth of
    /// the last word.
    fn step(&self, words: Tensor<1, Int>, state: Vec<usize>) -> Step<Vec<usize>> {
        let words = words.try_into_vec_as::<i64>().unwrap();
        assert_eq!(words.len(), state.len(), "a state for each row");
        let rows = words.len();
        let logits = words
            .iter()
            .flat_map(|&word| {
                let start = usize::try_from(word).unwrap() * self.num_words;
                self.logits[start..start + self.num_words].iter().copied()
            })
            .collect::<Vec<f32>>();
        let mut weights = vec![0f32; rows * 8];
        for (row, &read) in state.iter().enumerate() {
            weights[row * 8 + read.min(7)] = 1.0;
        }
        let gates: Vec<f32> = words.iter().map(|&word| word as f32 / 10.0).collect();
        let tensor = |values: Vec<f32>, columns: usize| {
            Tensor::from_data(TensorData::new(values, [rows, columns]), &self.device)
        };
        Step {
            pre_logits: tensor(logits, self.num_words),
            weights: Some(tensor(weights, 8)),
            gates: Some(tensor(gates, 1)),
            state: state.into_iter().map(|read| read + 1).collect(),
        }
    }

    fn logits(&self, pre_logits: Tensor<2>) -> Tensor<2> {
        pre_logits
    }

    type Argmax = Tensor<2>;

    fn argmax(&self, mask: &[f32]) -> Tensor<2> {
        let mask = TensorData::new(mask.to_vec(), [1, mask.len()]);
        Tensor::from_data(mask, &self.device)
    }

    fn best(&self, pre_logits: Tensor<2>, mask: &Tensor<2>) -> Tensor<1, Int> {
        (pre_logits + mask.clone()).argmax(1).squeeze_dim(1)
    }

    fn select(&self, state: Vec<usize>, rows: Tensor<1, Int>) -> Vec<usize> {
        let rows = rows.try_into_vec_as::<i64>().unwrap();
        rows.into_iter()
            .map(|row| state[usize::try_from(row).unwrap()])
            .collect()
    }
}

mod tests {
    use jp_tokenize::{BOS, EOS};

    use super::*;
    use crate::generate::{Beam, LengthPenalty, Sampling, WordAttention};

    const A: u32 = 4;
    const B: u32 = 5;
    const C: u32 = 6;

    /// A is likelier than B at first (0.55 to 0.45), but what follows A is uncertain: the best
    /// comment with A has 0.55 x 0.4 = 0.22, B C has 0.45 x 0.9 = 0.405.
    fn garden_path() -> Chain {
        Chain::new(
            7,
            &[
                (BOS, &[(A, 0.55), (B, 0.45)]),
                (A, &[(A, 0.3), (B, 0.3), (EOS, 0.4)]),
                (B, &[(C, 0.9), (EOS, 0.1)]),
                (C, &[(EOS, 1.0)]),
            ],
        )
    }

    fn beam(width: usize, penalty: LengthPenalty) -> GenerateOptions {
        GenerateOptions::beam(Beam::new(width).length_penalty(penalty))
    }

    #[test]
    fn a_beam_finds_what_greedy_misses() {
        let chain = garden_path();
        assert_eq!(chain.words(&GenerateOptions::greedy()), [A]);
        assert_eq!(chain.words(&beam(1, LengthPenalty::None)), [A]);
        assert_eq!(chain.words(&beam(2, LengthPenalty::None)), [B, C]);
    }

    /// "A" has 0.5, "B C C" 0.5 x 0.9 x 0.9 x 0.9 = 0.3645. Of log-probabilities A wins, −0.693 to
    /// −1.009; over the number of words, <eos> counted, it is −0.347 to −0.252; by Wu et al. with α
    /// = 0.6, −0.693 / (7/6)^0.6 = −0.632 to −1.009 / (9/6)^0.6 = −0.791, with α = 2 −0.509 to
    /// −0.449.
    #[test]
    fn length_penalties_weigh_long_comments() {
        let chain = Chain::new(
            8,
            &[
                (BOS, &[(A, 0.5), (B, 0.5)]),
                (A, &[(EOS, 1.0)]),
                (B, &[(C, 0.9), (EOS, 0.1)]),
                (C, &[(7, 0.9), (EOS, 0.1)]),
                (7, &[(EOS, 0.9), (A, 0.1)]),
            ],
        );
        let write = |penalty| chain.words(&beam(4, penalty));
        assert_eq!(write(LengthPenalty::None), [A]);
        assert_eq!(write(LengthPenalty::Power { alpha: 1.0 }), [B, C, 7]);
        assert_eq!(write(LengthPenalty::Wu { alpha: 0.6 }), [A]);
        assert_eq!(write(LengthPenalty::Wu { alpha: 2.0 }), [B, C, 7]);
    }

    /// Every comment of up to `left` more words, with its log-probability; its end is counted.
    fn all(
        chain: &Chain,
        words: &[u32],
        log_probability: f64,
        left: usize,
    ) -> Vec<(Vec<u32>, f64)> {
        let last = words.last().copied().unwrap_or(BOS);
        let mut found = Vec::new();
        if !words.is_empty() {
            let ended = log_probability + chain.log_probability(last, EOS);
            found.push((words.to_vec(), ended));
        }
        if left > 0 {
            for next in [A, B, C] {
                let longer = [words, &[next]].concat();
                let log_probability = log_probability + chain.log_probability(last, next);
                found.extend(all(chain, &longer, log_probability, left - 1));
            }
        }
        found
    }

    /// A beam as wide as there are comments leaves none out: three words, up to three of them, 27
    /// beginnings at most.
    #[test]
    fn the_widest_beam_is_exhaustive_search() {
        use rand::{RngExt, SeedableRng};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        for _ in 0..30 {
            let mut row = || {
                let weights: [f32; 4] = std::array::from_fn(|_| rng.random_range(0.02..1.0));
                let total: f32 = weights.iter().sum();
                let [a, b, c, eos] = weights.map(|weight| weight / total);
                [(A, a), (B, b), (C, c), (EOS, eos)]
            };
            let rows = [row(), row(), row(), row()];
            let rows: Vec<(u32, &[(u32, f32)])> = [BOS, A, B, C]
                .into_iter()
                .zip(rows.iter().map(|row| &row[..]))
                .collect();
            let chain = Chain::new(7, &rows);
            for penalty in [
                LengthPenalty::None,
                LengthPenalty::Wu { alpha: 0.8 },
                LengthPenalty::Power { alpha: 1.0 },
            ] {
                let score = |(words, log_probability): &(Vec<u32>, f64)| {
                    log_probability / penalty.divisor(words.len() + 1)
                };
                let mut ranked = all(&chain, &[], 0.0, 3);
                ranked.sort_by(|a, b| score(b).total_cmp(&score(a)));
                let ranked: Vec<Vec<u32>> = ranked.into_iter().map(|(words, _)| words).collect();
                let found = chain.words(&beam(27, penalty).max_words(3));
                assert_eq!(found, ranked[0], "{penalty:?}");
                // As wide as there are continuations: none that ends a comment is passed over.
                let found = chain.n_best(6, &beam(36, penalty).max_words(3));
                assert_eq!(found, ranked[..6], "{penalty:?}");
            }
        }
    }

    #[test]
    fn frames_in_a_batch_do_not_disturb_each_other() {
        let chain = garden_path();
        for batch_size in [1, 4, 7, 100] {
            let options = GenerateOptions::beam(Beam::new(2).length_penalty(LengthPenalty::None))
                .first_word(Sampling::default())
                .batch_size(batch_size)
                .seed(3);
            let written: Vec<_> = chain
                .write(40, &options)
                .into_iter()
                .map(|w| w.words)
                .collect();
            let alone = GenerateOptions {
                batch_size: 2,
                ..options
            };
            let expected: Vec<_> = chain
                .write(40, &alone)
                .into_iter()
                .map(|w| w.words)
                .collect();
            assert_eq!(written, expected);
            assert!(written.contains(&vec![A]) && written.contains(&vec![B, C]));
        }
    }

    /// With the map at the number of words read and the gate at a tenth of the last word, B C was
    /// written after looking at location 0 with gate 0.1 (after <bos>) and at location 1 with gate
    /// 0.5.
    #[test]
    fn looks_follow_the_words_through_the_beam() {
        let chain = garden_path();
        let look = |location: usize, gate: f32| {
            let mut weights = vec![0.0; 8];
            weights[location] = 1.0;
            WordAttention {
                weights,
                gate: Some(gate),
            }
        };
        let options = beam(2, LengthPenalty::None).attention(true);
        let written = chain.write(3, &options);
        assert_eq!(written[2].looks, [look(0, 0.1), look(1, 0.5)]);
        let greedy = chain.write(1, &GenerateOptions::greedy().attention(true));
        assert_eq!(greedy[0].looks, [look(0, 0.1)]);
        assert!(
            chain.write(1, &GenerateOptions::greedy())[0]
                .looks
                .is_empty()
        );
    }

    /// Without an end in sight: the longest comment is cut, the shortest has to go on.
    #[test]
    fn lengths_are_kept() {
        let endless = Chain::new(5, &[(BOS, &[(A, 1.0)]), (A, &[(A, 0.9), (EOS, 0.1)])]);
        for options in [
            GenerateOptions::greedy(),
            beam(3, LengthPenalty::Power { alpha: 2.0 }),
            GenerateOptions::sample(Sampling::default().top_k(1)),
        ] {
            assert_eq!(endless.words(&options.max_words(6)), [A; 6]);
        }
        let brief = Chain::new(5, &[(BOS, &[(A, 1.0)]), (A, &[(A, 0.1), (EOS, 0.9)])]);
        for options in [GenerateOptions::greedy(), beam(3, LengthPenalty::None)] {
            assert_eq!(brief.words(&options.clone().min_words(4)), [A; 4]);
            assert_eq!(brief.words(&options), [A]);
        }
    }

    #[test]
    fn repetition_is_controlled_in_every_search() {
        let chain = Chain::new(
            7,
            &[
                (BOS, &[(A, 1.0)]),
                (A, &[(A, 0.6), (B, 0.3), (EOS, 0.1)]),
                (B, &[(A, 0.9), (EOS, 0.1)]),
            ],
        );
        for options in [
            GenerateOptions::greedy(),
            beam(2, LengthPenalty::Power { alpha: 3.0 }),
            GenerateOptions::sample(Sampling::default().top_k(1)),
        ] {
            let options = options.max_words(5);
            assert_eq!(chain.words(&options), [A; 5]);
            assert_eq!(chain.words(&options.clone().no_repeat_ngram(1)), [A, B]);
        }
        // After A the second A counts 0.6³ = 0.216 only, less than B.
        let penalised = GenerateOptions::greedy().repetition_penalty(3.0);
        assert_eq!(chain.words(&penalised)[..2], [A, B]);
    }

    #[test]
    fn where_nothing_may_follow_the_comment_ends() {
        let stuck = Chain::new(5, &[(BOS, &[(A, 1.0)]), (A, &[(A, 1.0)])]);
        for options in [
            GenerateOptions::greedy(),
            beam(2, LengthPenalty::None),
            GenerateOptions::default(),
        ] {
            assert_eq!(stuck.words(&options.no_repeat_ngram(1)), [A]);
        }
        let mute = Chain::new(5, &[]);
        for options in [GenerateOptions::greedy(), beam(2, LengthPenalty::None)] {
            assert!(mute.words(&options).is_empty());
        }
    }

    /// Drawn words come as often as they are probable, each comment with numbers of its own.
    #[test]
    fn sampled_comments_follow_the_model() {
        let chain = garden_path();
        let options = GenerateOptions::sample(Sampling::default());
        let written = chain.write(4_000, &options);
        let share = |words: &[u32]| {
            written
                .iter()
                .filter(|written| written.words == words)
                .count() as f64
                / 4_000.0
        };
        assert!((share(&[A]) - 0.22).abs() < 0.03, "{}", share(&[A]));
        assert!((share(&[B, C]) - 0.405).abs() < 0.03, "{}", share(&[B, C]));
        let again = chain.write(4_000, &options.clone().batch_size(33));
        assert_eq!(written, again);
        assert_ne!(written, chain.write(4_000, &options.seed(2)));
    }
}
