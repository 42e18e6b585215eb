//! What the model writes: how varied it is, what it copies, and whether it comes at the right
//! times.

use std::collections::{HashMap, HashSet};

use caption_metrics::{
    BurstHits, Copying, Correlation, DivergenceComments, Diversity, Hallucination, PoolSubset,
    RateFit, TimedWords, TrainingComments, WordDivergence,
};
use caption_model::GenerateOptions;
use rand::{SeedableRng, seq::index::sample};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{
    context::{EvaluationContext, EvaluationProgress},
    tables::Table,
};
use crate::{
    corpus::is_speech,
    error::Error,
    figures::{fixed, mean_over, percent, percent_of},
    words::split_words,
};

/// Most comments of either side whose variety is measured.
const COMPARED: usize = 2_000;
/// Standard deviation of the smoothing of rates, seconds.
const SIGMA: f64 = 2.0;
/// Shifts that a correlation is compared with.
const SHIFTS: usize = 1_000;
/// Seconds of a window whose words are compared.
const WINDOW: usize = 10;
/// Words whose rates are compared: the most frequent ones that say something, said so often at
/// least.
const WORDS: usize = 20;
const LEAST_SAID: usize = 5;

/// The section of `evaluation.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GenerationSection {
    /// The file that was measured, or nothing where the comments were written for this.
    pub file: Option<String>,
    /// Number of comments written for held-out moments.
    pub written: usize,
    /// Number of people's held-out comments.
    pub people: usize,
    /// How varied they are.
    pub diversity: Sides<Diversity>,
    /// What of them stands in the comments learnt from.
    pub copying: Sides<Copying>,
    /// Names of those who are not in the picture, where boxes tell it.
    pub hallucination: Option<Sides<Hallucination>>,
    /// How the rates of words follow the real ones.
    pub words: Vec<WordRate>,
    /// Whether bursts are where people's are.
    pub bursts: BurstHits,
    /// How the number of comments a second follows the real one.
    pub rate: RateFit,
    /// How the words of ten seconds differ from people's.
    pub divergence: WordDivergence,
}

/// A figure of what was written, and the same of what people said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sides<T> {
    /// Of what was written.
    pub written: T,
    /// Of what people said.
    pub people: T,
}

/// How the rate of a word follows the real one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WordRate {
    /// The word.
    pub word: String,
    /// How many held-out comments have it.
    pub said: usize,
    /// How many written ones have it.
    pub written: usize,
    /// Nothing where one of the rates does not vary.
    pub correlation: Option<Correlation>,
}

/// A comment that was written.
struct Written {
    row: usize,
    time: f64,
    words: Vec<String>,
    ids: Vec<u32>,
}

/// Measures the section.
///
/// # Errors
///
/// Fails if none of the written comments stands in the held-out time, and if a row cannot be read.
pub fn measure(context: &EvaluationContext<'_>) -> Result<GenerationSection, Error> {
    let data = context.data;
    let written = written(context)?;
    let dev = data.indices(PoolSubset::Dev);
    let train: Vec<&[String]> = data
        .indices(PoolSubset::Train)
        .into_iter()
        .map(|index| data.surfaces(index))
        .collect();
    let compared = written.len().min(dev.len()).min(COMPARED);
    let mut rng = ChaCha8Rng::seed_from_u64(context.seed);
    let mut drawn = |of: usize| sample(&mut rng, of, compared.min(of)).into_vec();
    let ours: Vec<&[String]> = drawn(written.len())
        .into_iter()
        .map(|at| written[at].words.as_slice())
        .collect();
    let theirs: Vec<&[String]> = drawn(dev.len())
        .into_iter()
        .map(|at| data.surfaces(dev[at]))
        .collect();
    let learnt = TrainingComments::new(&train);

    let held_out = data.held_out();
    let real_said = data.said_words();
    let written_said: Vec<TimedWords<'_>> = written
        .iter()
        .map(|one| TimedWords {
            time: one.time,
            words: &one.ids,
        })
        .collect();
    let real_counts = held_out.counts(real_said.iter().map(|said| said.time));
    let written_counts = held_out.counts(written_said.iter().map(|said| said.time));
    let others: Vec<&[u32]> = data
        .indices(PoolSubset::Train)
        .into_iter()
        .map(|index| data.ids(index))
        .collect();
    Ok(GenerationSection {
        file: context
            .generated
            .map(|(path, _)| path.display().to_string()),
        written: written.len(),
        people: dev.len(),
        diversity: Sides {
            written: Diversity::measure(&ours),
            people: Diversity::measure(&theirs),
        },
        copying: Sides {
            written: Copying::measure(&ours, &learnt),
            people: Copying::measure(&theirs, &learnt),
        },
        hallucination: context.truth.map(|truth| {
            let ours = written.iter().map(|one| (one.row, one.ids.as_slice()));
            let theirs = dev.iter().map(|&at| (data.row(at), data.ids(at)));
            Sides {
                written: Hallucination::count(ours, truth),
                people: Hallucination::count(theirs, truth),
            }
        }),
        words: word_rates(context, &real_said, &written_said),
        bursts: BurstHits::measure(&held_out, &real_counts, &written_counts),
        rate: RateFit::measure(&held_out, &real_counts, &written_counts, SIGMA),
        divergence: WordDivergence::measure(
            &held_out,
            WINDOW,
            DivergenceComments {
                real: &real_said,
                generated: &written_said,
                others: &others,
            },
            context.seed,
        ),
    })
}

/// The comments of held-out moments: of the file that was given, or written now.
fn written(context: &EvaluationContext<'_>) -> Result<Vec<Written>, Error> {
    let data = context.data;
    let (rows, texts): (Vec<usize>, Vec<String>) = match context.generated {
        Some((_, comments)) => comments
            .iter()
            .filter(|comment| is_speech(comment))
            .map(|comment| (data.row_of(comment), comment.body.clone()))
            .filter(|&(row, _)| data.is_held_out(row))
            .unzip(),
        None => write(context)?,
    };
    let bodies: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (words, _) = split_words(context.tokenizer, &bodies, |_| false);
    let vocabulary = context.captioner.vocabulary();
    let written: Vec<Written> = rows
        .into_iter()
        .enumerate()
        .map(|(index, row)| Written {
            row,
            time: data.time_of_row(row),
            words: words.get(index).to_vec(),
            ids: vocabulary.encode(words.get(index).iter().map(String::as_str)),
        })
        .filter(|one| !one.words.is_empty())
        .collect();
    if context.generated.is_some() && written.is_empty() {
        return Err(Error::NothingWritten);
    }
    Ok(written)
}

/// Writes comments for the held-out rows, as many for each as is drawn from the model's rate.
fn write(context: &EvaluationContext<'_>) -> Result<(Vec<usize>, Vec<String>), Error> {
    let data = context.data;
    let rate = context.captioner.rate();
    let rows_per_second = data.num_rows() as f64 / context.store.info().duration.max(1e-9);
    let factor = rate.frame_rate() / rows_per_second.max(1e-9);
    let mut rng = ChaCha8Rng::seed_from_u64(context.seed);
    let mut rows = Vec::new();
    for row in (0..data.num_rows()).filter(|&row| data.is_held_out(row)) {
        let comments = rate.draw_scaled(factor, &mut rng);
        rows.extend(std::iter::repeat_n(row, comments));
    }
    let options = GenerateOptions::default().seed(context.seed);
    let mut texts = Vec::with_capacity(rows.len());
    for caption in context.captioner.generate(context.store, &rows, &options)? {
        texts.push(caption?.text);
        (context.progress)(EvaluationProgress {
            label: "write",
            done: texts.len(),
            total: rows.len(),
        });
    }
    Ok((rows, texts))
}

/// The rates of the names and of the most frequent words that are nouns, interjections or
/// adjectives.
fn word_rates(
    context: &EvaluationContext<'_>,
    real: &[TimedWords<'_>],
    written: &[TimedWords<'_>],
) -> Vec<WordRate> {
    let vocabulary = context.captioner.vocabulary();
    let held_out = context.data.held_out();
    let mut said: HashMap<u32, usize> = HashMap::new();
    for comment in real.iter().filter(|one| held_out.bin(one.time).is_some()) {
        let words: HashSet<u32> = comment.words.iter().copied().collect();
        for word in words {
            *said.entry(word).or_default() += 1;
        }
    }
    let names: HashSet<u32> = context
        .names
        .iter()
        .filter_map(|name| vocabulary.id(name))
        .collect();
    let says_something = |word: u32| {
        let part_of_speech = vocabulary.part_of_speech(word);
        part_of_speech.is_noun()
            || part_of_speech.is_interjection()
            || part_of_speech.is_adjective()
    };
    let mut words: Vec<(u32, usize)> = said
        .into_iter()
        .filter(|&(word, times)| {
            times >= LEAST_SAID && (names.contains(&word) || says_something(word))
        })
        .collect();
    words.sort_by_key(|&(word, times)| (!names.contains(&word), std::cmp::Reverse(times), word));
    words.truncate(names.len() + WORDS);
    let rate = |comments: &[TimedWords<'_>], word: u32| {
        let having = comments.iter().filter(|one| one.words.contains(&word));
        held_out.counts(having.map(|one| one.time))
    };
    let compare = |(word, times): (u32, usize)| {
        let (real, written) = (rate(real, word), rate(written, word));
        let smooth = |counts: &[f64]| held_out.smooth(counts, SIGMA);
        WordRate {
            word: vocabulary.word(word).unwrap_or_default().to_owned(),
            said: times,
            written: count_of(written.iter().sum()),
            correlation: Correlation::measure(
                &smooth(&real),
                &smooth(&written),
                SHIFTS,
                context.seed,
            ),
        }
    };
    words.into_iter().map(compare).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of comments"
)]
fn count_of(count: f64) -> usize {
    count as usize
}

impl GenerationSection {
    pub(super) fn write(&self, out: &mut String) {
        self.write_variety(out);
        self.write_timing(out);
    }

    fn write_variety(&self, out: &mut String) {
        let source = self
            .file
            .as_deref()
            .map_or("written for this".to_owned(), |file| format!("of `{file}`"));
        out.push_str(&format!(
            "## Diversity and copying\n\n{} comments {source} for the held-out time, {} by people; {} of each are compared.\n\n",
            self.written, self.people, self.diversity.written.comments
        ));
        let mut table = Table::new(["", "written", "people"]);
        let mut row = |name: &str, figure: &dyn Fn(&Diversity, &Copying) -> String| {
            let cell = |diversity: &Diversity, copying: &Copying| match diversity.comments {
                0 => "–".to_owned(),
                _ => figure(diversity, copying),
            };
            table.row([
                name.to_owned(),
                cell(&self.diversity.written, &self.copying.written),
                cell(&self.diversity.people, &self.copying.people),
            ]);
        };
        row("distinct-1", &|diversity, _| {
            format!("{:.3}", diversity.distinct_1)
        });
        row("distinct-2", &|diversity, _| {
            format!("{:.3}", diversity.distinct_2)
        });
        row("self-BLEU-4", &|diversity, _| {
            format!("{:.3}", diversity.self_bleu)
        });
        row("unique comments", &|diversity, _| percent(diversity.unique));
        row("copied verbatim from train", &|_, copying| {
            percent(copying.verbatim)
        });
        row("longest copied run, words", &|_, copying| {
            copying.longest_run.to_string()
        });
        row("mean longest run, words", &|_, copying| {
            format!("{:.2}", copying.mean_run)
        });
        row("share of a comment in it", &|_, copying| {
            percent(copying.run_share)
        });
        if let Some(Sides { written, people }) = &self.hallucination {
            let cell = |side: &Hallucination| match side.names {
                0 => "no names".to_owned(),
                names => format!("{} of {names}", percent(side.share())),
            };
            table.row([
                "names of those not in the picture".to_owned(),
                cell(written),
                cell(people),
            ]);
        }
        table.write(out);
    }

    fn write_timing(&self, out: &mut String) {
        out.push_str("## Timing\n\nRates of words in bins of 1 s of the held-out time, smoothed with σ = 2 s; p from circular shifts, whose mean correlation is 0.\n\n");
        let mut table = Table::new(["word", "said", "written", "Pearson", "Spearman", "p"]);
        for word in &self.words {
            let figure = |of: fn(&Correlation) -> f64, digits: usize| {
                let figure = word.correlation.as_ref().map(of);
                figure.map_or("–".to_owned(), |figure| fixed(figure, digits))
            };
            table.row([
                word.word.clone(),
                word.said.to_string(),
                word.written.to_string(),
                figure(|one| one.pearson, 2),
                figure(|one| one.spearman, 2),
                figure(|one| one.p, 3),
            ]);
        }
        table.write(out);
        let mut table = Table::new(["", "written", "baseline"]);
        table.row([
            format!(
                "real bursts ({}) with a written one ({}) within 3 s; baseline: shifted in time",
                self.bursts.real, self.bursts.generated
            ),
            percent_of(self.bursts.real, self.bursts.share),
            percent_of(self.bursts.real, self.bursts.chance),
        ]);
        table.row([
            "Poisson deviance of the comments a second; baseline: the mean rate".to_owned(),
            fixed(self.rate.deviance, 1),
            fixed(self.rate.mean_rate, 1),
        ]);
        let divergence = &self.divergence;
        table.row([
            format!("Jensen-Shannon divergence of words in 10 s, bits ({} windows, {} comments a side); baseline: comments of train at random", divergence.windows, divergence.comments),
            mean_over(divergence.windows, divergence.generated, 3),
            mean_over(divergence.windows, divergence.others, 3),
        ]);
        table.row([
            "the same between halves of the real comments: the noise floor".to_owned(),
            mean_over(divergence.windows, divergence.noise_floor, 3),
            String::new(),
        ]);
        table.write(out);
    }
}
