//! Does the machine recognise characters? The grounding scores of a captioner on a show whose boxes are known.

use caption_model::{
    Captioner, Pairs,
    evaluate::{
        AttentionGuard, GroundTruth, Hallucination, Mention, NamePointing, NamePresence, NameSwap,
        NameTemplate, Region, UsualPlaces, pointing, presence, swap_test,
    },
};
use frame_features::FeatureStore;
use jp_tokenize::Vocabulary;
use nico_corpus::Boxes;
use serde::{Deserialize, Serialize};

use crate::failure::Outcome;

/// Comments that each character in view is forced into by the swap test.
const TEMPLATES: usize = 8;
/// Rows with several characters that the swap test asks about, at most.
const SWAP_ROWS: usize = 150;
/// Seconds of a video that an interval draws as one: about a scene.
const SCENE: f64 = 5.0;

/// All grounding scores, each with its baselines.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Grounding {
    /// Names written in held-out comments while their character is in view.
    pub(crate) names: Vec<NamePointing>,
    /// The same where somebody else is in view too.
    pub(crate) names_among_others: Vec<NamePointing>,
    /// Of those, the ones with two words or more before them, which the map that writes the name has read in part.
    pub(crate) names_told: Vec<NamePointing>,
    pub(crate) swap: Vec<NameSwap>,
    pub(crate) presence: Vec<NamePresence>,
    pub(crate) attention: Option<AttentionGuard>,
    /// Names in the people's held-out comments.
    pub(crate) people: Hallucination,
}

/// Who is where in the rows of a store, called by the words of a vocabulary.
pub(crate) fn truth(boxes: &Boxes, store: &FeatureStore, vocabulary: &Vocabulary) -> GroundTruth {
    let info = store.info();
    let mut truth = GroundTruth::new(info.times.len());
    let numbers: Vec<usize> = boxes
        .characters
        .iter()
        .map(|one| {
            let names = one.names.iter().filter_map(|name| vocabulary.id(name));
            truth.add_character(&one.id, names)
        })
        .collect();
    let first = info.times.first().copied().unwrap_or(0.0);
    for (row, (&frame, time)) in info.frames.iter().zip(&info.times).enumerate() {
        truth.set_group(row, whole((time - first) / SCENE));
        for seen in boxes.present(frame) {
            let who = boxes
                .characters
                .iter()
                .position(|one| one.id == seen.character);
            if let Some(who) = who {
                let region = Region::of_pixels(seen.rect, [boxes.width, boxes.height]);
                truth.place(row, numbers[who], region);
            }
        }
    }
    truth
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times are not negative"
)]
fn whole(number: f64) -> usize {
    number as usize
}

/// Measures on held-out comments; `train` gives the usual places and the swap test's comments.
pub(crate) fn measure(
    captioner: &Captioner,
    [train, dev]: [&Pairs; 2],
    rows: &[usize],
    store: &FeatureStore,
    truth: &GroundTruth,
    batch: usize,
    seed: u64,
) -> Outcome<Grounding> {
    let (network, device) = (captioner.network(), captioner.device());
    let usual = UsualPlaces::fit(train, truth);
    let mentions = Mention::collect(network, dev, store, truth, &usual, batch, device)?;
    let among_others = || mentions.iter().filter(|one| one.in_view() > 1);
    let several: Vec<usize> = rows
        .iter()
        .copied()
        .filter(|&row| truth.in_view(row).count() > 1)
        .collect();
    let every = several.len().div_ceil(SWAP_ROWS).max(1);
    let several: Vec<usize> = several.into_iter().step_by(every).collect();
    let templates = NameTemplate::most_frequent(train, truth, TEMPLATES);
    Ok(Grounding {
        names: pointing(&mentions, truth, seed),
        names_among_others: pointing(among_others(), truth, seed),
        names_told: pointing(among_others().filter(|one| one.position() > 1), truth, seed),
        swap: swap_test(
            network, &several, &templates, store, truth, batch, seed, device,
        )?,
        presence: presence(network, rows, store, truth, batch, device)?,
        attention: AttentionGuard::measure(network, dev, store, batch, device)?,
        people: Hallucination::count(dev.iter().map(|pair| (pair.row, pair.words)), truth),
    })
}
