//! Learns slang from comments and shows what it is worth on comments that were held out.
//!
//! Reads comments, one a line, as nico-comments' example `bodies` prints them with `--viewers`,
//! from files or else from standard input. A tenth of the distinct comments is held out, each tenth
//! in turn; or with `--held-out` those of that file, which are left out of the others.
//!
//! ```text
//! slang [--held-out FILE] [--csv LEXICON] [--top N] [--held-out-gain STANDARD_ERRORS|inf]
//!       [FILE...]
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::io::Read;

use jp_tokenize::{Dictionary, Lexicon, NgramModel, SlangLearner, SlangOptions, Tokenizer, Worker};

/// What is said under videos and in no dictionary of the time of IPADIC: listed by hand, not
/// learnt.
const KNOWN: &str = "うぽつ わこつ おつかれ ここすき wktk ktkr gdgd 神回 草生える 草不可避 弾幕 弾幕薄い 投コメ 主コメ うp主 歌詞職人 \
    お前ら おまいら おまえら ぼっち リア充 くっそ すげえ すげぇ やべえ やべぇ まじで かわええ 俺得 誰得 俺の嫁 中の人 腹筋崩壊 作画崩壊 \
    悪霊退散 えーりん おっくせんまん！ もっとやれ くんかくんか ぺろぺろ ペロペロ 厨二病 中二病 死亡フラグ SAN値 ボクっ娘 お、おう 意味深 \
    解せぬ ラスボス アホの子 下ネタ これはひどい せやな それな あかん ワロタ わろた オワタ 初見 おはよー うｐ乙 キャラソン ぐう畜 ぬるぬる もふもふ \
    女子高生 日常系 きんモザ けいおん 名言 鳥肌 涙腺崩壊";

const ORDERS: [usize; 4] = [1, 2, 3, 4];
const RESAMPLES: usize = 1_000;
const FOLDS: u64 = 10;
const NAMES: [&str; 5] = [
    "IPADIC",
    "with random n-grams",
    "with the most frequent n-grams",
    "with learnt words",
    "characters",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.remove(at);
        (at < arguments.len()).then(|| arguments.remove(at))
    };
    let (held_out, csv) = (option("--held-out"), option("--csv"));
    let top: usize = option("--top").map_or(Ok(0), |top| top.parse())?;
    let gain: Option<f64> = option("--held-out-gain").map(|z| z.parse()).transpose()?;
    let mut texts = String::new();
    for path in &arguments {
        texts += &std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    }
    if arguments.is_empty() {
        std::io::stdin().read_to_string(&mut texts)?;
    }
    let held_out = held_out.map(std::fs::read_to_string).transpose()?;
    let mut options = SlangOptions::default();
    if gain.is_some() {
        options.min_held_out_gain = gain.filter(|z| z.is_finite());
    }

    let mut report = Report::default();
    match &held_out {
        Some(held) => report.add(&texts, &comments(held).collect(), &options)?,
        None => {
            for fold in 0..FOLDS {
                let held = comments(&texts).filter(|text| hash(text) % FOLDS == fold);
                report.add(&texts, &held.collect(), &options)?;
            }
        }
    }
    report.print();

    if csv.is_some() || top > 0 {
        let plain = Tokenizer::new(Dictionary::system()?)?;
        let mut learner = SlangLearner::new(&plain, options)?;
        texts.lines().for_each(|text| learner.add(text));
        let lexicon = learner.learn();
        let mut worker = plain.worker();
        for entry in lexicon.entries().iter().take(top) {
            let before = split(&mut worker, &entry.surface).join(" ");
            println!(
                "| {} | {before} | {} | {:.1} |",
                entry.surface, entry.count, entry.bits_saved
            );
        }
        if let Some(path) = csv {
            std::fs::write(path, lexicon.to_csv())?;
        }
    }
    Ok(())
}

fn comments(texts: &str) -> impl Iterator<Item = &str> {
    texts.lines().filter(|text| !text.trim().is_empty())
}

/// FNV-1a, for a split that is the same everywhere.
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step) >> 32
}

/// Splits into words and what is between them, so that no character is lost.
fn split<'a>(worker: &mut Worker<'_>, text: &'a str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut end = 0;
    for token in worker.tokenize(text) {
        let range = token.range;
        parts.extend((range.start > end).then(|| &text[end..range.start]));
        end = range.end;
        parts.push(&text[range]);
    }
    parts.extend((text.len() > end).then(|| &text[end..]));
    parts
}

fn characters(text: &str) -> Vec<&str> {
    text.char_indices()
        .map(|(at, c)| &text[at..at + c.len_utf8()])
        .collect()
}

/// What was measured on all comments held out.
#[derive(Default)]
struct Report {
    rows: BTreeMap<&'static str, Row>,
    lens: Vec<f64>,
    /// Words of the dictionary's split, and how many of them are split otherwise with the learnt
    /// words.
    words: u64,
    changed: u64,
    /// Occurrences of known slang, how many are whole before and after.
    known: BTreeMap<&'static str, [usize; 3]>,
}

/// A way to split, measured.
#[derive(Default)]
struct Row {
    added: Vec<usize>,
    tokens: usize,
    /// The bits of each comment held out, for each order.
    bits: [Vec<f64>; ORDERS.len()],
}

impl Report {
    /// Learns from the comments that are not held out and measures on those that are.
    fn add(
        &mut self,
        texts: &str,
        held: &BTreeSet<&str>,
        options: &SlangOptions,
    ) -> Result<(), Box<dyn Error>> {
        let all: Vec<&str> = comments(texts)
            .filter(|text| !held.contains(text))
            .collect();
        let train: BTreeSet<&str> = all.iter().copied().collect();
        let plain = Tokenizer::new(Dictionary::system()?)?;
        let started = std::time::Instant::now();
        let mut learner = SlangLearner::new(&plain, options.clone())?;
        all.iter().for_each(|text| learner.add(text));
        let lexicon = learner.learn();
        let (words, elapsed) = (lexicon.entries().len(), started.elapsed());
        eprintln!(
            "{words} words learnt from {} distinct comments in {elapsed:.1?}, {} held out",
            train.len(),
            held.len()
        );

        self.lens
            .extend(held.iter().map(|text| text.chars().count() as f64));
        let (frequent, random) = baselines(&train, &lexicon);
        for (name, added) in [
            (NAMES[0], String::new()),
            (NAMES[1], random),
            (NAMES[2], frequent),
            (NAMES[3], lexicon.to_csv()),
        ] {
            let tokenizer = Tokenizer::new(Dictionary::system()?.with_user_lexicon(&added)?)?;
            let mut worker = tokenizer.worker();
            let row = self.rows.entry(name).or_default();
            row.added.push(added.lines().count());
            row.add(&train, held, |text| split(&mut worker, text));
        }
        let row = self.rows.entry(NAMES[4]).or_default();
        row.added.push(0);
        row.add(&train, held, characters);

        let learnt = Tokenizer::new(Dictionary::system()?.with_user_lexicon(&lexicon.to_csv())?)?;
        self.compare(held, &plain, &learnt);
        Ok(())
    }

    fn compare(&mut self, held: &BTreeSet<&str>, plain: &Tokenizer, learnt: &Tokenizer) {
        let (mut plain, mut learnt) = (plain.worker(), learnt.worker());
        for text in held {
            let before: Vec<_> = plain.tokenize(text).map(|token| token.range).collect();
            let after: HashSet<_> = learnt.tokenize(text).map(|token| token.range).collect();
            self.words += before.len() as u64;
            self.changed += before.iter().filter(|range| !after.contains(range)).count() as u64;
            for slang in KNOWN
                .split_whitespace()
                .filter(|slang| text.contains(slang))
            {
                let counts = self.known.entry(slang).or_default();
                counts[0] += text.matches(slang).count();
                counts[1] += before
                    .iter()
                    .filter(|range| text[(*range).clone()] == *slang)
                    .count();
                counts[2] += after
                    .iter()
                    .filter(|range| text[(*range).clone()] == *slang)
                    .count();
            }
        }
    }

    fn print(&self) {
        println!(
            "| split | words added | held-out tokens | order 1 | 2 | 3 | 4 | order 3 less IPADIC (95 %) |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        let chars: f64 = self.lens.iter().sum();
        for name in NAMES {
            let Some(row) = self.rows.get(name) else {
                continue;
            };
            let added = row.added.iter().sum::<usize>() / row.added.len();
            print!("| {name} | {added} | {} |", row.tokens);
            for bits in &row.bits {
                print!(" {:.4} |", bits.iter().sum::<f64>() / chars);
            }
            let reference = self.rows.get(NAMES[0]).filter(|_| name != NAMES[0]);
            match reference {
                None => println!(" |"),
                Some(reference) => {
                    let differences = row.bits[2]
                        .iter()
                        .zip(&reference.bits[2])
                        .map(|(a, b)| a - b);
                    let (mean, low, high) = bootstrap(&differences.collect::<Vec<_>>(), &self.lens);
                    println!(" {mean:+.4} ({low:+.4} to {high:+.4}) |");
                }
            }
        }
        let share = 100.0 * self.changed as f64 / self.words as f64;
        println!(
            "\n{} of {} words of IPADIC ({share:.1} %) are split otherwise\n",
            self.changed, self.words
        );
        println!("| slang | held out | whole before | whole after |\n|---|---|---|---|");
        let mut totals = [0; 3];
        for (slang, counts) in &self.known {
            println!(
                "| {slang} | {} | {} | {} |",
                counts[0], counts[1], counts[2]
            );
            totals = [0, 1, 2].map(|at| totals[at] + counts[at]);
        }
        println!("| all | {} | {} | {} |\n", totals[0], totals[1], totals[2]);
    }
}

impl Row {
    fn add<'a>(
        &mut self,
        train: &BTreeSet<&'a str>,
        held: &BTreeSet<&'a str>,
        mut split: impl FnMut(&'a str) -> Vec<&'a str>,
    ) {
        let train: Vec<_> = train.iter().map(|text| split(text)).collect();
        let held: Vec<_> = held.iter().map(|text| split(text)).collect();
        self.tokens += held.iter().map(Vec::len).sum::<usize>();
        for (order, bits) in ORDERS.into_iter().zip(&mut self.bits) {
            let mut model = NgramModel::new(order);
            train
                .iter()
                .for_each(|words| model.add(words.iter().copied()));
            bits.extend(held.iter().map(|words| model.bits(words.iter().copied())));
        }
    }
}

/// The mean difference a character, and its 2.5th and 97.5th percentile when comments are drawn
/// anew.
fn bootstrap(differences: &[f64], lens: &[f64]) -> (f64, f64, f64) {
    let mut random = Random(1);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let (mut sum, mut len) = (0.0, 0.0);
            for _ in differences {
                let at = random.below(differences.len());
                sum += differences[at];
                len += lens[at];
            }
            sum / len
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let mean = differences.iter().sum::<f64>() / lens.iter().sum::<f64>();
    (
        mean,
        means[RESAMPLES / 40],
        means[RESAMPLES - 1 - RESAMPLES / 40],
    )
}

/// Xorshift by Marsaglia.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % limit.max(1) as u64).unwrap_or(0)
    }
}

/// As many n-grams of 2 to 6 characters as were learnt, at their middle cost: the most frequent,
/// and any that are as frequent as what is learnt has to be.
fn baselines(train: &BTreeSet<&str>, lexicon: &Lexicon) -> (String, String) {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for text in train {
        let places: Vec<usize> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        for len in 2..=6 {
            for ends in places.windows(len + 1) {
                *counts.entry(&text[ends[0]..ends[len]]).or_default() += 1;
            }
        }
    }
    let fits = |text: &str| {
        let first = text.chars().next();
        text.chars().any(char::is_alphabetic)
            && !text.contains([' ', '\u{3000}', ',', '"'])
            && !text.chars().all(|c| Some(c) == first)
    };
    let mut ngrams: Vec<_> = counts
        .into_iter()
        .filter(|(text, count)| *count >= 10 && fits(text))
        .collect();
    ngrams.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let mut costs: Vec<i16> = lexicon.entries().iter().map(|entry| entry.cost).collect();
    costs.sort_unstable();
    let line = |text: &str| {
        let (entry, cost) = (&lexicon.entries()[0], costs[costs.len() / 2]);
        format!(
            "{text},{},{},{cost},{}\n",
            entry.left_id, entry.right_id, entry.part_of_speech
        )
    };
    let count = lexicon.entries().len();
    let frequent = ngrams
        .iter()
        .take(count)
        .map(|(text, _)| line(text))
        .collect();
    let mut random = Random(2);
    let mut drawn = BTreeSet::new();
    while drawn.len() < count.min(ngrams.len()) {
        drawn.insert(ngrams[random.below(ngrams.len())].0);
    }
    (frequent, drawn.into_iter().map(line).collect())
}
