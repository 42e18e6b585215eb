//! Checks a dictionary as vibrato 0.5 writes it, before vibrato decodes it.
//!
//! vibrato trusts what it decodes: it reserves whatever length a file names, and panics at the
//! first text for which the file names a place that does not exist. What passes here can neither:
//! every length lies within the file, and every number that is used to look something up is in
//! range. The layout is that of bincode 2 with fixed, little-endian integers: lengths are `u64`, an
//! enum's variant is a `u32`, an `Option` begins with a byte.

use crate::error::DictionaryErrorKind;

/// What vibrato writes first.
const MAGIC: &[u8] = b"VibratoTokenizer 0.5\n";
/// In a node of the trie: no base, or with the highest bit "is a leaf".
const MASK: u32 = 0x7FFF_FFFF;
/// No code: the character is in no word.
const NO_CODE: u32 = u32::MAX;
/// Bits of a character's set of categories.
const MAX_CATEGORIES: usize = 18;

type Result<T> = std::result::Result<T, DictionaryErrorKind>;

fn damaged(reason: impl Into<String>) -> DictionaryErrorKind {
    DictionaryErrorKind::Damaged(reason.into())
}

/// A word of a dictionary, without its surface.
pub(super) struct Word<'a> {
    pub(super) features: &'a str,
    /// Left and right id, in the numbers that user lexicons use.
    pub(super) ids: (u16, u16),
    pub(super) cost: i16,
}

/// The words of a dictionary that vibrato wrote, whose user lexicon is passed over.
pub(super) fn words(bytes: &[u8]) -> Result<Vec<Word<'_>>> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(damaged("it does not begin as one"));
    };
    let mut reader = Reader(rest);
    let mut words = listed_words(&mut reader)?;
    if reader.byte()? != 0 {
        listed_words(&mut reader)?;
    }
    let (right, left) = matrix(&mut reader)?;
    if let Some([new_left, new_right]) = mapper(&mut reader, right, left)? {
        let (old_left, old_right) = (inverse(&new_left), inverse(&new_right));
        let old = |ids: &[u16], id: u16| ids.get(usize::from(id)).copied().unwrap_or(id);
        for word in &mut words {
            word.ids = (old(&old_left, word.ids.0), old(&old_right, word.ids.1));
        }
    }
    Ok(words)
}

/// The words of one lexicon, whose trie is passed over.
fn listed_words<'a>(reader: &mut Reader<'a>) -> Result<Vec<Word<'a>>> {
    reader.elements(1)?;
    reader.elements(4)?;
    let parameters = reader.elements(6)?.chunks_exact(6);
    let num_features = reader.length(8)?;
    if num_features != parameters.len() {
        return Err(damaged("words without features"));
    }
    let words = parameters.map(|bytes| {
        Ok(Word {
            features: reader.text()?,
            ids: word_ids(bytes),
            cost: i16::from_le_bytes([bytes[4], bytes[5]]),
        })
    });
    let words = words.collect::<Result<_>>()?;
    reader.u32()?; // which lexicon it is
    Ok(words)
}

/// Which id each new id had before.
fn inverse(new_ids: &[u16]) -> Vec<u16> {
    let mut old_ids = vec![0; new_ids.len()];
    for (&new, old) in new_ids.iter().zip(0_u16..) {
        if let Some(place) = old_ids.get_mut(usize::from(new)) {
            *place = old;
        }
    }
    old_ids
}

/// Checks a whole dictionary and gives back how many right ids and left ids its matrix has.
pub(super) fn check(bytes: &[u8]) -> Result<(u16, u16)> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(damaged("it does not begin as one"));
    };
    let mut reader = Reader(rest);
    let ids = lexicon(&mut reader)?;
    if reader.byte()? != 0 {
        return Err(DictionaryErrorKind::UserLexiconInside);
    }
    let (right, left) = matrix(&mut reader)?;
    mapper(&mut reader, right, left)?;
    let used = characters(&mut reader)?;
    let unknown = unknown_words(&mut reader, &used)?;
    if !reader.0.is_empty() {
        return Err(damaged(format!("{} bytes too many", reader.0.len())));
    }
    let in_matrix = |(l, r): &(u16, u16)| *l < left && *r < right;
    if !ids.iter().chain(&unknown).all(in_matrix) {
        return Err(damaged(format!(
            "a word's ids are not in the matrix of {right} times {left}"
        )));
    }
    Ok((right, left))
}

/// The words; gives back their left and right ids.
fn lexicon(reader: &mut Reader<'_>) -> Result<Vec<(u16, u16)>> {
    let trie = reader.elements(1)?;
    let postings = numbers(reader.elements(4)?);
    let ids: Vec<_> = reader.elements(6)?.chunks_exact(6).map(word_ids).collect();
    let num_features = reader.length(8)?;
    for _ in 0..num_features {
        reader.text()?;
    }
    if num_features != ids.len() {
        return Err(damaged(format!(
            "{} words with {num_features} features",
            ids.len()
        )));
    }
    if reader.u32()? != 0 {
        return Err(damaged("the words are not those of a system dictionary"));
    }
    check_trie(&mut Reader(trie), &postings, ids.len())?;
    Ok(ids)
}

/// Where words end, a leaf has the place of a list in `postings`: its length and the words'
/// numbers.
fn check_trie(reader: &mut Reader<'_>, postings: &[u32], num_words: usize) -> Result<()> {
    let wrong = || damaged("the trie of words leads out of the file");
    let num_codes = reader.u32()? as usize;
    let codes = numbers(reader.take_elements(num_codes, 4)?);
    reader.u32()?; // size of the alphabet, of use in building only
    let num_nodes = reader.u32()? as usize;
    let nodes = numbers(reader.take_elements(num_nodes, 8)?);
    if !reader.0.is_empty() || num_nodes == 0 || num_nodes > MASK as usize {
        return Err(wrong());
    }
    let largest = codes.iter().filter(|&&code| code != NO_CODE).max();
    // A child stands at its parent's base with the bits of the code flipped.
    let flipped = largest.map_or(0, |code| {
        u32::MAX.checked_shr(code.leading_zeros()).unwrap_or(0)
    });
    let node = |place: u32| {
        nodes
            .get(2 * place as usize..)
            .and_then(|node| Some((*node.first()?, *node.get(1)?)))
    };
    let mut listed = 0;
    for (base, check) in nodes.chunks_exact(2).map(|node| (node[0], node[1])) {
        if base == MASK && check == MASK {
            continue; // vacant: no parent has it
        }
        if base > MASK {
            let list = postings
                .get((base & MASK) as usize..)
                .and_then(<[u32]>::split_first);
            let (&length, rest) = list.ok_or_else(wrong)?;
            let words = rest.get(..length as usize).ok_or_else(wrong)?;
            // Lists do not overlap, or checking them could take for ever.
            listed += words.len() + 1;
            if listed > postings.len() || words.iter().any(|&word| word as usize >= num_words) {
                return Err(wrong());
            }
            continue;
        }
        if (base | flipped) as usize >= num_nodes {
            return Err(wrong());
        }
        if check > MASK && node(base).is_none_or(|(leaf, _)| leaf <= MASK) {
            return Err(wrong());
        }
    }
    Ok(())
}

/// The matrix of costs: how many right ids and left ids it has.
fn matrix(reader: &mut Reader<'_>) -> Result<(u16, u16)> {
    if reader.u32()? != 0 {
        return Err(DictionaryErrorKind::CompactCosts);
    }
    let costs = reader.elements(2)?.len() / 2;
    let (right, left) = (reader.u64()?, reader.u64()?);
    match (u16::try_from(right), u16::try_from(left)) {
        (Ok(right), Ok(left))
            if right > 0 && left > 0 && usize::from(right) * usize::from(left) == costs =>
        {
            Ok((right, left))
        }
        _ => Err(damaged(format!(
            "a matrix of {right} times {left} with {costs} costs"
        ))),
    }
}

/// New left and right ids for the ids of user lexicons, where the dictionary's have been reordered.
fn mapper(reader: &mut Reader<'_>, right: u16, left: u16) -> Result<Option<[Vec<u16>; 2]>> {
    match reader.byte()? {
        0 => Ok(None),
        1 => {
            let mut new_ids = |size: u16| {
                let ids = reader.elements(2)?.chunks_exact(2);
                let ids: Vec<u16> = ids.map(|id| u16::from_le_bytes([id[0], id[1]])).collect();
                if ids.len() != usize::from(size) || ids.iter().any(|&id| id >= size) {
                    return Err(damaged("the new numbers of ids do not fit the matrix"));
                }
                Ok(ids)
            };
            Ok(Some([new_ids(left)?, new_ids(right)?]))
        }
        other => Err(damaged(format!("{other} where 0 or 1 was expected"))),
    }
}

/// The table of characters: which categories unknown words are made by.
fn characters(reader: &mut Reader<'_>) -> Result<Vec<bool>> {
    let characters = numbers(reader.elements(4)?);
    let num_categories = reader.length(8)?;
    for _ in 0..num_categories {
        reader.text()?;
    }
    if characters.is_empty() || num_categories > MAX_CATEGORIES {
        return Err(damaged(format!(
            "{} characters of {num_categories} categories",
            characters.len()
        )));
    }
    let mut used = vec![false; num_categories];
    for character in characters {
        let category = (character >> MAX_CATEGORIES & 0xFF) as usize;
        *used.get_mut(category).ok_or_else(|| {
            damaged(format!(
                "a character of category {category} of {num_categories}"
            ))
        })? = true;
    }
    Ok(used)
}

/// The entries for unknown words, by category: one at least for every category that is used, so
/// that every text has a path.
fn unknown_words(reader: &mut Reader<'_>, used: &[bool]) -> Result<Vec<(u16, u16)>> {
    let offsets = reader.elements(8)?.chunks_exact(8).map(|bytes| {
        let offset = u64::from_le_bytes(bytes.try_into().unwrap_or([u8::MAX; 8]));
        usize::try_from(offset).unwrap_or(usize::MAX)
    });
    let offsets: Vec<usize> = offsets.collect();
    let num_entries = reader.length(16)?;
    let mut ids = Vec::new();
    for _ in 0..num_entries {
        ids.push(word_ids(&reader.take(8)?[2..])); // the category comes first
        reader.text()?;
    }
    let whole = offsets.len() == used.len() + 1
        && offsets.last() == Some(&num_entries)
        && num_entries <= 1 << 16;
    let mut ranges = offsets.iter().zip(offsets.iter().skip(1)).zip(used);
    if !whole || ranges.any(|((start, end), used)| start > end || (*used && start == end)) {
        return Err(damaged(
            "a category of characters has no entry for unknown words",
        ));
    }
    Ok(ids)
}

/// The left and right id that a word's parameters begin with.
fn word_ids(bytes: &[u8]) -> (u16, u16) {
    (
        u16::from_le_bytes([bytes[0], bytes[1]]),
        u16::from_le_bytes([bytes[2], bytes[3]]),
    )
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes
        .chunks_exact(4)
        .map(|n| u32::from_le_bytes([n[0], n[1], n[2], n[3]]))
        .collect()
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(len)
            .ok_or_else(|| damaged("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn take_elements(&mut self, number: usize, size: usize) -> Result<&'a [u8]> {
        self.take(number.saturating_mul(size))
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(numbers(self.take(4)?)[0])
    }

    fn u64(&mut self) -> Result<u64> {
        let (low, high) = (self.u32()?, self.u32()?);
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    /// A number of things that take at least `size` bytes each.
    fn length(&mut self, size: usize) -> Result<usize> {
        let length = usize::try_from(self.u64()?).unwrap_or(usize::MAX);
        if length > self.0.len() / size {
            return Err(damaged("it ends too early"));
        }
        Ok(length)
    }

    fn elements(&mut self, size: usize) -> Result<&'a [u8]> {
        let number = self.length(size)?;
        self.take_elements(number, size)
    }

    fn text(&mut self) -> Result<&'a str> {
        let text = self.elements(1)?;
        std::str::from_utf8(text).map_err(|_| damaged("a description is not UTF-8"))
    }
}
