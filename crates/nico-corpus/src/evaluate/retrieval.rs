//! Whether the model finds a moment's own comments among others.

use std::{collections::HashSet, path::Path};

use caption_metrics::{
    CandidateOptions, CandidatePool, CandidateSet, Chance, Pairs, PoolComment, Ranking, WordNlls,
    chance, first_true_rank, shuffled_pictures,
};
use rand::{SeedableRng, seq::index::sample};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{context::EvaluationContext, likelihood::APART, tables::Table};
use crate::{
    error::Error,
    figures::{difference_over, estimate_over, fixed},
    files::write_json,
};

/// Name of the file with the candidates of every moment.
pub const CANDIDATES: &str = "candidates.json";

/// The section of `evaluation.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RetrievalSection {
    /// Seconds that have held-out comments.
    pub seconds: usize,
    /// How many of them were measured.
    pub moments: usize,
    /// Spans of time that the moments lie in: what intervals of differences are drawn from.
    /// Evaluations of earlier versions do not say.
    #[serde(default)]
    pub spans: Option<usize>,
    /// Mean number of candidates.
    pub candidates: f64,
    /// Mean number of true ones among them.
    pub true_candidates: f64,
    /// Of the model's scores, and of orders that do not see the picture.
    pub rankings: Vec<NamedRanking>,
    /// How each score of the model differs from each order without the picture.
    pub differences: Vec<RankingDifference>,
    /// What a random order scores on these candidates.
    pub chance: Chance,
}

/// How one score orders the candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NamedRanking {
    /// The score, in words.
    pub score: String,
    /// How early the first true candidate comes.
    #[serde(flatten)]
    pub ranking: Ranking,
}

/// How the orders by two scores differ over the same candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RankingDifference {
    /// The one score, in words.
    pub score: String,
    /// The other one.
    pub less: String,
    /// The figures of the one less those of the other, moment by moment.
    #[serde(flatten)]
    pub difference: Ranking,
}

/// Seconds of a video that the intervals of differences draw as one: neighbouring seconds show the
/// same scene.
const SPAN: u64 = 5;

/// `candidates.json`.
#[derive(Serialize)]
struct CandidateFile<'a> {
    /// What was drawn with.
    options: CandidateOptions,
    /// The comments that ids stand for: their places, from 0, among the comments that have text of
    /// `--comments` and then `--learnt-from`, in the order of the files.
    ids: &'static str,
    moments: &'a [Moment],
}

/// A moment, its picture and its candidates.
#[derive(Serialize)]
struct Moment {
    /// Row of the feature store that stands for it.
    row: usize,
    #[serde(flatten)]
    set: CandidateSet,
    /// What the candidates say, in their order.
    texts: Vec<String>,
}

/// Measures the section; `out` gets the file of candidates.
///
/// # Errors
///
/// Fails if no second has held-out comments, if a row cannot be read and if the file cannot be
/// written.
pub fn measure(context: &EvaluationContext<'_>, out: &Path) -> Result<RetrievalSection, Error> {
    let comments = context.data.pool();
    let pool = CandidatePool::new(&comments);
    let seconds = pool.seconds();
    let moments = moments(context, &comments, &pool, &seconds);
    if moments.is_empty() {
        return Err(Error::NoMoments);
    }
    let file = CandidateFile {
        options: CandidateOptions::default().seed(context.seed),
        ids: "places among the comments with text, as they were read: --comments, then --learnt-from",
        moments: &moments,
    };
    write_json(&out.join(CANDIDATES), &file)?;

    let (own, shuffled) = nlls(context, &comments, &moments)?;
    let rank = |score: &dyn Fn(usize, &PoolComment<'_>) -> f64| -> Vec<usize> {
        let mut at = 0;
        let mut ranks = Vec::with_capacity(moments.len());
        for moment in &moments {
            let mut scored = Vec::with_capacity(moment.set.candidates.len());
            for candidate in &moment.set.candidates {
                scored.push((score(at, &comments[candidate.comment]), candidate.is_true()));
                at += 1;
            }
            ranks.extend(first_true_rank(&scored));
        }
        ranks
    };
    let length = |comment: &PoolComment<'_>| (comment.words.len() + 1) as f64;
    let of_the_model = [
        ("log p(comment)", rank(&|at, _| -own.comment(at))),
        (
            "log p(comment) per word",
            rank(&|at, comment| -own.comment(at) / length(comment)),
        ),
        (
            "PMI: log p(comment) − log p(comment under another picture)",
            rank(&|at, _| shuffled.comment(at) - own.comment(at)),
        ),
    ];
    let without_the_picture = [
        (
            "log p(comment under another picture)",
            rank(&|at, _| -shuffled.comment(at)),
        ),
        (
            "popularity in train",
            rank(&|_, comment| pool.popularity(comment.words) as f64),
        ),
        (
            "length, shortest first",
            rank(&|_, comment| -length(comment)),
        ),
    ];
    let num_candidates = |moment: &Moment| moment.set.candidates.len();
    let mean = |count: &dyn Fn(&Moment) -> usize| {
        moments.iter().map(count).sum::<usize>() as f64 / moments.len() as f64
    };
    Ok(RetrievalSection {
        seconds: seconds.len(),
        moments: moments.len(),
        spans: Some(num_spans(&moments)),
        candidates: mean(&num_candidates),
        true_candidates: mean(&|moment| moment.set.num_true()),
        rankings: of_the_model
            .iter()
            .chain(&without_the_picture)
            .map(|(score, ranks)| NamedRanking {
                score: (*score).to_owned(),
                ranking: Ranking::from_ranks(ranks, context.seed),
            })
            .collect(),
        differences: differences(&of_the_model, &without_the_picture, &moments, context.seed),
        chance: Chance::mean(
            moments
                .iter()
                .map(|moment| chance(moment.set.num_true(), num_candidates(moment))),
        ),
    })
}

/// The span that a moment lies in.
fn span(moment: &Moment) -> usize {
    // A span is a place among numbers, whatever stands there.
    usize::try_from(moment.set.second / SPAN).unwrap_or(usize::MAX)
}

fn num_spans(moments: &[Moment]) -> usize {
    let spans: HashSet<usize> = moments.iter().map(span).collect();
    spans.len()
}

/// Each score of the model less each of the others, moment by moment.
fn differences(
    scores: &[(&str, Vec<usize>)],
    others: &[(&str, Vec<usize>)],
    moments: &[Moment],
    seed: u64,
) -> Vec<RankingDifference> {
    let spans: Vec<usize> = moments.iter().map(span).collect();
    let mut differences = Vec::new();
    for (less, others) in others {
        for (score, ranks) in scores {
            differences.push(RankingDifference {
                score: (*score).to_owned(),
                less: (*less).to_owned(),
                difference: Ranking::difference(ranks, others, &spans, seed),
            });
        }
    }
    differences
}

/// Draws the moments that are measured and their candidates.
fn moments(
    context: &EvaluationContext<'_>,
    comments: &[PoolComment<'_>],
    pool: &CandidatePool<'_>,
    seconds: &[u64],
) -> Vec<Moment> {
    let mut rng = ChaCha8Rng::seed_from_u64(context.seed);
    let mut drawn = sample(&mut rng, seconds.len(), context.moments.min(seconds.len())).into_vec();
    drawn.sort_unstable();
    let rows = context.data.middle_rows();
    let options = CandidateOptions::default().seed(context.seed);
    let moment = |at: usize| {
        let set = pool.draw(seconds[at], &options)?;
        let text = |comment: usize| comments[comment].text.to_owned();
        Some(Moment {
            row: *rows.get(&seconds[at])?,
            texts: set.candidates.iter().map(|one| text(one.comment)).collect(),
            set,
        })
    };
    drawn.into_iter().filter_map(moment).collect()
}

/// What every candidate costs under its moment's picture, and under another one, the same for all
/// candidates of the moment.
fn nlls(
    context: &EvaluationContext<'_>,
    comments: &[PoolComment<'_>],
    moments: &[Moment],
) -> Result<(WordNlls, WordNlls), Error> {
    let mut pictures = Pairs::new(1);
    for moment in moments {
        pictures.push(moment.row, &[caption_model::UNK]);
    }
    let others = shuffled_pictures(&pictures, &context.store.info().times, APART, context.seed);
    let pairs = |row_of: &dyn Fn(usize) -> usize| {
        let mut pairs = Pairs::new(usize::MAX);
        for (at, moment) in moments.iter().enumerate() {
            for candidate in &moment.set.candidates {
                pairs.push(row_of(at), comments[candidate.comment].words);
            }
        }
        pairs
    };
    let own = context.word_nlls("candidates", &pairs(&|at| moments[at].row))?;
    let shuffled = context.word_nlls("shuffled", &pairs(&|at| others.get(at).row))?;
    Ok((own, shuffled))
}

impl RetrievalSection {
    pub(super) fn write(&self, out: &mut String) {
        let intervals = match self.moments {
            1 => "one moment has no interval",
            _ => "95 % intervals by bootstrap over the moments",
        };
        out.push_str(&format!(
            "## Retrieval\n\n{} of {} seconds with held-out comments; {:.1} candidates each, {:.1} of them true. The first true candidate counts; {intervals}. `{CANDIDATES}` has the candidates.\n\n",
            self.moments, self.seconds, self.candidates, self.true_candidates
        ));
        let mut table = Table::new([
            "ordered by",
            "R@1, %",
            "R@5, %",
            "R@10, %",
            "mean rank",
            "MRR",
        ]);
        for NamedRanking { score, ranking } in &self.rankings {
            table.row([
                score.clone(),
                estimate_over(self.moments, ranking.recall_1.scaled(100.0), 1),
                estimate_over(self.moments, ranking.recall_5.scaled(100.0), 1),
                estimate_over(self.moments, ranking.recall_10.scaled(100.0), 1),
                estimate_over(self.moments, ranking.mean_rank, 2),
                estimate_over(self.moments, ranking.mrr, 3),
            ]);
        }
        let chance = &self.chance;
        table.row([
            "chance".to_owned(),
            fixed(100.0 * chance.recall_1, 1),
            fixed(100.0 * chance.recall_5, 1),
            fixed(100.0 * chance.recall_10, 1),
            fixed(chance.mean_rank, 2),
            fixed(chance.mrr, 3),
        ]);
        table.write(out);
        self.write_differences(out);
        out.push_str("For orientation, published on other videos with 5 of 100 true: an image-only captioner 4.69 / 19.93 / 36.46 / 21.60 / .1451; the best model, given 5 frames and 5 comments, 18.01 / 38.12 / 55.78 / 16.01 / .2753.\n\n");
    }

    fn write_differences(&self, out: &mut String) {
        let spans = self.spans.unwrap_or(self.moments);
        let intervals = match spans {
            1 => format!(
                "All lie in one span of {SPAN} s, which has no interval: whether a difference is more than chance cannot be told"
            ),
            spans => format!(
                "95 % intervals by bootstrap over {spans} spans of {SPAN} s; those without 0 are clear"
            ),
        };
        out.push_str(&format!(
            "The same moments in pairs: how much better (a lower mean rank, more of the others) the model orders them than an order that does not see their picture. {intervals}.\n\n"
        ));
        let mut table = Table::new([
            "difference",
            "R@1, %",
            "R@5, %",
            "R@10, %",
            "mean rank",
            "MRR",
        ]);
        for one in &self.differences {
            let Ranking {
                recall_1,
                recall_5,
                recall_10,
                mean_rank,
                mrr,
            } = one.difference;
            table.row([
                format!("{} less {}", short(&one.score), short(&one.less)),
                difference_over(spans, recall_1.scaled(100.0), 1),
                difference_over(spans, recall_5.scaled(100.0), 1),
                difference_over(spans, recall_10.scaled(100.0), 1),
                difference_over(spans, mean_rank, 2),
                difference_over(spans, mrr, 3),
            ]);
        }
        table.write(out);
    }
}

/// A score's name up to what explains it.
fn short(score: &str) -> &str {
    score.split([':', ',']).next().unwrap_or(score)
}
