//! How well the model predicts the held-out comments, beside models that see no picture.

use caption_metrics::{
    CharacterUnigram, Likelihood, Pairs, PictureNlls, PoolSubset, SecondUnigram, Trigram, Unigram,
    VisualGain, WordClasses, WordNlls, bits_per_character, shuffled_pictures,
};
use jp_tokenize::Pieces;
use serde::{Deserialize, Serialize};

use super::{context::EvaluationContext, tables::Table};
use crate::{
    error::Error,
    figures::{fixed, mean_over},
};

/// Seconds between a comment and the picture it is measured under for the visual gain.
pub(super) const APART: f64 = 60.0;

/// The section of `evaluation.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LikelihoodSection {
    /// Words measured, `<eos>` included.
    pub words: usize,
    /// Share of them that are `<unk>`.
    pub unknown: f64,
    /// Held-out comments in whose second there are comments that were learnt from.
    pub with_train_in_second: usize,
    /// The model, it under pictures of other moments, and models that see no picture.
    pub models: Vec<ModelLikelihood>,
    /// What the picture is worth, nats a word.
    pub visual_gain: VisualGain,
}

/// What one model makes of the held-out comments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelLikelihood {
    /// What it is, in words.
    pub name: String,
    /// Perplexity per word.
    pub perplexity: f64,
    /// The same without targets that are `<unk>`.
    pub perplexity_known: f64,
    /// Bits a character of the texts, their ends included.
    pub bits_per_character: f64,
}

/// Measures the section.
///
/// # Errors
///
/// Fails if a row cannot be read, or the words are neither words nor pieces.
pub fn measure(context: &EvaluationContext<'_>) -> Result<LikelihoodSection, Error> {
    let data = context.data;
    let (train, dev) = (
        data.indices(PoolSubset::Train),
        data.indices(PoolSubset::Dev),
    );
    let dev_pairs = data.pairs(&dev, |index| data.row(index));
    let own = context.word_nlls("likelihood", &dev_pairs)?;
    let others = shuffled_pictures(&dev_pairs, &context.store.info().times, APART, context.seed);
    let shuffled = context.word_nlls("shuffled", &others)?;

    // Models without pictures know a comment's second in place of its row.
    let num_words = context.captioner.vocabulary().len();
    let by_second = |indices: &[usize]| data.pairs(indices, |index| data.second(index));
    let second_of = |second: usize| second as u64;
    let (train_pairs, dev_seconds) = (by_second(&train), by_second(&dev));
    let mut names = vec![
        ("the model", own.clone()),
        ("the model, pictures of other moments", shuffled.clone()),
        (
            "interpolated 3-gram",
            Trigram::fit(&train_pairs, num_words).word_nlls(&dev_seconds),
        ),
    ];
    let same_second = SecondUnigram::fit(&train_pairs, num_words, second_of);
    if !data.is_of_another_video() {
        names.push((
            "unigram of the same second, of train",
            same_second.word_nlls(&dev_seconds, second_of),
        ));
    }
    let knowing = same_second.with_comments(&dev_seconds, second_of);
    names.push((
        "unigram of the second's other held-out comments",
        knowing.word_nlls_of_others(&dev_seconds, second_of),
    ));
    names.push((
        "word unigram",
        Unigram::fit(&train_pairs, num_words).word_nlls(&dev_pairs),
    ));

    let spelling = spelling(context, &train);
    let pieces = Pieces::from_vocabulary(context.captioner.vocabulary())?;
    let model = |(name, nlls): (&str, WordNlls)| {
        let likelihood = Likelihood::from_nlls(&dev_pairs, &nlls);
        let surfaces = |at: usize| {
            let (ids, surfaces) = (data.ids(dev[at]), data.surfaces(dev[at]));
            spelt(pieces.as_ref(), ids, surfaces)
        };
        ModelLikelihood {
            name: name.to_owned(),
            perplexity: likelihood.perplexity(),
            perplexity_known: likelihood.perplexity_known(),
            bits_per_character: bits_per_character(&dev_pairs, &nlls, surfaces, &spelling),
        }
    };
    let classes = WordClasses::new(
        context.captioner.vocabulary(),
        context.names.iter().map(String::as_str),
    );
    let seconds: std::collections::HashSet<usize> =
        train.iter().map(|&index| data.second(index)).collect();
    let known = |&&index: &&usize| seconds.contains(&data.second(index));
    Ok(LikelihoodSection {
        words: dev_pairs.num_targets(),
        unknown: share_unknown(&dev_pairs),
        with_train_in_second: if data.is_of_another_video() {
            0
        } else {
            dev.iter().filter(known).count()
        },
        models: names.into_iter().map(model).collect(),
        visual_gain: VisualGain::measure(
            &dev_pairs,
            PictureNlls {
                own: &own,
                shuffled: &shuffled,
            },
            &classes,
            context.seed,
        ),
    })
}

/// Spells what the vocabulary does not have: learnt from the different words of train.
fn spelling(context: &EvaluationContext<'_>, train: &[usize]) -> CharacterUnigram {
    let words = train.iter().flat_map(|&at| context.data.surfaces(at));
    let mut words: Vec<&str> = words.map(String::as_str).collect();
    words.sort_unstable();
    words.dedup();
    CharacterUnigram::fit(words)
}

/// What the words of a comment spell, by which its characters are counted: of a character that is
/// written in bytes the first byte's piece stands for it, and the others' for nothing.
fn spelt<'a>(
    pieces: Option<&'a Pieces>,
    ids: &'a [u32],
    surfaces: &'a [String],
) -> impl Iterator<Item = &'a str> {
    ids.iter().zip(surfaces).map(move |(&id, surface)| {
        match pieces.and_then(|pieces| pieces.byte(id)) {
            None => surface.as_str(),
            Some(0x80..=0xBF) => "", // goes on with a character
            Some(_) => "\u{FFFD}",
        }
    })
}

fn share_unknown(pairs: &Pairs) -> f64 {
    let words = pairs.iter().flat_map(|pair| pair.words);
    let unknown = words.filter(|&&word| word == caption_model::UNK).count();
    unknown as f64 / pairs.num_targets().max(1) as f64
}

impl LikelihoodSection {
    pub(super) fn write(&self, out: &mut String) {
        out.push_str("## Likelihood\n\n");
        out.push_str(&format!(
            "{} words of held-out comments, `<eos>` included, {:.1} % of them `<unk>`. For {} of the comments there is something in train of the same second.\n\n",
            self.words,
            100.0 * self.unknown,
            self.with_train_in_second
        ));
        let mut table = Table::new([
            "",
            "perplexity per word",
            "without `<unk>`",
            "bits per character",
        ]);
        for model in &self.models {
            table.row([
                model.name.clone(),
                fixed(model.perplexity, 2),
                fixed(model.perplexity_known, 2),
                fixed(model.bits_per_character, 3),
            ]);
        }
        table.write(out);
        out.push_str(&format!(
            "The second's other comments are not for a model to see: their row says what knowing the moment is worth.\n\n### Visual gain\n\nThe picture is worth {:.3} nats a word; 0 would mean that it is not used.\n\n",
            self.visual_gain.gain
        ));
        let mut table = Table::new([
            "words",
            "number",
            "nats, own picture",
            "nats, other picture",
            "gain",
        ]);
        for class in &self.visual_gain.classes {
            table.row([
                class.class.as_str().to_owned(),
                class.words.to_string(),
                mean_over(class.words, class.nll, 3),
                mean_over(class.words, class.shuffled_nll, 3),
                mean_over(class.words, class.gain(), 3),
            ]);
        }
        table.write(out);
    }
}

#[cfg(test)]
mod tests {
    use jp_tokenize::PieceOptions;

    use super::*;

    /// Four bytes and three, whose names have six letters each. Of words such names are text.
    #[test]
    fn a_character_that_is_written_in_bytes_counts_once() {
        let pieces = Pieces::learn(["草", "草"], &PieceOptions::default()).unwrap();
        let ids = pieces.encode("草🌸鬱");
        let names = ids.iter().filter_map(|&id| pieces.name(id));
        let names: Vec<String> = names.map(|name| name.into_owned()).collect();
        assert_eq!((ids.len(), names.len()), (8, 8));
        let characters = |pieces, kept: &[u32]| -> usize {
            let spelt = spelt(pieces, kept, &names);
            spelt.map(|one| one.chars().count()).sum()
        };
        assert_eq!(characters(Some(&pieces), &ids), 3);
        assert_eq!(characters(Some(&pieces), &ids[..3]), 2); // cut within 🌸
        assert_eq!(characters(None, &ids), 1 + 7 * 6);
    }
}
