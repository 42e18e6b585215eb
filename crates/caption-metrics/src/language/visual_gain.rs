use serde::{Deserialize, Serialize};

use super::word_class::{WordClass, WordClasses};
use crate::{bootstrap::Estimate, pairs::Pairs, word_nlls::WordNlls};

/// Visual gain of the words of one class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassGain {
    /// The class.
    pub class: WordClass,
    /// How many words of it there are.
    pub words: usize,
    /// Mean negative log-likelihood of one under its own picture, nats; 0 without words.
    pub nll: f64,
    /// The same under another picture.
    pub shuffled_nll: f64,
}

impl ClassGain {
    /// By how much the word's own picture lowers its negative log-likelihood, nats.
    #[must_use]
    pub fn gain(&self) -> f64 {
        self.shuffled_nll - self.nll
    }
}

/// Negative log-likelihoods of the same comments under their own pictures and under others.
#[derive(Clone, Copy, Debug)]
pub struct PictureNlls<'a> {
    /// Under the comments' own pictures.
    pub own: &'a WordNlls,
    /// Under pictures of other moments ([`shuffled_pictures`](crate::shuffled_pictures)).
    pub shuffled: &'a WordNlls,
}

/// Visual gain: by how many nats a word its own picture makes comments likelier than a picture of
/// another moment does.
///
/// 0 if the picture is not used; below 0 if it misleads.
///
/// ```
/// use caption_metrics::{Pairs, PictureNlls, VisualGain, WordClasses, WordNlls};
/// use jp_tokenize::VocabularyBuilder;
///
/// let mut pairs = Pairs::new(30);
/// pairs.push(0, &[4]);
/// let (mut own, mut shuffled) = (WordNlls::default(), WordNlls::default());
/// own.push([1.0, 0.5]);
/// shuffled.push([2.0, 0.5]);
/// let classes = WordClasses::new(&VocabularyBuilder::new().build(None, 1), []);
/// let nlls = PictureNlls { own: &own, shuffled: &shuffled };
/// let gain = VisualGain::measure(&pairs, nlls, &classes, 1);
/// assert_eq!(gain.gain.value, 0.5); // 1 nat on two words, of which <eos> gained nothing
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisualGain {
    /// Mean gain of a word, nats, with a bootstrap interval over comments.
    pub gain: Estimate,
    /// By class of word.
    pub classes: Vec<ClassGain>,
}

impl VisualGain {
    /// Compares the negative log-likelihoods of `pairs` under their own pictures and under others.
    ///
    /// # Panics
    ///
    /// Panics if the likelihoods are not those of `pairs`.
    #[must_use]
    pub fn measure(pairs: &Pairs, nlls: PictureNlls<'_>, classes: &WordClasses, seed: u64) -> Self {
        let PictureNlls { own, shuffled } = nlls;
        assert_eq!(pairs.len(), own.len(), "a comment for each pair");
        assert_eq!(pairs.len(), shuffled.len(), "a comment for each pair");
        let mut sums = WordClass::ALL.map(|class| ClassGain {
            class,
            words: 0,
            nll: 0.0,
            shuffled_nll: 0.0,
        });
        let (mut gains, mut words) = (Vec::new(), Vec::new());
        for (index, pair) in pairs.iter().enumerate() {
            for ((word, &nll), &other) in
                pair.targets().zip(own.get(index)).zip(shuffled.get(index))
            {
                let sum = &mut sums[classes.class(word) as usize];
                sum.words += 1;
                sum.nll += f64::from(nll);
                sum.shuffled_nll += f64::from(other);
            }
            gains.push(shuffled.comment(index) - own.comment(index));
            words.push((pair.words.len() + 1) as f64);
        }
        for sum in &mut sums {
            sum.nll /= sum.words.max(1) as f64;
            sum.shuffled_nll /= sum.words.max(1) as f64;
        }
        Self {
            gain: Estimate::ratio(&gains, &words, seed),
            classes: sums.to_vec(),
        }
    }
}
