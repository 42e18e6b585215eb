//! `nico evaluate captions`: captions of any data set against references.

use anyhow::anyhow;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use caption_metrics::{CaptionHypothesis, CaptionScores};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use nico_corpus::{evaluate::Table, split_words};

use super::super::Context;
use crate::{
    failure::{Outcome, at},
    files::{print_json, print_line, write_json},
    words::DictionaryArgs,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct CaptionsArgs {
    /// A JSON object a line: `{"hypothesis": "a cat sits", "references": ["a cat is sitting", …]}`.
    /// Texts are split at white space; lists of words are taken as they are.
    #[arg(value_name = "FILE.jsonl")]
    file: PathBuf,
    /// Splits texts with the dictionary, for Japanese.
    #[arg(long)]
    japanese: bool,
    /// File that gets the scores as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Seed of which caption is compared with which other picture.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    dictionary: DictionaryArgs,
}

/// A line of the file.
#[derive(Deserialize)]
struct Line {
    hypothesis: Text,
    references: Vec<Text>,
}

/// A text, or its words.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Words(Vec<String>),
}

/// The scores beside their baselines.
#[derive(Debug, Serialize)]
struct Scores {
    captions: usize,
    /// Of the captions.
    scores: CaptionScores,
    /// Of the same captions, each against the references of another picture.
    other_pictures: CaptionScores,
    /// Of the first reference against the others, over the pictures that have several.
    people: Option<CaptionScores>,
}

pub(super) fn run(args: &CaptionsArgs, context: Context) -> Outcome {
    let captions = read(args)?;
    let scores = Scores {
        captions: captions.len(),
        scores: CaptionScores::measure(&captions),
        other_pictures: CaptionScores::measure(&of_other_pictures(&captions, args.seed)),
        people: people(&captions),
    };
    if let Some(path) = &args.out {
        write_json(path, &scores)?;
    }
    if context.json {
        return print_json(&scores);
    }
    let mut report = format!("{} captions\n\n", scores.captions);
    scores.write(&mut report);
    print_line(report.trim_end())
}

fn read(args: &CaptionsArgs) -> Outcome<Vec<CaptionHypothesis>> {
    let path = &args.file;
    let file = File::open(path).map_err(at(path))?;
    let mut lines = Vec::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(at(path))?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line)
            .map_err(|error| anyhow!("{}: line {}: {error}", path.display(), number + 1))?;
        if line.references.is_empty() {
            return Err(anyhow!(
                "{}: line {}: a caption without references",
                path.display(),
                number + 1
            ));
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(empty(path));
    }
    let texts = lines.into_iter().flat_map(|line| {
        let references = line.references.len();
        std::iter::once((line.hypothesis, references))
            .chain(line.references.into_iter().map(|text| (text, 0)))
    });
    let texts: Vec<(Text, usize)> = texts.collect();
    let mut words = words_of(&texts, args)?.into_iter();
    let mut captions = Vec::new();
    let mut at = 0;
    while let Some(hypothesis) = words.next() {
        let references = texts[at].1;
        captions.push(CaptionHypothesis {
            hypothesis,
            references: words.by_ref().take(references).collect(),
        });
        at += 1 + references;
    }
    Ok(captions)
}

fn words_of(texts: &[(Text, usize)], args: &CaptionsArgs) -> Outcome<Vec<Vec<String>>> {
    let whole = |text: &Text| match text {
        Text::Text(text) => text.clone(),
        Text::Words(_) => String::new(),
    };
    let splitting = if args.japanese {
        let texts: Vec<String> = texts.iter().map(|(text, _)| whole(text)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Some(split_words(&args.dictionary.tokenizer()?, &texts, |_| false).0)
    } else {
        None
    };
    let words = texts
        .iter()
        .enumerate()
        .map(|(index, (text, _))| match (text, &splitting) {
            (Text::Words(words), _) => words.clone(),
            (Text::Text(_), Some(splitting)) => splitting.get(index).to_vec(),
            (Text::Text(text), None) => text.split_whitespace().map(str::to_owned).collect(),
        });
    Ok(words.collect())
}

fn empty(path: &Path) -> anyhow::Error {
    anyhow!("{}: holds no captions", path.display())
}

/// Each caption with the references of another picture, the pictures in one random circle.
fn of_other_pictures(captions: &[CaptionHypothesis], seed: u64) -> Vec<CaptionHypothesis> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut others: Vec<usize> = (0..captions.len()).collect();
    // Sattolo's algorithm: no caption keeps its own picture.
    for last in (1..others.len()).rev() {
        others.swap(last, rng.random_range(0..last));
    }
    let moved = captions
        .iter()
        .zip(others)
        .map(|(caption, other)| CaptionHypothesis {
            hypothesis: caption.hypothesis.clone(),
            references: captions[other].references.clone(),
        });
    moved.collect()
}

/// The first reference of each picture against its others.
fn people(captions: &[CaptionHypothesis]) -> Option<CaptionScores> {
    let several = captions.iter().filter_map(|caption| {
        let (first, others) = caption.references.split_first()?;
        (!others.is_empty()).then(|| CaptionHypothesis {
            hypothesis: first.clone(),
            references: others.to_vec(),
        })
    });
    let several: Vec<CaptionHypothesis> = several.collect();
    (!several.is_empty()).then(|| CaptionScores::measure(&several))
}

impl Scores {
    fn write(&self, out: &mut String) {
        let mut table = Table::new([
            "", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr-D",
        ]);
        let mut row = |name: &str, scores: &CaptionScores| {
            let [one, two, three, four] = scores.bleu.map(|score| format!("{score:.3}"));
            table.row([
                name.to_owned(),
                one,
                two,
                three,
                four,
                format!("{:.3}", scores.meteor),
                format!("{:.3}", scores.rouge_l),
                format!("{:.3}", scores.cider_d),
            ]);
        };
        row("the captions", &self.scores);
        row("the same, of other pictures", &self.other_pictures);
        if let Some(people) = &self.people {
            row("a person against the others", people);
        }
        table.write(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A caption that is its own reference scores fully; moved to another picture it has nothing in
    /// common with it.
    #[test]
    fn no_caption_keeps_its_picture() {
        let captions: Vec<CaptionHypothesis> = (0..20)
            .map(|at| {
                let text = format!("a{at} b{at} c{at} d{at}");
                CaptionHypothesis::from_texts(&text, &[&text])
            })
            .collect();
        assert_eq!(CaptionScores::measure(&captions).bleu[3], 1.0);
        let moved = of_other_pictures(&captions, 1);
        assert_eq!(CaptionScores::measure(&moved).rouge_l, 0.0);
        assert!(people(&captions).is_none());
    }
}
