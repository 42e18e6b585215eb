use burn::{
    nn::Linear,
    tensor::{Device, Int, Tensor},
};

#[cfg(feature = "flex")]
use super::cpu;

/// A word layer made ready for choosing the likeliest word, over and over: greedy decoding.
///
/// What is promised: for each position the word with the largest logit among those not banned, exactly that of
/// `logits.argmax(1)` up to rounding, the first of equals. No logit is kept, no softmax computed, and nothing is read
/// back to the host on devices other than the CPU. On the CPU the weights are copied once, by [`new`](Self::new), into
/// the order in which products read them: make it once per model, not once per word.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::{Device, Tensor}};
/// use burn_fused::GreedyWords;
///
/// let device = Device::flex();
/// let mut layer = LinearConfig::new(1, 3).init(&device);
/// layer.weight = burn::module::Param::from_data([[1.0, 3.0, 2.0]], &device);
/// let deep = Tensor::from_floats([[10.0], [-10.0]], &device);
/// let words = |banned: &[u32]| GreedyWords::new(&layer, banned).choose(deep.clone());
/// assert_eq!(words(&[]).into_data(), Tensor::<1, burn::tensor::Int>::from_ints([1, 0], &device).into_data());
/// assert_eq!(words(&[1]).into_data(), Tensor::<1, burn::tensor::Int>::from_ints([2, 0], &device).into_data());
/// ```
#[derive(Debug)]
pub struct GreedyWords {
    layer: Linear,
    /// 0 for a word that may be chosen and `-inf` for another, `[1, num_words]`.
    bans: Option<Tensor<2>>,
    #[cfg(feature = "flex")]
    cpu: Option<cpu::LikeliestWords>,
}

impl GreedyWords {
    /// Makes `layer`, `d` to `num_words`, ready; no word of `banned` is ever chosen.
    ///
    /// # Panics
    ///
    /// Panics if a banned word is not in the vocabulary or all of them are banned.
    pub fn new(layer: &Linear, banned: &[u32]) -> Self {
        let [_, num_words] = layer.weight.dims();
        let mut bans = vec![0.0; num_words];
        for &word in banned {
            bans[word as usize] = f32::NEG_INFINITY;
        }
        assert!(
            bans.contains(&0.0),
            "all {num_words} words are banned: there is none to choose"
        );
        let device = layer.weight.device().inner();
        Self {
            layer: layer.clone(),
            #[cfg(feature = "flex")]
            cpu: prepared(layer, banned),
            bans: (!banned.is_empty())
                .then(|| Tensor::<1>::from_floats(&bans[..], &device).unsqueeze()),
        }
    }

    /// The likeliest word at each position, from `[positions, d]` to `[positions]`. Carries no gradient.
    ///
    /// # Panics
    ///
    /// Panics if the shape does not fit the layer.
    pub fn choose(&self, deep: Tensor<2>) -> Tensor<1, Int> {
        let deep = deep.inner();
        #[cfg(feature = "flex")]
        if let Some(words) = self.choose_on_cpu(&deep) {
            return words;
        }
        let mut logits = self.layer.forward(deep).inner();
        if let Some(bans) = &self.bans {
            logits = logits + bans.clone();
        }
        logits.argmax(1).squeeze_dim(1)
    }

    #[cfg(feature = "flex")]
    fn choose_on_cpu(&self, deep: &Tensor<2>) -> Option<Tensor<1, Int>> {
        let layer = self.cpu.as_ref()?;
        let device: Device = deep.device();
        let [_, d] = deep.dims();
        let [d_layer, _] = self.layer.weight.dims();
        assert_eq!(
            d, d_layer,
            "the word layer reads vectors of {d_layer} numbers"
        );
        let deep = cpu::on_cpu(deep.clone())?;
        let words: Vec<i64> = layer
            .find(&cpu::floats(&deep))
            .into_iter()
            .map(|word| i64::try_from(word).expect("a vocabulary fits i64"))
            .collect();
        Some(Tensor::from_ints(&words[..], &device))
    }
}

#[cfg(feature = "flex")]
fn prepared(layer: &Linear, banned: &[u32]) -> Option<cpu::LikeliestWords> {
    let [d, _] = layer.weight.dims();
    if d == 0 {
        return None;
    }
    let weight = cpu::on_cpu(layer.weight.val().inner())?;
    let bias = match &layer.bias {
        Some(bias) => Some(cpu::on_cpu(bias.val().inner())?),
        None => None,
    };
    let bias = bias.as_ref().map(cpu::floats);
    let mut layer = cpu::LikeliestWords::new(&cpu::floats(&weight), d, bias.as_deref());
    for &word in banned {
        layer.ban(word as usize);
    }
    Some(layer)
}

/// [`GreedyWords::choose`] for one batch: the likeliest word at each position, `[positions, d]` to `[positions]`.
///
/// Prepares the layer each time; a loop over words makes a [`GreedyWords`] before it.
///
/// # Panics
///
/// Panics if the shape does not fit the layer, and if a banned word is not in the vocabulary or all of them are banned.
pub fn linear_argmax(deep: Tensor<2>, layer: &Linear, banned: &[u32]) -> Tensor<1, Int> {
    GreedyWords::new(layer, banned).choose(deep)
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use burn::{nn::LinearConfig, tensor::Distribution};

    /// 3, 31 and 700 words: less than a panel, less than a block, blocks and a rest; against plain tensor operations.
    #[test]
    fn agrees_with_argmax_of_logits() {
        let device = Device::flex();
        for (d, num_words, positions) in [(1, 3, 1), (5, 31, 7), (33, 700, 255), (16, 256, 20)] {
            let layer = LinearConfig::new(d, num_words).init(&device);
            let deep = Tensor::<2>::random([positions, d], Distribution::Default, &device);
            let logits = layer.forward(deep.clone());
            let expected = logits.clone().argmax(1).squeeze_dim::<1>(1);
            let chosen = linear_argmax(deep.clone(), &layer, &[]);
            chosen
                .into_data()
                .assert_eq(&expected.clone().into_data(), true);
            let banned = cpu::indices(expected, num_words)[0];
            let banned = u32::try_from(banned).unwrap();
            let words = cpu::indices(linear_argmax(deep, &layer, &[banned]), num_words);
            assert!(!words.contains(&(banned as usize)));
        }
    }

    /// Equal logits: the first word, wherever the block's borders are.
    #[test]
    fn first_of_equals() {
        let device = Device::flex();
        let layer = LinearConfig::new(4, 600).with_bias(false).init(&device);
        let words = |banned: &[u32]| {
            cpu::indices(
                linear_argmax(Tensor::zeros([2, 4], &device), &layer, banned),
                600,
            )
        };
        assert_eq!(words(&[]), [0, 0]);
        assert_eq!(words(&(0..300).collect::<Vec<_>>()), [300, 300]);
    }

    #[test]
    #[should_panic(expected = "all 2 words are banned")]
    fn a_word_must_be_left() {
        let layer = LinearConfig::new(1, 2).init(&Device::flex());
        let _ = GreedyWords::new(&layer, &[0, 1]);
    }
}
