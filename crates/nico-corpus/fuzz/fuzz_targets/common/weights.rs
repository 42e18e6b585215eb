//! What holds of every file of weights, whatever its format.

use std::path::Path;

use burn::tensor::Device;
use frame_features::{Layer, Vgg};

use crate::place;

/// Panics unless a file is an error that names it, or weights that are written as they were read.
pub(crate) fn hold_for(path: &Path) {
    let device = Device::flex();
    if let Err(error) = Vgg::load(path, &device) {
        place::named(path, &error);
    }
    for layer in ["conv1_1", "conv1_2"] {
        let layer: Layer = layer.parse().expect("VGG has it");
        let network = match Vgg::load_for(path, layer, &device) {
            Ok(network) => network,
            Err(error) => {
                place::named(path, &error);
                continue;
            }
        };
        let copy = place::path("copy.safetensors");
        network
            .save_safetensors(&copy)
            .expect("there is room for as much again");
        let again = Vgg::load_for(&copy, layer, &device).expect("it was written");
        let print = |network: &Vgg| network.fingerprint(layer).expect("it has the layer");
        assert_eq!(print(&again), print(&network));
    }
}
