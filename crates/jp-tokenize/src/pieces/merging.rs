use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::bytes::is_reserved;

/// Stands for what is no part of a piece: the end of a text, and the second of two symbols that
/// became one.
const OUTSIDE: u32 = u32::MAX;
/// A pair that never becomes a piece.
const REFUSED: u32 = u32::MAX;

/// The texts as symbols, and the pairs of neighbours that could become pieces.
pub(super) struct Merging {
    /// The texts of symbols: characters, then the pieces so far.
    pieces: Vec<Box<str>>,
    /// How many units each character saves as a piece, falling.
    worths: Vec<u64>,
    max_chars: usize,
    /// All texts one after the other; before and after each stands [`OUTSIDE`].
    symbols: Vec<u32>,
    /// Where the symbols before and after stand.
    before: Vec<u32>,
    after: Vec<u32>,
    /// The text of each place, and how often each text occurs.
    text_of: Vec<u32>,
    counts: Vec<u64>,
    /// The candidate of each pair, by both and by what they make together.
    pairs: HashMap<(u32, u32), u32, RandomState>,
    by_text: HashMap<Arc<str>, u32, RandomState>,
    candidates: Vec<Candidate>,
}

/// A text that pairs of neighbours make.
struct Candidate {
    text: Arc<str>,
    count: u64,
    /// Where such a pair began; pairs that are there no longer are passed over.
    places: Vec<u32>,
    /// The symbol, where it has become a piece.
    symbol: Option<u32>,
}

impl Merging {
    /// Begins with these characters, which save so many units each, the most useful first.
    pub(super) fn new(alphabet: Vec<(char, u64)>, max_chars: usize) -> Self {
        let text = |&(c, _): &(char, u64)| String::from(c).into();
        Self {
            pieces: alphabet.iter().map(text).collect(),
            worths: alphabet.into_iter().map(|(_, worth)| worth).collect(),
            max_chars,
            symbols: vec![OUTSIDE],
            before: vec![0],
            after: vec![1],
            text_of: vec![0],
            counts: Vec::new(),
            pairs: HashMap::default(),
            by_text: HashMap::default(),
            candidates: Vec::new(),
        }
    }

    /// Adds a text that occurs `count` times. All texts together have fewer than 2^31 symbols.
    pub(super) fn add(&mut self, symbols: impl Iterator<Item = u32>, count: u64) {
        let text = number(self.counts.len());
        self.counts.push(count);
        for symbol in symbols.chain([OUTSIDE]) {
            let place = number(self.symbols.len());
            self.symbols.push(symbol);
            self.before.push(place - 1);
            self.after.push(place + 1);
            self.text_of.push(text);
        }
    }

    /// Merges until there are `most` pieces or no pair occurs `min_count` times; gives the most
    /// useful characters, all of them if there is room, and the pieces in the order in which they
    /// were made.
    ///
    /// A merge is made as long as there is room for it and for the characters that save as many
    /// units. It has no other characters, for none occurs more often than what it saves.
    pub(super) fn run(mut self, most: usize, min_count: u64) -> Vec<Box<str>> {
        let mut touched = Vec::new();
        for place in 1..self.symbols.len().saturating_sub(1) {
            self.count(number(place), &mut touched);
        }
        let mut heap = BinaryHeap::new();
        self.push(&mut touched, &mut heap);
        let mut last = u64::MAX;
        while let Some((count, Reverse(number))) = heap.pop() {
            let candidate = &self.candidates[number as usize];
            if candidate.count != count {
                // It became rarer since; where it became more frequent, it was pushed again.
                if candidate.count < count {
                    heap.push((candidate.count, Reverse(number)));
                }
                continue;
            }
            last = last.min(count);
            let needed = self.worths.partition_point(|&worth| worth >= last);
            let merges = self.pieces.len() - self.worths.len();
            if count < min_count || needed + merges >= most {
                break;
            }
            self.merge(number, &mut touched);
            self.push(&mut touched, &mut heap);
        }
        let merges = self.pieces.split_off(self.worths.len());
        self.pieces.truncate(most - merges.len());
        self.pieces.extend(merges);
        self.pieces
    }

    /// Makes one symbol of two wherever they make a candidate's text.
    fn merge(&mut self, number: u32, touched: &mut Vec<u32>) {
        let candidate = &mut self.candidates[number as usize];
        let mut places = std::mem::take(&mut candidate.places);
        places.sort_unstable();
        let symbol = *candidate.symbol.get_or_insert_with(|| {
            self.pieces.push((&*candidate.text).into());
            self::number(self.pieces.len() - 1)
        });
        for place in places {
            let right = self.after[place as usize];
            if self.symbols[place as usize] == OUTSIDE || self.candidate(place) != Some(number) {
                continue;
            }
            let (left, next) = (self.before[place as usize], self.after[right as usize]);
            for place in [left, place, right] {
                self.uncount(place);
            }
            self.symbols[place as usize] = symbol;
            self.symbols[right as usize] = OUTSIDE;
            self.after[place as usize] = next;
            self.before[next as usize] = place;
            for place in [left, place] {
                self.count(place, touched);
            }
        }
    }

    /// Counts the pair that begins at a place, if it can become a piece.
    fn count(&mut self, place: u32, touched: &mut Vec<u32>) {
        if let Some(number) = self.candidate(place) {
            let times = self.counts[self.text_of[place as usize] as usize];
            let candidate = &mut self.candidates[number as usize];
            candidate.count = candidate.count.saturating_add(times);
            candidate.places.push(place);
            touched.push(number);
        }
    }

    /// Takes back what was counted of the pair that begins at a place.
    fn uncount(&mut self, place: u32) {
        if let Some(number) = self.candidate(place) {
            let times = self.counts[self.text_of[place as usize] as usize];
            let candidate = &mut self.candidates[number as usize];
            candidate.count = candidate.count.saturating_sub(times);
        }
    }

    /// The candidate that the pair at a place makes, a new one if it is the first such pair.
    fn candidate(&mut self, place: u32) -> Option<u32> {
        let left = self.symbols[place as usize];
        let right = self.symbols[self.after[place as usize] as usize];
        if left == OUTSIDE || right == OUTSIDE {
            return None;
        }
        let (pieces, by_text, candidates) = (&self.pieces, &mut self.by_text, &mut self.candidates);
        let candidate = *self.pairs.entry((left, right)).or_insert_with(|| {
            let text = [&*pieces[left as usize], &*pieces[right as usize]].concat();
            if text.chars().count() > self.max_chars || is_reserved(&text) {
                return REFUSED;
            }
            let text: Arc<str> = text.into();
            *by_text.entry(Arc::clone(&text)).or_insert_with(|| {
                candidates.push(Candidate {
                    text,
                    count: 0,
                    places: Vec::new(),
                    symbol: None,
                });
                number(candidates.len() - 1)
            })
        });
        (candidate != REFUSED).then_some(candidate)
    }

    /// Puts the candidates that became more frequent in line.
    fn push(&self, touched: &mut Vec<u32>, heap: &mut BinaryHeap<(u64, Reverse<u32>)>) {
        touched.sort_unstable();
        touched.dedup();
        for number in touched.drain(..) {
            let count = self.candidates[number as usize].count;
            heap.push((count, Reverse(number)));
        }
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).expect("learners refuse texts of more than 2^31 characters")
}
