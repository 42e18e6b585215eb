//! The lattice of a text's possible splits, and the shortest path through it.

use super::base_split::BaseSplit;
use super::candidates::Occurrence;
use super::code_lengths::{CharacterModel, CodeLengths};
use super::corpus::Corpus;

/// What a character costs, in bits, that is cut from a word of the dictionary, besides its own
/// cost.
const CUT: f64 = 6.0;

/// A part of a split.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edge {
    Gap,
    Word(u32),
    Piece,
    /// Which of the text's occurrences.
    Candidate(usize),
}

/// What the words of a lattice are, and the bits of each.
pub(super) struct Costs<'a> {
    pub(super) corpus: &'a Corpus,
    pub(super) base: &'a BaseSplit,
    pub(super) code_lengths: &'a CodeLengths,
    pub(super) characters: &'a CharacterModel,
}

/// The best split of a text, found by dynamic programming.
#[derive(Default)]
pub(super) struct Lattice {
    bits: Vec<f64>,
    from: Vec<(usize, Edge, f64)>,
    /// Where one can go on from each character, by what, for how many bits.
    edges: Vec<Vec<(usize, Edge, f64)>>,
}

impl Lattice {
    /// Finds the best split of a text into the dictionary's words, pieces of them and candidates,
    /// which occur there.
    pub(super) fn split(&mut self, number: usize, occurrences: &[Occurrence], costs: &Costs<'_>) {
        let Costs {
            corpus,
            base,
            code_lengths,
            characters,
        } = costs;
        let text = corpus.text(number);
        let len = text.len();
        for edges in &mut self.edges {
            edges.clear();
        }
        self.edges.resize_with(self.edges.len().max(len), Vec::new);
        let mut add = |from: usize, to: usize, edge, bits| {
            self.edges[from - text.start].push((to - text.start, edge, bits));
        };
        let mut end = text.start;
        for token in base.of_text(number) {
            let place = token.start as usize..token.end as usize;
            for at in end..place.start {
                add(at, at + 1, Edge::Gap, 0.0);
            }
            add(
                place.start,
                place.end,
                Edge::Word(token.word),
                code_lengths.words[token.word as usize],
            );
            if place.len() > 1 {
                for at in place.clone() {
                    let c = corpus.chars[at];
                    let known = base
                        .single
                        .get(&c)
                        .map_or(f64::INFINITY, |&word| code_lengths.words[word as usize]);
                    add(at, at + 1, Edge::Piece, CUT + known.min(characters.bits(c)));
                }
            }
            end = place.end;
        }
        for at in end..text.end {
            add(at, at + 1, Edge::Gap, 0.0);
        }
        for (at, occurrence) in occurrences.iter().enumerate() {
            let start = occurrence.start as usize;
            let bits = code_lengths.candidates[occurrence.candidate as usize];
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

    /// Gives each edge of the best way, from the last to the first, and the bits that it saves if
    /// it is a candidate.
    pub(super) fn read(&self, mut give: impl FnMut(usize, Edge, f64)) {
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
        // There is none within a run, in whose place stands what is no part of a word: then nothing
        // is known to be saved.
        if alternative.is_finite() {
            alternative
        } else {
            0.0
        }
    }
}
