use super::base::Base;
use super::candidates::{Candidates, Occurrence};
use super::corpus::Corpus;
use super::model::{Model, Spelling};
use super::options::SlangOptions;
use super::path::{Edge, Path};
use super::validate;

/// How often the texts are split anew with the candidates that are left.
const ROUNDS: usize = 5;

/// How often candidates are dropped that do not help to foretell texts.
const FORESIGHT_ROUNDS: usize = 3;

/// A candidate that was chosen.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) candidate: u32,
    /// The weighted number of its occurrences in the best split of the texts.
    pub(super) used: u32,
    /// The bits that all these save, less those that spell the word once.
    pub(super) gain: f64,
    /// The bits that each of them saves.
    pub(super) saving: f64,
}

/// What of the candidates is chosen, the best first, and which of their occurrences are words.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub(super) chosen: Vec<Chosen>,
    /// For each of the candidates' occurrences.
    pub(super) used: Vec<bool>,
}

/// Chooses the candidates that shorten the texts' description, and of these the ones that help to foresee texts.
pub(super) fn select(
    corpus: &Corpus,
    texts: &[&str],
    base: &Base,
    candidates: &Candidates,
    options: &SlangOptions,
) -> Selection {
    let mut splitter = Splitter::new(corpus, base, candidates);
    for _ in 0..ROUNDS {
        splitter.split();
        splitter.keep_short(options);
    }
    if let Some(standard_errors) = options.min_foresight {
        let before = validate::bits(texts, &base.begins(corpus), corpus);
        for _ in 0..FORESIGHT_ROUNDS {
            let after = validate::bits(texts, &splitter.begins, corpus);
            splitter.keep_foresighted(&before, &after, standard_errors);
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
    base: &'a Base,
    candidates: &'a Candidates,
    spelling: Spelling,
    model: Model,
    path: Path,
    /// For each candidate how often it counted, by weight, and the bits that this saved.
    uses: Vec<(u64, f64)>,
    /// For each occurrence whether it is a word.
    used: Vec<bool>,
    /// For each character whether a word begins there.
    begins: Vec<bool>,
}

impl<'a> Splitter<'a> {
    fn new(corpus: &'a Corpus, base: &'a Base, candidates: &'a Candidates) -> Self {
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
            spelling: Spelling::new(corpus),
            model: Model {
                words,
                candidates: counts.collect(),
                word_bits: Vec::new(),
                candidate_bits: Vec::new(),
            },
            path: Path::default(),
            uses: Vec::new(),
            used: Vec::new(),
            begins: Vec::new(),
        }
    }

    /// Splits all texts with the candidates that are left and counts anew.
    fn split(&mut self) {
        let (corpus, candidates) = (self.corpus, self.candidates);
        self.model.weigh();
        let mut words = vec![0; self.model.words.len()];
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
            let tokens = self.base.of_text(number);
            self.path.find(
                text.clone(),
                tokens,
                self.base,
                occurrences,
                &self.model,
                &self.spelling,
                corpus,
            );
            let weight = corpus.weights[corpus.starts[number] as usize];
            self.path.read(|start, edge, saving| {
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
        self.model.words = words;
        for (count, &(uses, _)) in self.model.candidates.iter_mut().zip(&self.uses) {
            *count = count.map(|_| uses);
        }
    }

    fn gain(&self, number: usize) -> f64 {
        let candidate = &self.candidates.list[number];
        let place = candidate.start as usize..(candidate.start + candidate.len) as usize;
        self.uses[number].1 - self.spelling.word(&self.corpus.chars[place])
    }

    /// Drops the candidates that do not help to foretell the texts in which they are words: what a text takes less is
    /// shared between its occurrences of candidates.
    fn keep_foresighted(&mut self, before: &[f64], after: &[f64], standard_errors: f64) {
        let occurrences = &self.candidates.occurrences;
        let mut sums = vec![(0.0, 0.0); self.candidates.list.len()]; // of the bits saved and of their squares
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
        for (count, (sum, squares)) in self.model.candidates.iter_mut().zip(sums) {
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
                && saved >= options.min_saving * count as f64;
            if !good {
                self.model.candidates[number] = None;
            }
        }
    }

    fn into_selection(self, options: &SlangOptions) -> Selection {
        let mut chosen = Vec::new();
        for (number, &(count, saved)) in self.uses.iter().enumerate() {
            if self.model.candidates[number].is_some() && count > 0 {
                chosen.push(Chosen {
                    candidate: u32::try_from(number).unwrap_or(u32::MAX),
                    used: u32::try_from(count).unwrap_or(u32::MAX),
                    gain: self.gain(number),
                    saving: saved / count as f64,
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
