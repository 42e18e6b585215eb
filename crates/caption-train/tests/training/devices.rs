//! Several devices learn what one does.

use burn::tensor::Device;
use caption_model::{GlobalCaptionerConfig, NetworkConfig};
use caption_train::{Error, Trainer};

use crate::world::{World, alone, config, go_on, losses};

/// Batches of 16 dealt out to two devices, of 8 comments each: sums come in another order, so
/// losses agree to five digits.
#[test]
fn two_devices_learn_what_one_does() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let network = NetworkConfig::from(
        GlobalCaptionerConfig::new(world.vocabulary.len(), 4)
            .with_d_embedding(16)
            .with_d_hidden(16),
    );
    let train = |name: &str, devices: &[Device]| {
        let config = config().epochs(4).word_dropout(0.0);
        Trainer::new(network.clone(), config, folder.path().join(name)).run_on(
            world.data(),
            devices,
            go_on,
        )
    };
    let one = train("one", &[Device::flex()]).unwrap();
    let two = train("two", &[Device::flex(), Device::flex()]).unwrap();
    for (one, two) in one.epochs.iter().zip(&two.epochs) {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-5 * a;
        assert!(near(one.train_nll, two.train_nll), "{one:?} {two:?}");
        assert!(near(one.dev_nll, two.dev_nll), "{one:?} {two:?}");
    }
    assert_ne!(losses(&one.epochs[..1]), losses(&one.epochs[3..]));
    let error = train("none", &[]).unwrap_err();
    assert!(matches!(error, Error::Option { .. }), "{error}");
}
