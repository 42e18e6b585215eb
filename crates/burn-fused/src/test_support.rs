//! What tests of several operations need.

/// A layer whose weights are there: lazy ones would be drawn where it is moved to, by that device's
/// generator.
#[cfg(feature = "flex")]
pub(crate) fn drawn(layer: burn::nn::Linear) -> burn::nn::Linear {
    layer.weight.val();
    if let Some(bias) = &layer.bias {
        bias.val();
    }
    layer
}

/// Seeds a device's random numbers. All tests of a process share them: a test draws while it holds
/// what it gets here.
#[cfg(feature = "flex")]
pub(crate) fn seeded(
    device: &burn::tensor::Device,
    seed: u64,
) -> std::sync::MutexGuard<'static, ()> {
    static DRAWING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let drawing = DRAWING.lock();
    device.seed(seed);
    drawing.unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Asserts that an outcome repeats to the last bit, whatever the number of threads.
#[cfg(feature = "flex")]
pub(crate) fn assert_repeats<T: PartialEq + Send>(outcome: impl Fn() -> T + Sync) {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads can be had").install(&outcome)
    };
    let one = with(1);
    for threads in [2, 3, 7] {
        assert!(with(threads) == one, "{threads} threads");
    }
}

/// The device that is compared with the CPU: the first NVIDIA GPU with the feature `cuda`, else
/// what `wgpu` finds, a GPU or the processor through Mesa's lavapipe.
#[cfg(any(feature = "cuda", feature = "wgpu"))]
pub(crate) fn gpu() -> burn::tensor::Device {
    #[cfg(feature = "cuda")]
    let device = burn::tensor::Device::cuda(0);
    #[cfg(not(feature = "cuda"))]
    let device = burn::tensor::Device::wgpu(burn::tensor::DeviceKind::DefaultDevice);
    device
}

/// Relations of up to three items and 150 positions: runs of events or events anywhere, with some
/// pairs hidden and some keys whose events nothing but themselves sees.
#[cfg(feature = "flex")]
pub(crate) fn relations() -> impl proptest::strategy::Strategy<Value = crate::Relations> {
    use crate::{ItemRelations, Relations};
    use proptest::prelude::*;

    let item = |length: usize| {
        (1..12usize, any::<bool>()).prop_flat_map(move |(num_events, runs)| {
            let last = u32::try_from(num_events - 1).expect("it is small");
            let events = prop::collection::vec(0..=last, length);
            let class = prop_oneof![0..9u8, Just(Relations::HIDDEN)];
            let classes = prop::collection::vec(class, num_events * num_events);
            (events, classes).prop_map(move |(mut event_of, mut classes)| {
                if runs {
                    event_of.sort_unstable();
                }
                for event in 0..num_events {
                    let itself = &mut classes[event * (num_events + 1)];
                    *itself = (*itself).min(9);
                }
                ItemRelations { event_of, classes }
            })
        })
    };
    (1..=3usize, 1..150usize)
        .prop_flat_map(move |(batch, length)| prop::collection::vec(item(length), batch))
        .prop_map(|items| Relations::new(items).expect("they fit"))
}
