//! A comment does not depend on those that are written beside it.

use burn::tensor::{Device, Distribution, Int, Tensor};
use caption_model::{AttentionCaptionerConfig, GlobalCaptionerConfig, Network, NetworkConfig};

/// Pictures of the largest batch.
const PICTURES: usize = 300;

/// The bits of what the network says of the first `count` pictures after two words: scores of the
/// next word, attention weights and gates, each picture's one after the other.
fn bits(network: &Network, features: &Tensor<3>, count: usize) -> [Vec<u32>; 3] {
    let read = |word: i64| Tensor::<1, Int>::full([count], word, &features.device());
    let state = network.start(features.clone().narrow(0, 0, count));
    let step = network.step(read(1), state);
    let step = network.step(read(4), step.state);
    let of = |tensor: Tensor<2>| {
        let numbers = tensor.into_data().try_into_vec::<f32>().unwrap();
        numbers.into_iter().map(f32::to_bits).collect()
    };
    let none = Vec::new;
    [
        of(network.logits(step.pre_logits)),
        step.weights.map_or_else(none, of),
        step.gate.map_or_else(none, of),
    ]
}

/// Layers of the usual sizes, of 4,096 numbers from a picture, 768 from word and context, and a
/// gate of one: alone and in batches the same to the last bit.
#[test]
fn a_pictures_numbers_do_not_depend_on_the_batch() {
    let device = Device::flex();
    let networks = [
        (
            NetworkConfig::from(GlobalCaptionerConfig::new(500, 4096)),
            [PICTURES, 1, 4096],
        ),
        (
            NetworkConfig::from(AttentionCaptionerConfig::new(500, 512)),
            [PICTURES, 4, 512],
        ),
    ];
    for (config, shape) in networks {
        let network = config.init(&device);
        let features = Tensor::random(shape, Distribution::Uniform(0.0, 1.0), &device);
        let all = bits(&network, &features, PICTURES);
        assert_ne!(all[0][..500], all[0][500..1_000], "pictures look alike");
        for count in [1, 2, 5, 40, 257] {
            let fewer = bits(&network, &features, count);
            for (fewer, all) in fewer.iter().zip(&all) {
                assert!(
                    fewer[..] == all[..all.len() / PICTURES * count],
                    "{count} pictures"
                );
            }
        }
    }
}
