use super::base_split::BaseSplit;
use super::candidates::{Candidates, Occurrence};
use super::code_lengths::{CharacterModel, CodeLengths, Counts};
use super::corpus::Corpus;
use super::cross_validation;
use super::lattice::{Costs, Edge, Lattice};
use super::options::SlangOptions;

/// How often the texts are split anew with the candidates that are left.
const ROUNDS: usize = 5;

/// How often candidates without a gain on held-out texts are dropped.
const HELD_OUT_ROUNDS: usize = 3;

/// A candidate that was chosen.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) candidate: u32,
    /// The weighted number of its occurrences in the best split of the texts.
    pub(super) used: u32,
    /// The bits that all these save, less those that spell the word once.
    pub(super) gain: f64,
    /// The bits that each of them saves.
    pub(super) bits_saved: f64,
}

/// What of the candidates is chosen, the best first, and which of their occurrences are words.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub(super) chosen: Vec<Chosen>,
    /// For each of the candidates' occurrences.
    pub(super) used: Vec<bool>,
}

/// Chooses the candidates that shorten the texts' description, and of these the ones that help a
/// model on held-out texts.
pub(super) fn select(
    corpus: &Corpus,
    texts: &[&str],
    base: &BaseSplit,
    candidates: &Candidates,
    options: &SlangOptions,
) -> Selection {
    let mut splitter = Splitter::new(corpus, base, candidates);
    for _ in 0..ROUNDS {
        splitter.split();
        splitter.keep_short(options);
    }
    if let Some(standard_errors) = options.min_held_out_gain {
        let before = cross_validation::bits(texts, &base.begins(corpus), corpus);
        for _ in 0..HELD_OUT_ROUNDS {
            let after = cross_validation::bits(texts, &splitter.begins, corpus);
            splitter.keep_with_held_out_gain(&before, &after, standard_errors);
            splitter.split();
            splitter.keep_short(options);
        }
    }
    splitter.split();
    splitter.into_selection(options)
}

/// Splits all texts again and again.
struct Splitter<'a> {
    corpus: &'a Corpus,
    base: &'a BaseSplit,
    candidates: &'a Candidates,
    characters: CharacterModel,
    counts: Counts,
    lattice: Lattice,
    /// For each candidate how often it counted, by weight, and the bits that this saved.
    uses: Vec<(u64, f64)>,
    /// For each occurrence whether it is a word.
    used: Vec<bool>,
    /// For each character whether a word begins there.
    begins: Vec<bool>,
}

impl<'a> Splitter<'a> {
    fn new(corpus: &'a Corpus, base: &'a BaseSplit, candidates: &'a Candidates) -> Self {
        let counts = candidates
            .list
            .iter()
            .map(|candidate| Some(u64::from(candidate.count)));
        let mut words = vec![0; base.num_words];
        for number in 0..corpus.starts.len() {
            let weight = corpus.weights[corpus.starts[number] as usize];
            for token in base.of_text(number) {
                words[token.word as usize] += u64::from(weight);
            }
        }
        Self {
            corpus,
            base,
            candidates,
            characters: CharacterModel::new(corpus),
            counts: Counts {
                words,
                candidates: counts.collect(),
            },
            lattice: Lattice::default(),
            uses: Vec::new(),
            used: Vec::new(),
            begins: Vec::new(),
        }
    }

    /// Splits all texts with the candidates that are left and counts anew.
    fn split(&mut self) {
        let (corpus, candidates) = (self.corpus, self.candidates);
        let costs = Costs {
            corpus,
            base: self.base,
            code_lengths: &CodeLengths::new(&self.counts),
            characters: &self.characters,
        };
        let mut words = vec![0; self.counts.words.len()];
        self.uses = vec![(0, 0.0); candidates.list.len()];
        self.used = vec![false; candidates.occurrences.len()];
        self.begins = vec![false; corpus.chars.len()];
        let mut next = 0;
        for number in 0..corpus.starts.len() {
            let text = corpus.text(number);
            let first = next;
            let here = |occurrence: &Occurrence| (occurrence.start as usize) < text.end;
            next += candidates.occurrences[first..]
                .iter()
                .take_while(|o| here(o))
                .count();
            let occurrences = &candidates.occurrences[first..next];
            self.lattice.split(number, occurrences, &costs);
            let weight = corpus.weights[corpus.starts[number] as usize];
            self.lattice.read(|start, edge, saving| {
                self.begins[text.start + start] = true;
                match edge {
                    Edge::Word(word) => words[word as usize] += u64::from(weight),
                    Edge::Candidate(at) => {
                        let (count, saved) = &mut self.uses[occurrences[at].candidate as usize];
                        *count += u64::from(weight);
                        *saved += f64::from(weight) * saving;
                        self.used[first + at] = true;
                    }
                    Edge::Gap | Edge::Piece => {}
                }
            });
        }
        self.counts.words = words;
        for (count, &(uses, _)) in self.counts.candidates.iter_mut().zip(&self.uses) {
            *count = count.map(|_| uses);
        }
    }

    fn gain(&self, number: usize) -> f64 {
        let candidate = &self.candidates.list[number];
        let place = candidate.start as usize..(candidate.start + candidate.len) as usize;
        self.uses[number].1 - self.characters.bits_of_word(&self.corpus.chars[place])
    }

    /// Drops the candidates that save no bits in held-out texts in which they are words: what a
    /// text takes less is shared between its occurrences of candidates.
    fn keep_with_held_out_gain(&mut self, before: &[f64], after: &[f64], standard_errors: f64) {
        let occurrences = &self.candidates.occurrences;
        // Of the bits saved and of their squares.
        let mut sums = vec![(0.0, 0.0); self.candidates.list.len()];
        let mut at = 0;
        for (number, (before, after)) in before.iter().zip(after).enumerate() {
            let text = self.corpus.text(number);
            let weight = f64::from(self.corpus.weights[text.start]);
            let first = at;
            at += occurrences[first..]
                .iter()
                .take_while(|o| (o.start as usize) < text.end)
                .count();
            let used = (first..at).filter(|&at| self.used[at]);
            let share = weight * (before - after) / used.clone().count().max(1) as f64;
            for at in used {
                let (sum, squares) = &mut sums[occurrences[at].candidate as usize];
                *sum += share;
                *squares += share * share;
            }
        }
        for (count, (sum, squares)) in self.counts.candidates.iter_mut().zip(sums) {
            if sum < standard_errors * f64::sqrt(squares) {
                *count = None;
            }
        }
    }

    /// Drops the candidates that do not shorten the description.
    fn keep_short(&mut self, options: &SlangOptions) {
        for number in 0..self.candidates.list.len() {
            let (count, saved) = self.uses[number];
            let good = count >= u64::from(options.min_count)
                && self.gain(number) > 0.0
                && saved >= options.min_bits_saved * count as f64;
            if !good {
                self.counts.candidates[number] = None;
            }
        }
    }

    fn into_selection(self, options: &SlangOptions) -> Selection {
        let mut chosen = Vec::new();
        for (number, &(count, saved)) in self.uses.iter().enumerate() {
            if self.counts.candidates[number].is_some() && count > 0 {
                chosen.push(Chosen {
                    candidate: u32::try_from(number).unwrap_or(u32::MAX),
                    used: u32::try_from(count).unwrap_or(u32::MAX),
                    gain: self.gain(number),
                    bits_saved: saved / count as f64,
                });
            }
        }
        chosen.sort_by(|a, b| {
            b.gain
                .total_cmp(&a.gain)
                .then(a.candidate.cmp(&b.candidate))
        });
        chosen.truncate(options.max_words.unwrap_or(usize::MAX));
        Selection {
            chosen,
            used: self.used,
        }
    }
}
