use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::vocabulary::Pieces;

/// Stands for no neighbour.
const NONE: u32 = u32::MAX;

/// A symbol of a text that is being split.
#[derive(Clone, Copy)]
struct Symbol {
    start: u32,
    /// Its end; the same as its start once it belongs to the one before.
    end: u32,
    before: u32,
    after: u32,
    /// The piece's id, if it is one.
    id: Option<u32>,
}

/// Splits a text of at most 2^31 bytes: gives each piece's id and range, no id for a character
/// that is in no piece.
pub(super) fn split(pieces: &Pieces, text: &str, mut give: impl FnMut(Option<u32>, Range<usize>)) {
    let mut symbols: Vec<Symbol> = Vec::with_capacity(text.len() / 2);
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        let number = place(symbols.len());
        symbols.push(Symbol {
            start: place(start),
            end: place(end),
            before: number.wrapping_sub(1), // NONE of the first
            after: number + 1,
            id: pieces.id(&text[start..end]),
        });
    }
    let Some(last) = symbols.last_mut() else {
        return;
    };
    last.after = NONE;

    // The pairs that are pieces: those learnt first come first, and of the same the leftmost.
    let mut pairs = BinaryHeap::new();
    let pair = |symbols: &[Symbol], left: u32| {
        let symbol = symbols[left as usize];
        let after = symbols.get(symbol.after as usize)?;
        let (start, end) = (symbol.start as usize, after.end as usize);
        if end - start > pieces.max_bytes {
            return None;
        }
        let id = pieces.id(&text[start..end])?;
        Some(Reverse((id, left, after.end)))
    };
    pairs.extend((0..place(symbols.len())).filter_map(|left| pair(&symbols, left)));
    while let Some(Reverse((id, left, end))) = pairs.pop() {
        let symbol = symbols[left as usize];
        let is_there = symbol.start != symbol.end
            && symbols
                .get(symbol.after as usize)
                .is_some_and(|after| after.end == end);
        if !is_there {
            continue; // one of the two has become part of another
        }
        let right = std::mem::replace(
            &mut symbols[symbol.after as usize],
            Symbol {
                end: symbol.start,
                start: symbol.start,
                ..symbol
            },
        );
        let symbol = &mut symbols[left as usize];
        (symbol.end, symbol.after, symbol.id) = (right.end, right.after, Some(id));
        let before = symbol.before;
        if let Some(after) = symbols.get_mut(right.after as usize) {
            after.before = left;
        }
        if before != NONE {
            pairs.extend(pair(&symbols, before));
        }
        pairs.extend(pair(&symbols, left));
    }

    for symbol in symbols.iter().filter(|symbol| symbol.start != symbol.end) {
        give(symbol.id, symbol.start as usize..symbol.end as usize);
    }
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("texts are split in parts of at most 8,192 characters")
}
