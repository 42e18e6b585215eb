use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::base::{Base, BaseToken};
use super::candidates::{Candidates, Occurrence};
use super::corpus::Corpus;
use super::options::SlangOptions;
use super::validate;

/// How often the texts are split anew with the candidates that are left.
const ROUNDS: usize = 5;

/// How often candidates are dropped that do not help to foretell texts.
const FORESIGHT_ROUNDS: usize = 3;

/// What a character costs, in bits, that is cut from a word of the dictionary, besides its own cost.
const CUT: f64 = 6.0;

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

/// Counts of a round, and what follows from them.
struct Model {
    words: Vec<u64>,
    candidates: Vec<Option<u64>>, // none: no longer one
    word_bits: Vec<f64>,
    candidate_bits: Vec<f64>,
}

impl Model {
    fn weigh(&mut self) {
        let candidates = self.candidates.iter().flatten();
        let total: u64 = self.words.iter().chain(candidates).sum();
        let bits = |count: u64| ((total + 1) as f64 / (count as f64 + 0.5)).log2();
        self.word_bits = self.words.iter().map(|&count| bits(count)).collect();
        self.candidate_bits = self
            .candidates
            .iter()
            .map(|count| count.map_or(f64::INFINITY, bits))
            .collect();
    }
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

/// What characters cost on their own.
struct Spelling {
    bits: HashMap<char, f64, RandomState>,
}

impl Spelling {
    fn new(corpus: &Corpus) -> Self {
        let mut counts = HashMap::<char, u64, RandomState>::default();
        for (&c, &weight) in corpus.chars.iter().zip(&corpus.weights) {
            *counts.entry(c).or_default() += u64::from(weight);
        }
        let total: u64 = counts.values().sum();
        let bits = |count: u64| (total as f64 / count as f64).log2();
        Self {
            bits: counts
                .into_iter()
                .map(|(c, count)| (c, bits(count)))
                .collect(),
        }
    }

    fn char(&self, c: char) -> f64 {
        self.bits.get(&c).copied().unwrap_or(21.0)
    }

    /// The bits that a word and its end take in the list of words.
    fn word(&self, word: &[char]) -> f64 {
        word.iter().chain(&['\0']).map(|&c| self.char(c)).sum()
    }
}

#[derive(Clone, Copy, Debug)]
enum Edge {
    Gap,
    Word(u32),
    Piece,
    /// Which of the text's occurrences.
    Candidate(usize),
}

/// The best split of a text.
#[derive(Default)]
struct Path {
    bits: Vec<f64>,
    from: Vec<(usize, Edge, f64)>,
    /// Where one can go on from each character, by what, for how many bits.
    edges: Vec<Vec<(usize, Edge, f64)>>,
}

impl Path {
    #[expect(clippy::too_many_arguments, reason = "what a text is split by")]
    fn find(
        &mut self,
        text: Range<usize>,
        tokens: &[BaseToken],
        base: &Base,
        occurrences: &[Occurrence],
        model: &Model,
        spelling: &Spelling,
        corpus: &Corpus,
    ) {
        let len = text.len();
        for edges in &mut self.edges {
            edges.clear();
        }
        self.edges.resize_with(self.edges.len().max(len), Vec::new);
        let mut add = |from: usize, to: usize, edge, bits| {
            self.edges[from - text.start].push((to - text.start, edge, bits));
        };
        let mut end = text.start;
        for token in tokens {
            let place = token.start as usize..token.end as usize;
            for at in end..place.start {
                add(at, at + 1, Edge::Gap, 0.0);
            }
            add(
                place.start,
                place.end,
                Edge::Word(token.word),
                model.word_bits[token.word as usize],
            );
            if place.len() > 1 {
                for at in place.clone() {
                    let c = corpus.chars[at];
                    let known = base
                        .single
                        .get(&c)
                        .map_or(f64::INFINITY, |&word| model.word_bits[word as usize]);
                    add(at, at + 1, Edge::Piece, CUT + known.min(spelling.char(c)));
                }
            }
            end = place.end;
        }
        for at in end..text.end {
            add(at, at + 1, Edge::Gap, 0.0);
        }
        for (at, occurrence) in occurrences.iter().enumerate() {
            let start = occurrence.start as usize;
            let bits = model.candidate_bits[occurrence.candidate as usize];
            if bits.is_finite() {
                add(
                    start,
                    start + occurrence.len as usize,
                    Edge::Candidate(at),
                    bits,
                );
            }
        }

        self.bits.clear();
        self.bits.resize(len + 1, f64::INFINITY);
        self.from.clear();
        self.from.resize(len + 1, (0, Edge::Gap, 0.0));
        self.bits[0] = 0.0;
        for at in 0..len {
            for &(to, edge, bits) in &self.edges[at] {
                if self.bits[at] + bits < self.bits[to] {
                    self.bits[to] = self.bits[at] + bits;
                    self.from[to] = (at, edge, bits);
                }
            }
        }
    }

    /// Gives each edge of the best way, from the last to the first, and the bits that it saves if it is a candidate.
    fn read(&self, mut give: impl FnMut(usize, Edge, f64)) {
        let mut at = self.bits.len() - 1;
        while at > 0 {
            let (from, edge, bits) = self.from[at];
            let saving = match edge {
                Edge::Candidate(_) => self.without(from, at) - bits,
                _ => 0.0,
            };
            give(from, edge, saving);
            at = from;
        }
    }

    /// The bits of the best other way between two places.
    fn without(&self, start: usize, end: usize) -> f64 {
        let mut best = vec![f64::INFINITY; end - start + 1];
        best[0] = 0.0;
        for at in start..end {
            for &(to, edge, bits) in &self.edges[at] {
                let itself = matches!(edge, Edge::Candidate(_)) && (at, to) == (start, end);
                if to <= end && !itself {
                    best[to - start] = best[to - start].min(best[at - start] + bits);
                }
            }
        }
        let alternative = best[end - start];
        // There is none within a run, in whose place stands what is no part of a word: then nothing is known to be saved.
        if alternative.is_finite() {
            alternative
        } else {
            0.0
        }
    }
}
