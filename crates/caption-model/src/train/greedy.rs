use burn::tensor::{Device, Int, Tensor, TensorData};
use jp_tokenize::{BOS, EOS, PAD, UNK};

use crate::{error::Error, model::Network};

/// Writes a comment for each picture, the most probable word each time, until `<eos>`, which cannot come first, or `max_words`;
/// never `<pad>`, `<bos>` or `<unk>`.
///
/// `features` are `[pictures, locations, d_features]`.
pub(super) fn greedy(
    network: &Network,
    features: Tensor<3>,
    max_words: usize,
) -> Result<Vec<Vec<u32>>, Error> {
    let device = features.device();
    let [pictures, _, _] = features.dims();
    let mut comments = vec![Vec::new(); pictures];
    let mut ended = vec![false; pictures];
    let mut words: Tensor<1, Int> = Tensor::from_data(
        TensorData::new(vec![i64::from(BOS); pictures], [pictures]),
        &device,
    );
    let mut state = network.start(features);
    let mut bans = None;
    for position in 0..max_words {
        let step = network.step(words, state);
        state = step.state;
        let logits = network.logits(step.deep);
        let [_, num_words] = logits.dims();
        let logits = if position == 0 {
            logits + banned(&[PAD, BOS, UNK, EOS], num_words, &device)
        } else {
            let bans = bans.get_or_insert_with(|| banned(&[PAD, BOS, UNK], num_words, &device));
            logits + bans.clone()
        };
        words = logits.argmax(1).squeeze_dim(1);
        for (picture, word) in ids(&words)?.into_iter().enumerate() {
            ended[picture] |= word == EOS;
            if !ended[picture] {
                comments[picture].push(word);
            }
        }
        if ended.iter().all(|&ended| ended) {
            break;
        }
    }
    Ok(comments)
}

/// −∞ at these words, `[1, num_words]`.
fn banned(words: &[u32], num_words: usize, device: &Device) -> Tensor<2> {
    let mut bans = vec![0f32; num_words];
    for &word in words {
        if let Some(ban) = bans.get_mut(word as usize) {
            *ban = f32::NEG_INFINITY;
        }
    }
    Tensor::from_data(TensorData::new(bans, [1, num_words]), device)
}

fn ids(words: &Tensor<1, Int>) -> Result<Vec<u32>, Error> {
    let fail = |error: &dyn std::fmt::Debug| Error::Device(format!("{error:?}"));
    let data = words.try_to_data().map_err(|error| fail(&error))?;
    let ids = data.convert::<i64>().try_into_vec::<i64>();
    let ids = ids.map_err(|error| fail(&error))?;
    Ok(ids
        .into_iter()
        .map(|id| u32::try_from(id).unwrap_or(EOS))
        .collect())
}
