use std::{collections::HashMap, fmt::Write};

use caption_metrics::Ranking;
use rayon::prelude::*;
use serde::Serialize;

use super::{
    baselines::{Baseline, CommentBaselines},
    bits::BitsReport,
    cases::{ChoiceCase, ChoiceScores, ChoiceTruth},
    commenter_bits::CommenterBits,
    commenter_gains::CommenterGains,
    judge::judge_choices,
    like_people::LikePeopleReport,
    units::UnitBits,
    when::{CountReport, MinuteReport},
};
use crate::{error::Error, stream::Episode};

/// Figures of what finds and foretells comments without a network.
#[derive(Clone, Debug, Serialize)]
pub struct CommentingReport {
    /// Cases that were judged.
    pub cases: usize,
    /// Of each baseline, how well it finds the true comment.
    pub finding: Vec<(&'static str, Ranking)>,
    /// How well language models foretell typed comments, where that was asked for.
    pub bits: Option<BitsReport>,
    /// How well a commenter does, where one was measured.
    pub commenter_bits: Option<CommenterBits>,
    /// What each input is worth to it.
    pub commenter_gains: Option<CommenterGains>,
    /// The same by what comments are cut into.
    pub units: Vec<UnitBits>,
    /// How much two halves of the viewers are like each other, where that was asked for.
    pub halves: Option<LikePeopleReport>,
    /// How much a crowd is like people, where there is one.
    pub crowd: Option<LikePeopleReport>,
    /// How well counts of 5 s are foretold, where that was asked for.
    pub counts: Option<CountReport>,
    /// How well the second of a comment inside its minute is foretold, where that was asked for.
    pub minutes: Option<MinuteReport>,
}

impl CommentingReport {
    /// The figures as a table in Markdown.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from(
            "| finds the true comment by | R@1 | R@5 | R@10 | mean rank | MRR |\n|---|---|---|---|---|---|\n",
        );
        for (name, ranking) in &self.finding {
            let share = |estimate: caption_metrics::Estimate| 100.0 * estimate.value;
            // Writing to a text cannot fail.
            let _ = writeln!(
                text,
                "| {name} | {:.1} | {:.1} | {:.1} | {:.2} | {:.3} |",
                share(ranking.recall_1),
                share(ranking.recall_5),
                share(ranking.recall_10),
                ranking.mean_rank.value,
                ranking.mrr
            );
        }
        let _ = writeln!(text, "\n{} cases; intervals over episodes.", self.cases);
        if let Some(bits) = &self.bits {
            let _ = write!(
                text,
                "\n| foretells typed comments by | bits a character |\n|---|---|\n\
                 | frequencies of characters | {:.3} |\n| 4-grams of characters | {:.3} |\n\
                 | the same and a cache of the past 15 s, share {} | {:.3} |\n\
                 | the same and a cache of the whole past, share {} | {:.3} |\n\n\
                 {} comments, {} characters and their ends.\n",
                bits.unigram,
                bits.four_gram,
                bits.cache_share,
                bits.with_cache,
                bits.memory_share,
                bits.with_memory,
                bits.comments,
                bits.characters
            );
        }
        if let Some(bits) = &self.commenter_bits {
            let _ = writeln!(
                text,
                "\nThe commenter foretells typed comments with {:.3} bits a character: {} comments, {} \
                 characters and their ends; {} longer ones left out.",
                bits.bits, bits.comments, bits.characters, bits.too_long
            );
        }
        if let Some(gains) = &self.commenter_gains {
            let dialogue = (gains.dialogue).map_or("–".to_owned(), |gain| format!("{gain:.3}"));
            let _ = write!(
                text,
                "\n| input taken from another moment | costs, bits a character |\n|---|---|\n\
                 | others' comments | {:.3} |\n| dialogue | {dialogue} |\n| own comments | {:.3} |\n",
                gains.others, gains.own
            );
            if let Some(pictures) = gains.pictures {
                let _ = writeln!(text, "| pictures | {pictures:.3} |");
            }
            let _ = writeln!(
                text,
                "\n{} comments; {:.3} bits a character with all true inputs, of the past before each \
                 span of 5 s.",
                gains.comments, gains.bits
            );
        }
        if !self.units.is_empty() {
            text.push_str(
                "\n| n-grams of | of so many | order | characters a unit | bits a character |\n|---|---|---|---|---|\n",
            );
        }
        for one in &self.units {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {:.2} | {:.3} |",
                one.unit, one.units, one.order, one.characters_per_unit, one.bits
            );
        }
        let more = [
            self.halves
                .as_ref()
                .map(|one| one.text("the other half of the viewers")),
            self.crowd.as_ref().map(|one| one.text("the crowd")),
            self.counts.as_ref().map(CountReport::text),
            self.minutes.as_ref().map(MinuteReport::text),
        ];
        for section in more.into_iter().flatten() {
            let _ = write!(text, "\n{section}");
        }
        text
    }
}

/// The scores that a baseline gives to the candidates of all cases.
///
/// # Errors
///
/// Fails if a case is of an episode that is not there.
pub fn score_choices(
    baselines: &CommentBaselines,
    baseline: Baseline,
    cases: &[ChoiceCase],
    episodes: &[Episode],
    seed: u64,
) -> Result<Vec<ChoiceScores>, Error> {
    let by_name: HashMap<&str, &Episode> = episodes.iter().map(|one| (one.name(), one)).collect();
    cases
        .par_iter()
        .map(|case| {
            let episode =
                by_name
                    .get(case.episode.as_str())
                    .ok_or_else(|| Error::NoSuchEpisode {
                        id: case.id,
                        episode: case.episode.clone(),
                    })?;
            Ok(baselines.score(baseline, case, episode, seed))
        })
        .collect()
}

/// Judges scores by their names.
///
/// # Errors
///
/// As [`judge_choices`].
pub fn report_choices(
    cases: &[ChoiceCase],
    truths: &[ChoiceTruth],
    scores: &[(&'static str, Vec<ChoiceScores>)],
    seed: u64,
) -> Result<CommentingReport, Error> {
    let finding = scores
        .iter()
        .map(|(name, scores)| Ok((*name, judge_choices(cases, truths, scores, seed)?)));
    Ok(CommentingReport {
        cases: cases.len(),
        finding: finding.collect::<Result<_, Error>>()?,
        bits: None,
        commenter_bits: None,
        commenter_gains: None,
        units: Vec::new(),
        halves: None,
        crowd: None,
        counts: None,
        minutes: None,
    })
}
