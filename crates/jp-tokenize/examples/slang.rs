//! dev
use jp_tokenize::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

fn words<'a>(w: &mut Worker<'_>, t: &'a str) -> Vec<&'a str> {
    let mut out = vec![];
    let mut end = 0;
    for tok in w.tokenize(t) {
        if tok.range.start > end {
            out.push(&t[end..tok.range.start]);
        }
        out.push(&t[tok.range.clone()]);
        end = tok.range.end;
    }
    if end < t.len() {
        out.push(&t[end..]);
    }
    out
}
fn tok(csv: &str) -> Tokenizer {
    if csv.is_empty() {
        return Tokenizer::new(Dictionary::system().unwrap()).unwrap();
    }
    Tokenizer::new(
        Dictionary::system()
            .unwrap()
            .with_user_lexicon(csv)
            .unwrap(),
    )
    .unwrap()
}

fn eval<'a>(
    name: &str,
    train: &[&'a str],
    held: &[&'a str],
    split: &mut dyn FnMut(&'a str) -> Vec<&'a str>,
    orders: &[usize],
) -> Vec<f64> {
    let tr: Vec<Vec<&str>> = train.iter().map(|t| split(t)).collect();
    let he: Vec<Vec<&str>> = held.iter().map(|t| split(t)).collect();
    let chars: usize = held.iter().map(|t| t.chars().count()).sum();
    let toks: usize = he.iter().map(Vec::len).sum();
    print!("{name:<24} tokens {toks:>7}");
    let mut last = vec![];
    for &o in orders {
        let mut m = NgramModel::new(o);
        for t in &tr {
            m.add(t.iter().copied());
        }
        let bits: Vec<f64> = he.iter().map(|t| m.bits(t.iter().copied())).collect();
        print!("  {o}: {:.4}", bits.iter().sum::<f64>() / chars as f64);
        if o == 3 {
            last = bits;
        }
    }
    println!();
    last
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let get = |k: &str| {
        args.iter()
            .position(|a| a == k)
            .map(|i| args[i + 1].clone())
    };
    let train_f = get("--train").unwrap();
    let read = |f: &str| -> Vec<String> {
        f.split(':')
            .flat_map(|f| {
                std::fs::read_to_string(f)
                    .unwrap()
                    .lines()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .filter(|l| !l.trim().is_empty())
            .collect()
    };
    let all = read(&train_f);
    let (train, held): (Vec<String>, Vec<String>) = match get("--held") {
        Some(h) => {
            let held: BTreeSet<String> = read(&h).into_iter().collect();
            (
                all.into_iter().filter(|t| !held.contains(t)).collect(),
                held.into_iter().collect(),
            )
        }
        None => {
            let distinct: BTreeSet<&String> = all.iter().collect();
            let h: BTreeSet<String> = distinct
                .into_iter()
                .filter(|t| {
                    let mut x = 0xcbf29ce484222325u64;
                    for b in t.bytes() {
                        x = (x ^ u64::from(b)).wrapping_mul(0x100000001b3);
                    }
                    (x >> 33) % 10 == 0
                })
                .cloned()
                .collect();
            (
                all.into_iter().filter(|t| !h.contains(t)).collect(),
                h.into_iter().collect(),
            )
        }
    };
    let mut o = SlangOptions::default();
    if let Some(v) = get("--min-count") {
        o = o.min_count(v.parse().unwrap());
    }
    if let Some(v) = get("--branch") {
        o = o.min_branching(v.parse().unwrap());
    }
    if let Some(v) = get("--saving") {
        o = o.min_saving(v.parse().unwrap());
    }
    if let Some(v) = get("--rounds") {
        o.rounds = v.parse().unwrap();
    }
    if let Some(v) = get("--fore") {
        o.min_foresight = v.parse().unwrap();
    }
    if let Some(v) = get("--phrase") {
        o.phrase = v.parse().unwrap();
    }
    let plain = tok("");
    let t0 = std::time::Instant::now();
    let mut learner = SlangLearner::new(&plain, o);
    for t in &train {
        learner.add(t);
    }
    let lex = learner.learn();
    eprintln!("learnt {} in {:?}", lex.entries().len(), t0.elapsed());
    let csv = lex.to_csv();
    std::fs::write("/tmp/slang/lex.csv", &csv).unwrap();
    let new = tok(&csv);
    let train_d: Vec<&str> = train
        .iter()
        .map(|s| s.as_str())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let held_d: Vec<&str> = held.iter().map(|s| s.as_str()).collect();
    println!("train {} held {}", train_d.len(), held_d.len());
    let mut pw = plain.worker();
    let mut nw = new.worker();
    // came out
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for t in &train_d {
        for w in words(&mut nw, t) {
            *counts.entry(w).or_default() += 1;
        }
    }
    let none = lex
        .entries()
        .iter()
        .filter(|e| !counts.contains_key(e.surface.as_str()))
        .count();
    println!("entries that never come out: {none}");
    let orders = [1, 2, 3, 4];
    let a = eval(
        "ipadic",
        &train_d,
        &held_d,
        &mut |t| words(&mut pw, t),
        &orders,
    );
    let b = eval(
        "ipadic+slang",
        &train_d,
        &held_d,
        &mut |t| words(&mut nw, t),
        &orders,
    );
    let c = eval(
        "characters",
        &train_d,
        &held_d,
        &mut |t| {
            t.char_indices()
                .map(|(i, c)| &t[i..i + c.len_utf8()])
                .collect()
        },
        &[3, 4, 5, 6],
    );
    let _ = (a, b, c);
    if args.iter().any(|a| a == "--top") {
        for e in lex.entries().iter().take(150) {
            let s: Vec<_> = words(&mut pw, &e.surface);
            println!(
                "{} {} n{} b{:.1} s{:.1} g{:.0} c{}",
                e.surface,
                s.join("|"),
                e.count,
                e.branching,
                e.saving,
                e.gain,
                e.cost
            );
        }
    }
    let _ = BTreeMap::<u8, u8>::new();
}
