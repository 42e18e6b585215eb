//! `nico score`: which comment was written here? Figures of what finds the true one, on episodes.

use std::path::PathBuf;

use anyhow::bail;
use caption_model::{
    Commenter,
    commenter::{Inputs, WritingOptions},
};
use clap::ValueEnum;
use jp_tokenize::Tokenizer;
use nico_corpus::{
    commenting::{
        Baseline, ChoiceBy, ChoiceCase, ChoiceOptions, ChoiceTruth, CommentBaselines,
        LikePeopleReport, commenter_bits, commenter_gains, draw_choices, draw_livebot_choices,
        measure_bits, measure_counts, measure_minutes, measure_unit_bits, read_lines,
        report_choices, score_choices, score_with_commenter, write_lines,
    },
    stream::{Episode, read_episodes},
};

use super::Context;
use crate::{
    comments::Skipped,
    device::DeviceName,
    failure::{Outcome, at},
    words::SystemDictionaryArgs,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Folder of the episodes to measure on: SHOW/NN.json or .xml, with dialogue as SHOW/NN.srt,
    /// .vtt or .ass where there is some.
    #[arg(long, value_name = "DIR")]
    episodes: PathBuf,
    /// Folder of the episodes learnt from, of other shows.
    #[arg(long, value_name = "DIR")]
    train: PathBuf,
    /// Cases to judge, as JSON lines. Default: drawn from the episodes.
    #[arg(long, value_name = "FILE", requires = "truth")]
    cases: Option<PathBuf>,
    /// Which candidates of the cases are true, as JSON lines.
    #[arg(long, value_name = "FILE", requires = "cases")]
    truth: Option<PathBuf>,
    /// Cases with one true candidate instead of up to five, where they are drawn.
    #[arg(long, conflicts_with = "cases")]
    single: bool,
    /// False candidates from after the moment only, where cases are drawn: those from before it can
    /// be known by having been read already. Moments that too few come after are left out.
    #[arg(long, conflicts_with = "cases")]
    later: bool,
    /// Candidates as in LiveBot's paper, where cases are drawn: popular, plausible and random ones of
    /// the shows learnt from. A score that reads nothing of the moment does well on these.
    #[arg(long, conflicts_with_all = ["cases", "later"])]
    livebot: bool,
    /// Most cases of an episode, where they are drawn.
    #[arg(long, value_name = "N", default_value_t = 8, conflicts_with = "cases")]
    per_episode: usize,
    /// Measures bits a character of typed comments as well: by n-grams of characters, of pieces and
    /// of words.
    #[arg(long)]
    bits: bool,
    /// Measures this commenter too: the folder that `nico train --model commenter` made.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Inputs that it must not read.
    #[arg(long, value_name = "INPUT", value_delimiter = ',', requires = "model")]
    without: Vec<Input>,
    /// With --bits: measures the commenter on every so many-th window.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "model")]
    every: usize,
    /// With --bits: measures what each input is worth to it on so many spans of each episode.
    #[arg(long, value_name = "N", default_value_t = 4, requires = "model")]
    spans: usize,
    /// Where the commenter runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
    #[command(flatten)]
    dictionary: SystemDictionaryArgs,
    /// Folder of episodes with comments that were generated, of the same names: says how much they
    /// are like people's.
    #[arg(long, value_name = "DIR")]
    crowd: Option<PathBuf>,
    /// Measures how well it can be told when comments come: of data that a service caps a minute,
    /// or of all comments.
    #[arg(long, value_name = "DATA")]
    when: Option<When>,
    /// Folder that gets the scores, the cases where they are drawn, and with --when the rate that
    /// was learnt, rate.json.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Seed of what is drawn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// An input of a commenter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Input {
    Comments,
    Dialogue,
    Own,
    Picture,
}

/// What the numbers of comments say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    /// The service hands out so many comments a minute: when inside the minute they come counts.
    Capped,
    /// All comments are there.
    Uncapped,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out).map_err(at(out))?;
    }
    let mut skipped = Skipped::new(context.output);
    let train = read_episodes(&args.train, |error| skipped.tell(error))?;
    let episodes = read_episodes(&args.episodes, |error| skipped.tell(error))?;
    skipped.finish(None);
    args.warn(&train, &episodes, context);
    let (cases, truths) = args.choices(&train, &episodes)?;
    if cases.is_empty() {
        let later = match args.later {
            true => ", with enough others later",
            false => "",
        };
        bail!(
            "{}: no cases: no episode has 800 comments and a second with five distinct ones{later}",
            args.episodes.display()
        );
    }
    let commenter = args.commenter()?;
    let baselines = CommentBaselines::fit(&train);
    let mut scores = Baseline::ALL
        .map(|one| {
            let scores = score_choices(&baselines, one, &cases, &episodes, args.seed)?;
            Ok((one.as_str(), scores))
        })
        .into_iter()
        .collect::<Outcome<Vec<_>>>()?;
    if let Some(commenter) = &commenter {
        for (name, by) in [
            ("match", ChoiceBy::Match),
            ("likelihood", ChoiceBy::Likelihood),
            (
                "match-and-likelihood",
                ChoiceBy::Both(WritingOptions::default().likelihood),
            ),
        ] {
            let found = score_with_commenter(commenter, by, &cases, &episodes, args.inputs());
            match found {
                // Of a commenter that was trained in part, that part.
                Err(nico_corpus::Error::Model(caption_model::Error::NotTrained { .. })) => {}
                found => scores.push((name, found?)),
            }
        }
    }
    if let Some(out) = &args.out {
        for (name, scores) in &scores {
            write_lines(out.join(format!("scores-{name}.jsonl")), scores)?;
        }
        if args.cases.is_none() {
            write_lines(out.join("cases.jsonl"), &cases)?;
            write_lines(out.join("truth.jsonl"), &truths)?;
        }
    }
    let mut report = report_choices(&cases, &truths, &scores, args.seed)?;
    if args.bits {
        report.bits = Some(measure_bits(&train, &episodes, args.seed));
        if let Some(commenter) = &commenter {
            report.commenter_bits =
                commenter_bits(commenter, &episodes, args.inputs(), args.every, args.seed)?;
            report.commenter_gains = commenter_gains(commenter, &episodes, args.spans, args.seed)?;
        }
        let dictionary = args.tokenizer(context)?;
        report.units = measure_unit_bits(&train, &episodes, dictionary.as_ref(), args.seed)?;
    }
    report.halves = Some(LikePeopleReport::of_halves(&episodes, &train, args.seed));
    if let Some(folder) = &args.crowd {
        let crowd = read_episodes(folder, |error| {
            context
                .output
                .warn(&format!("{}: {error}", folder.display()));
        })?;
        report.crowd = LikePeopleReport::of_crowd(&crowd, &episodes, &train, args.seed);
        if report.crowd.is_none() {
            bail!(
                "{}: no episode of the name of one of {}",
                folder.display(),
                args.episodes.display()
            );
        }
    }
    if let Some(when) = args.when {
        let is_capped = when == When::Capped;
        let (counts, rate) = measure_counts(&train, &episodes, is_capped, args.seed)?;
        report.counts = Some(counts);
        report.minutes = is_capped.then(|| measure_minutes(&train, &episodes, args.seed));
        if let Some(out) = &args.out {
            rate.save(out.join("rate.json"))?;
        }
    }
    context.print(&report, || report.text())
}

impl Args {
    fn commenter(&self) -> Outcome<Option<Commenter>> {
        let device = self.device.device();
        let folder = self.model.as_ref();
        Ok(folder
            .map(|folder| Commenter::from_dir(folder, &device))
            .transpose()?)
    }

    fn inputs(&self) -> Inputs {
        let has = |input| !self.without.contains(&input);
        Inputs {
            comments: has(Input::Comments),
            lines: has(Input::Dialogue),
            own: has(Input::Own),
            pictures: has(Input::Picture),
        }
    }

    fn choices(
        &self,
        train: &[Episode],
        episodes: &[Episode],
    ) -> Outcome<(Vec<ChoiceCase>, Vec<ChoiceTruth>)> {
        if let (Some(cases), Some(truth)) = (&self.cases, &self.truth) {
            return Ok((read_lines(cases)?, read_lines(truth)?));
        }
        let options = ChoiceOptions::default()
            .most_true(if self.single { 1 } else { 5 })
            .per_episode(self.per_episode)
            .later(self.later)
            .seed(self.seed);
        Ok(match self.livebot {
            true => draw_livebot_choices(train, episodes, &options),
            false => draw_choices(episodes, &options),
        })
    }

    /// What cuts texts into words, if there is a dictionary.
    fn tokenizer(&self, context: Context) -> Outcome<Option<Tokenizer>> {
        match self.dictionary.tokenizer() {
            Ok(tokenizer) => Ok(Some(tokenizer)),
            Err(error) => match error.downcast_ref() {
                Some(jp_tokenize::Error::NoDictionary { .. }) => {
                    let told = format!("{error:#}; bits a character of words are left out");
                    context.output.warn(&told);
                    Ok(None)
                }
                _ => Err(error),
            },
        }
    }

    /// What was learnt from must not be measured on.
    fn warn(&self, train: &[Episode], episodes: &[Episode], context: Context) {
        let shows: Vec<&str> = train.iter().map(Episode::show).collect();
        if let Some(both) = episodes.iter().find(|one| shows.contains(&one.show())) {
            context.output.warn(&format!(
                "{} is among the shows learnt from ({}): figures on it say too much",
                both.show(),
                self.train.display()
            ));
        }
        if episodes.iter().all(|one| one.dialogue().lines().is_empty()) {
            context.output.warn(&format!(
                "{}: no episode has dialogue beside it (.srt, .vtt, .ass)",
                self.episodes.display()
            ));
        }
    }
}
