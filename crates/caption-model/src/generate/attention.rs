use burn::tensor::Tensor;

use crate::{error::Error, host::to_host};

/// Attention weights before a word: where the model looked.
///
/// The locations fill the rows and columns of the encoder's feature map
/// ([`EncoderId::rows_and_columns`](frame_features::EncoderId::rows_and_columns)), and these the
/// picture, as it was scaled for the encoder. A heat map for each word:
///
/// ```no_run
/// # use burn::tensor::Device;
/// # use frame_features::Picture;
/// use caption_model::{Captioner, GenerateOptions};
///
/// # let captioner = Captioner::from_dir("model", &Device::flex())?;
/// # let rgb = vec![90; 640 * 480 * 3];
/// # let picture = Picture::new(640, 480, &rgb).expect("three bytes a pixel");
/// let encoder = &captioner.config().encoder;
/// let caption = captioner.caption(&picture, &GenerateOptions::greedy().attention(true))?;
/// for (word, map) in caption.words.iter().zip(caption.attention.iter().flatten()) {
///     println!("{}", captioner.vocabulary().word(*word).unwrap_or_default());
///     let (_, columns) = encoder.rows_and_columns(map.weights.len()).expect("a full map");
///     let most = map.weights.iter().copied().fold(0.0, f32::max);
///     for row in map.weights.chunks_exact(columns) {
///         let shade = |weight: &f32| if *weight > most / 2.0 { '#' } else { '.' };
///         println!("{}", row.iter().map(shade).collect::<String>());
///     }
/// }
/// # Ok::<(), caption_model::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WordAttention {
    /// Attention weights α of the locations, row by row from the top left; they sum to one.
    pub weights: Vec<f32>,
    /// Gate β of the context vector, 0 to 1, where the model has one.
    pub gate: Option<f32>,
}

/// The looks of some rows, `weights` being `[rows, locations]` and `gates` `[rows, 1]`.
pub(super) fn looks(
    weights: Tensor<2>,
    gates: Option<Tensor<2>>,
) -> Result<Vec<WordAttention>, Error> {
    let [_, locations] = weights.dims();
    let weights = to_host(weights)?;
    let gates = gates.map(to_host).transpose()?;
    let looks = weights.chunks_exact(locations.max(1)).enumerate();
    Ok(looks
        .map(|(row, weights)| WordAttention {
            weights: weights.to_vec(),
            gate: gates.as_ref().and_then(|gates| gates.get(row).copied()),
        })
        .collect())
}
