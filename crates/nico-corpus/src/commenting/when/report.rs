use std::fmt::Write;

use caption_metrics::{Estimate, negative_binomial_deviance, pearson};
use rayon::prelude::*;
use serde::Serialize;

use super::{
    counts::{SECOND, SPAN, count, judged_spans},
    inputs::RateInputs,
    minutes::{MinuteInputs, MinuteModel, SECONDS, frequencies, minutes, seconds},
    rate_model::RateModel,
};
use crate::{commenting::like_people::halves, error::Error, stream::Episode};

/// How well something foretells the counts of spans of 5 s.
#[derive(Clone, Debug, Serialize)]
pub struct CountRow {
    /// What foretells.
    pub name: String,
    /// Negative binomial deviance a span, with the model's size; interval over episodes.
    pub deviance: Estimate,
    /// Pearson's correlation over the spans of an episode: mean over episodes, with its interval.
    pub correlation: Estimate,
    /// The same over the spans of all episodes together; none where nothing varies.
    pub pooled: Option<f64>,
}

/// How well counts of spans of 5 s are foretold from the past.
#[derive(Clone, Debug, Serialize)]
pub struct CountReport {
    /// Whether half of the viewers was read, and the counts are of the other half.
    pub of_other_half: bool,
    /// Episodes measured.
    pub episodes: usize,
    /// Spans measured.
    pub spans: usize,
    /// `r` of the negative binomial distribution.
    pub size: f64,
    /// Told at the beginning of the span.
    pub at_once: Vec<CountRow>,
    /// Told a second at a time and added up: all but the last second have then been read.
    pub by_second: Vec<CountRow>,
    /// Correlation of the counts of two halves of the viewers in the same span.
    pub halves: Estimate,
}

/// Spans of an episode: what was counted, and what something told.
struct Told {
    counts: Vec<f64>,
    expected: Vec<f64>,
}

/// Learns rates on `train` and measures them on `dev`, beside what is simpler. With
/// `of_other_half`, half of the viewers of each episode is read and the other half counted: for
/// data of a service that caps the comments of a minute. Gives the rate of the coming second that
/// reads the most as well, of all viewers.
///
/// # Errors
///
/// As [`RateModel::fit`].
pub fn measure_counts(
    train: &[Episode],
    dev: &[Episode],
    of_other_half: bool,
    seed: u64,
) -> Result<(CountReport, RateModel), Error> {
    let split = |episodes: &[Episode]| -> Vec<[Episode; 2]> {
        episodes.par_iter().map(|one| halves(one, seed)).collect()
    };
    let dev_halves = split(dev);
    let of_halves = |halves: Vec<[Episode; 2]>| -> (Vec<Episode>, Vec<Episode>) {
        halves
            .into_iter()
            .map(|[read, counted]| (read, counted))
            .unzip()
    };
    let half_correlations: Vec<f64> = dev_halves
        .iter()
        .filter_map(|[a, b]| {
            let spans = judged_spans(a);
            let counts = |half: &Episode| -> Vec<f64> {
                spans.iter().map(|at| count(half, *at, SPAN)).collect()
            };
            pearson(&counts(a), &counts(b))
        })
        .collect();
    let train_parts = of_other_half.then(|| of_halves(split(train)));
    let dev_parts = of_other_half.then(|| of_halves(dev_halves));
    let (read, counted) = train_parts
        .as_ref()
        .map_or((train, train), |(a, b)| (&**a, &**b));
    let (dev_read, dev_counted) = dev_parts.as_ref().map_or((dev, dev), |(a, b)| (&**a, &**b));

    let tell = |expected: &(dyn Fn(&Episode, i64) -> f64 + Sync)| -> Vec<Told> {
        dev_read
            .par_iter()
            .zip(dev_counted)
            .map(|(read, counted)| {
                let spans = judged_spans(counted);
                Told {
                    counts: spans.iter().map(|at| count(counted, *at, SPAN)).collect(),
                    expected: spans.iter().map(|at| expected(read, *at)).collect(),
                }
            })
            .collect()
    };
    let models = RateModel::fit_each(read, counted, &RateInputs::ALL, SPAN)?;
    let size = models.last().map_or(1.0, RateModel::size);
    let row = |name: String, told: &[Told]| row(name, told, size, seed);
    let last_span = tell(&|read, at| count(read, at - SPAN, SPAN) + 0.5);
    let mut at_once = vec![row("last 5 s as they are".to_owned(), &last_span)];
    let mut spans = 0;
    for (inputs, model) in RateInputs::ALL.iter().zip(&models) {
        let told = tell(&|read, at| model.expected(&read.past_at(at)));
        spans = told.iter().map(|one| one.counts.len()).sum();
        at_once.push(row(format!("regression: {}", inputs.as_str()), &told));
    }
    let each_second = [RateInputs::LastSpan, RateInputs::SecondsAndLines];
    let mut of_seconds = RateModel::fit_each(read, counted, &each_second, SECOND)?;
    let mut by_second = Vec::new();
    for (inputs, model) in each_second.iter().zip(&of_seconds) {
        let told = tell(&|read, at| {
            let seconds = (0..SPAN / SECOND).map(|second| at + second * SECOND);
            seconds.map(|at| model.expected(&read.past_at(at))).sum()
        });
        by_second.push(row(format!("regression: {}", inputs.as_str()), &told));
    }
    let report = CountReport {
        of_other_half,
        episodes: dev.len(),
        spans,
        size,
        at_once,
        by_second,
        halves: Estimate::mean(&half_correlations, seed),
    };
    let live = match of_seconds.pop() {
        Some(of_all_viewers) if !of_other_half => of_all_viewers,
        _ => RateModel::fit(train, train, RateInputs::SecondsAndLines, SECOND)?,
    };
    Ok((report, live))
}

fn row(name: String, told: &[Told], size: f64, seed: u64) -> CountRow {
    let deviances: Vec<f64> = told
        .iter()
        .map(|one| negative_binomial_deviance(&one.counts, &one.expected, size))
        .collect();
    let numbers: Vec<f64> = told.iter().map(|one| one.counts.len() as f64).collect();
    let correlations: Vec<f64> = told
        .iter()
        .filter_map(|one| pearson(&one.counts, &one.expected))
        .collect();
    let all = |part: fn(&Told) -> &[f64]| -> Vec<f64> {
        told.iter()
            .flat_map(|one| part(one).iter().copied())
            .collect()
    };
    CountRow {
        name,
        deviance: Estimate::ratio(&deviances, &numbers, seed),
        correlation: Estimate::mean(&correlations, seed),
        pooled: pearson(&all(|one| &one.counts), &all(|one| &one.expected)),
    }
}

impl CountReport {
    /// The figures as a table in Markdown.
    #[must_use]
    pub fn text(&self) -> String {
        let counted = if self.of_other_half {
            "comments of the half of the viewers that was not read"
        } else {
            "comments"
        };
        let mut text = format!(
            "| {counted} of 5 s, told by | deviance | correlation | of all spans together |\n\
             |---|---|---|---|\n"
        );
        let sections = [
            ("the next 5 s at once", &self.at_once),
            ("a second at a time", &self.by_second),
        ];
        for (section, rows) in sections {
            for row in rows {
                let pooled = row.pooled.map_or("–".to_owned(), |r| format!("{r:.3}"));
                // Writing to a text cannot fail.
                let _ = writeln!(
                    text,
                    "| {section}, {} | {:.3} | {:.3} | {pooled} |",
                    row.name, row.deviance, row.correlation
                );
            }
        }
        let _ = writeln!(
            text,
            "\n{} spans of {} episodes; two halves of the viewers in the same span: {:.3}. \
             Deviances with size {:.2}; correlations are means over episodes.",
            self.spans, self.episodes, self.halves, self.size
        );
        text
    }
}

/// How well something foretells the second of a comment inside its minute.
#[derive(Clone, Debug, Serialize)]
pub struct MinuteRow {
    /// What foretells.
    pub name: &'static str,
    /// Log-likelihood less that of the uniform distribution, nats a comment, with its interval over
    /// episodes.
    pub gain: Estimate,
}

/// How well the second of a comment inside its minute is foretold.
#[derive(Clone, Debug, Serialize)]
pub struct MinuteReport {
    /// Comments measured.
    pub comments: u64,
    /// Their minutes.
    pub minutes: usize,
    /// The figures.
    pub rows: Vec<MinuteRow>,
}

/// Learns distributions over the seconds of a minute on `train` and measures them on `dev`.
#[must_use]
pub fn measure_minutes(train: &[Episode], dev: &[Episode], seed: u64) -> MinuteReport {
    let shares = frequencies(train).map(f64::ln);
    let last_span = MinuteModel::fit(train, MinuteInputs::LastSpan);
    let all = MinuteModel::fit(train, MinuteInputs::All);
    let uniform = -(SECONDS as f64).ln();
    // Of each episode: comments, and log-likelihoods by each of the three.
    let sums: Vec<[f64; 4]> = dev
        .par_iter()
        .map(|episode| {
            let mut sums = [0.0; 4];
            for from in minutes(episode) {
                let counts = seconds(episode, from);
                let told = [
                    shares,
                    last_span.log_probabilities(episode, from),
                    all.log_probabilities(episode, from),
                ];
                sums[0] += counts.iter().sum::<f64>();
                for (sum, logs) in sums[1..].iter_mut().zip(told) {
                    let each = counts.iter().zip(logs);
                    *sum += each
                        .map(|(count, log)| count * (log - uniform))
                        .sum::<f64>();
                }
            }
            sums
        })
        .collect();
    let column = |at: usize| -> Vec<f64> { sums.iter().map(|row| row[at]).collect() };
    let comments = column(0);
    let names = [
        "frequencies of the seconds",
        "last 5 s and last minute",
        "decayed counts, single seconds, dialogue, so far in this minute",
    ];
    let rows = names.into_iter().zip(1..).map(|(name, at)| MinuteRow {
        name,
        gain: Estimate::ratio(&column(at), &comments, seed),
    });
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of comments"
    )]
    let number = comments.iter().sum::<f64>() as u64;
    MinuteReport {
        comments: number,
        minutes: dev.iter().map(|episode| minutes(episode).len()).sum(),
        rows: rows.collect(),
    }
}

impl MinuteReport {
    /// The figures as a table in Markdown.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from(
            "| second inside the minute, told by | nats a comment over uniform |\n|---|---|\n",
        );
        for row in &self.rows {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "| {} | {:+.4} |", row.name, row.gain);
        }
        let _ = writeln!(
            text,
            "\n{} comments of {} minutes.",
            self.comments, self.minutes
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::stream::Dialogue;

    /// Scenes of 20 s draw one or nine comments a second, by sixty viewers.
    fn episodes(number: u64) -> Vec<Episode> {
        let episode = |name: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(name);
            let mut comments = Vec::new();
            let mut lively = 1;
            for second in 0..400i64 {
                if second % 20 == 0 {
                    lively = if rng.random_bool(0.5) { 9 } else { 1 };
                }
                for _ in 0..lively {
                    let time = second * 100 + rng.random_range(0..100);
                    let user = format!("{}", rng.random_range(0..60));
                    comments.push(Comment::new(Vpos(time), "w").user(user));
                }
            }
            Episode::new(format!("a/{name:02}"), comments, Dialogue::default())
        };
        (0..number).map(episode).collect()
    }

    #[test]
    fn the_past_tells_more_than_the_mean_and_half_of_the_viewers_of_the_other() {
        let episodes = episodes(10);
        let (train, dev) = episodes.split_at(7);
        let (report, live) = measure_counts(train, dev, false, 1).unwrap();
        assert_eq!((report.episodes, live.span_ms()), (3, 1_000));
        let named = |name: &str| {
            let mut rows = report.at_once.iter();
            rows.find(|row| row.name == name).unwrap().clone()
        };
        let (model, mean) = (
            named("regression: decayed counts"),
            named("regression: mean so far"),
        );
        assert!(
            model.correlation.value > 0.5 && mean.correlation.value < 0.3,
            "{}",
            report.text()
        );
        assert!(
            model.deviance.value < mean.deviance.value,
            "{}",
            report.text()
        );
        let by_second = &report.by_second[1];
        assert!(
            by_second.correlation.value > model.correlation.value,
            "{}",
            report.text()
        );
        assert!(
            report.halves.value > 0.8 && report.text().contains("at once, last 5 s as they are")
        );
        let (of_half, _) = measure_counts(train, dev, true, 1).unwrap();
        let half = of_half.at_once.last().unwrap();
        assert!(half.correlation.value > 0.4, "{}", of_half.text());
    }

    #[test]
    fn bursts_tell_the_second_and_evenly_spread_comments_do_not() {
        let episodes = episodes(10);
        let report = measure_minutes(&episodes[..7], &episodes[7..], 1);
        let gains: Vec<f64> = report.rows.iter().map(|row| row.gain.value).collect();
        assert!(gains[2] > 0.05 && gains[2] > gains[0], "{}", report.text());
        let even = |name: &str| {
            let comments = (0..9_000i64).map(|at| Comment::new(Vpos(at * 5), "w"));
            Episode::new(name, comments, Dialogue::default())
        };
        let report = measure_minutes(&[even("a")], &[even("b")], 1);
        assert!(
            report.rows.iter().all(|row| row.gain.value.abs() < 0.02),
            "{}",
            report.text()
        );
    }
}
