//! VGG-19 to conv5_3 on frames that are already on the device.

use burn::tensor::{Device, Distribution, Tensor};
use frame_features::VggConfig;

use crate::{
    Args, Outcome,
    floor::{Floor, fastest},
    row::Row,
};

pub(crate) fn conv5_3(args: &Args, device: &Device, floor: &Floor) -> Outcome<Row> {
    let config = VggConfig::slim(args.vgg_divisor);
    let network = config.init(device);
    let side = 16 * args.grid;
    let shape = [args.pictures, 3, side, side];
    let images = Tensor::<4>::random(shape, Distribution::Default, device);
    let seconds = fastest(device, || network.forward_conv5_3(images.clone()))?;
    let pictures = args.pictures as f64;
    Ok(Row {
        what: format!("VGG-19 to conv5_3, {side}x{side}, batch {}", args.pictures),
        seconds,
        rate: pictures / seconds,
        unit: "frames",
        floor: floor.seconds(pictures * operations(&config, side), 0.0),
    })
}

/// Operations of a picture by the definition of convolution, conv1_1 to conv5_3.
fn operations(config: &VggConfig, side: usize) -> f64 {
    // Convolutions before each pooling; the sixteenth, conv5_4, is not reached.
    const GROUPS: [usize; 5] = [2, 2, 4, 4, 3];
    let mut index = 0;
    let mut operations = 0.0;
    for (halvings, convolutions) in GROUPS.into_iter().enumerate() {
        let places = ((side >> halvings) as f64).powi(2);
        for _ in 0..convolutions {
            let [input, output] = config.convolution_channels(index);
            operations += 2.0 * 9.0 * (input * output) as f64 * places;
            index += 1;
        }
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::*;

    /// torchvision's VGG-19 takes 19.6 G multiply-adds with conv5_4 and the fully connected layers;
    /// without conv5_4 (462 M) and those (124 M) 19.05 G are left: 38.1 GFLOP.
    #[test]
    fn a_picture_takes_38_gflop() {
        let operations = operations(&VggConfig::new(), 224);
        assert!((operations / 38.1e9 - 1.0).abs() < 0.01, "{operations}");
    }
}
