use super::corpus::Corpus;
use super::options::SlangOptions;

/// A character sequence that may be a word.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Where it stands for the first time.
    pub(super) start: u32,
    pub(super) len: u32,
    /// Its weighted number of occurrences.
    pub(super) count: u32,
    /// The entropy, in bits, of the character before it and of that after it: the less of the two.
    pub(super) branching_entropy: f64,
}

/// The candidates and where they occur, by place and then length.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) list: Vec<Candidate>,
    pub(super) occurrences: Vec<Occurrence>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Occurrence {
    pub(super) start: u32,
    pub(super) len: u32,
    pub(super) candidate: u32,
}

/// Finds the sequences of characters that are frequent and have many different neighbours on both
/// sides.
///
/// The suffixes are sorted by as many characters as the longest word has: O(n log n) for n
/// characters.
pub(super) fn find(corpus: &Corpus, options: &SlangOptions) -> Candidates {
    let chars = &corpus.chars;
    let longest = options.max_chars;
    let suffix = |start: u32| {
        let start = start as usize;
        &chars[start..chars.len().min(start + longest)]
    };
    let mut starts: Vec<u32> = (0..u32::try_from(chars.len()).unwrap_or(u32::MAX))
        .filter(|&at| chars[at as usize] != '\0' && corpus.borders[at as usize])
        .collect();
    starts.sort_unstable_by(|&a, &b| suffix(a).cmp(suffix(b)).then(a.cmp(&b)));

    let mut found = Candidates::default();
    let mut neighbours = Vec::new();
    for len in 2..=longest {
        let prefix = |start: u32| {
            let suffix = suffix(start);
            &suffix[..suffix.len().min(len)]
        };
        for group in starts.chunk_by(|&a, &b| prefix(a) == prefix(b)) {
            let word = prefix(group[0]);
            if group.len() < 2 || word.len() < len || word.contains(&'\0') {
                continue;
            }
            if !may_be_word(word) {
                continue;
            }
            let whole = |start: &&u32| corpus.borders[**start as usize + len];
            let weight = |start: u32| u32::from(corpus.weights[start as usize]);
            let count: u32 = group.iter().filter(whole).map(|&start| weight(start)).sum();
            if count < options.min_count {
                continue;
            }
            let mut entropy_of = |neighbour: &dyn Fn(usize) -> char| {
                neighbours.clear();
                let of = |&start: &u32| (neighbour(start as usize), weight(start));
                neighbours.extend(group.iter().filter(whole).map(of));
                branching_entropy(&mut neighbours, count)
            };
            let before = entropy_of(&|start| if start == 0 { '\0' } else { chars[start - 1] });
            let after = entropy_of(&|start| chars[start + len]);
            let branching_entropy = before.min(after);
            if branching_entropy < options.min_branching_entropy {
                continue;
            }
            let number = u32::try_from(found.list.len()).unwrap_or(u32::MAX);
            let len = u32::try_from(len).unwrap_or(u32::MAX);
            found.list.push(Candidate {
                start: group[0],
                len,
                count,
                branching_entropy,
            });
            let places = group.iter().filter(whole).map(|&start| Occurrence {
                start,
                len,
                candidate: number,
            });
            found.occurrences.extend(places);
        }
    }
    found.occurrences.sort_unstable();
    found
}

/// Whether there is a letter, every bracket has its other half, and no comma, full stop or laughter
/// is at either end: these may follow anything and are words of their own.
fn may_be_word(word: &[char]) -> bool {
    const ENDS: [char; 6] = ['、', '。', '，', '．', ',', '.'];
    const LAUGHTER: [char; 6] = ['w', 'W', 'ｗ', 'Ｗ', '8', '８'];
    const BRACKETS: [(char, char); 6] = [
        ('(', ')'),
        ('（', '）'),
        ('[', ']'),
        ('「', '」'),
        ('『', '』'),
        ('【', '】'),
    ];
    let is_western = |c: &char| c.is_alphanumeric() && (c.is_ascii() || ('０'..='ｚ').contains(c));
    let laughs = |run: &[char]| run.iter().all(|c| LAUGHTER.contains(c));
    let mut runs = word.chunk_by(|a, b| is_western(a) == is_western(b));
    let [Some(first), Some(last)] = [word.first(), word.last()] else {
        return false;
    };
    let in_pairs = BRACKETS.iter().all(|&(open, close)| {
        let mut depth = 0_i32;
        word.iter().all(|&c| {
            depth += i32::from(c == open) - i32::from(c == close);
            depth >= 0
        }) && depth == 0
    });
    word.iter().any(|c| c.is_alphabetic())
        && in_pairs
        && !ENDS.contains(first)
        && !ENDS.contains(last)
        && !runs.next().is_some_and(laughs)
        && !runs.next_back().is_some_and(laughs)
}

/// The entropy of a candidate's neighbours in bits. That nothing stands there, as the text ends,
/// counts as a different neighbour each time, for where a text ends a word ends.
fn branching_entropy(neighbours: &mut [(char, u32)], total: u32) -> f64 {
    neighbours.sort_unstable();
    let total = f64::from(total);
    let mut entropy = 0.0;
    for alike in neighbours.chunk_by(|a, b| a.0 == b.0) {
        let weight = f64::from(alike.iter().map(|&(_, weight)| weight).sum::<u32>());
        let each = if alike[0].0 == '\0' { 1.0 } else { weight };
        entropy += weight / total * (total / each).log2();
    }
    entropy
}
