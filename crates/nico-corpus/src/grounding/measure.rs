//! Does the machine recognise characters? The grounding scores of a captioner on a show whose boxes
//! are known.

use caption_metrics::{
    AttentionDiagnostics, FrequentPositions, GroundTruth, Hallucination, NamePointing,
    NamePresence, NameSwap, NameTemplate, Pairs, pointing,
};
use serde::{Deserialize, Serialize};

use super::{
    guard::attention_guard, mentions::mentions, presence::presence, probe::Probe, swap::swap_test,
};
use crate::error::Error;

/// Comments that each character in view is forced into by the swap test.
const TEMPLATES: usize = 8;
/// Rows with several characters that the swap test asks about, at most.
const SWAP_ROWS: usize = 150;
/// All grounding scores, each with its baselines.
#[derive(Debug, Serialize, Deserialize)]
pub struct Grounding {
    /// Names written in held-out comments while their character is in view.
    pub names: Vec<NamePointing>,
    /// The same where somebody else is in view too.
    pub names_among_others: Vec<NamePointing>,
    /// Of those, the ones with two words or more before them, which the map that writes the name
    /// has read in part.
    pub names_told: Vec<NamePointing>,
    /// Whether attention moves when the name is swapped.
    pub swap: Vec<NameSwap>,
    /// Whether names rank the pictures by who is in them.
    pub presence: Vec<NamePresence>,
    /// Whether attention lives; nothing for a model without.
    pub attention: Option<AttentionDiagnostics>,
    /// Names in the people's held-out comments.
    pub people: Hallucination,
}

/// What the grounding scores are measured on.
#[derive(Clone, Copy, Debug)]
pub struct GroundingData<'a> {
    /// Pairs learnt from: they give the usual places and the comments of the swap test.
    pub train: &'a Pairs,
    /// Held-out pairs.
    pub dev: &'a Pairs,
    /// Held-out rows.
    pub rows: &'a [usize],
    /// Who is where.
    pub truth: &'a GroundTruth,
    /// Seed of the intervals.
    pub seed: u64,
}

impl Grounding {
    /// Measures on held-out comments and pictures.
    ///
    /// # Errors
    ///
    /// Fails if a row cannot be read.
    pub fn measure(probe: &Probe<'_>, data: &GroundingData<'_>) -> Result<Self, Error> {
        let &GroundingData {
            train,
            dev,
            rows,
            truth,
            seed,
        } = data;
        let usual = FrequentPositions::fit(train, truth);
        let mentions = mentions(probe, dev, truth, &usual)?;
        let among_others = || mentions.iter().filter(|one| one.in_view() > 1);
        let several: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|&row| truth.in_view(row).count() > 1)
            .collect();
        let every = several.len().div_ceil(SWAP_ROWS).max(1);
        let several: Vec<usize> = several.into_iter().step_by(every).collect();
        let templates = NameTemplate::most_frequent(train, truth, TEMPLATES);
        Ok(Self {
            names: pointing(&mentions, truth, seed),
            names_among_others: pointing(among_others(), truth, seed),
            names_told: pointing(among_others().filter(|one| one.position() > 1), truth, seed),
            swap: swap_test(probe, &several, &templates, truth, seed)?,
            presence: presence(probe, rows, truth)?,
            attention: attention_guard(probe, dev)?,
            people: Hallucination::count(dev.iter().map(|pair| (pair.row, pair.words)), truth),
        })
    }
}
