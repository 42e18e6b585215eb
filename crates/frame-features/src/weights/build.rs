//! A network from the tensors of a file.

use std::path::Path;

use burn::module::{Param, RunningState};
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, BatchNormConfig, Linear, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData};

use super::naming::{Naming, Unwrapped};
use super::tensor_file::TensorFile;
use crate::error::Error;
use crate::layer::Layer;
use crate::layout::{FULLY_CONNECTED, POOLED_SIDE, Published, VggVariant, fully_connected};
use crate::vgg::{Vgg, fold_batch_norm};

/// More channels than this are taken for a damaged file. The published network has 512.
const MAX_CHANNELS: usize = 4096;
/// A larger fully connected layer is taken for a damaged file. The published network has 4,096.
const MAX_HIDDEN: usize = 65_536;
/// What PyTorch adds to the variances of a batch normalisation, unless told otherwise; torchvision
/// does not.
const EPSILON: f64 = 1e-5;

/// Puts the network together from a file's tensors; widths follow from the shapes.
pub(super) fn build(
    path: &Path,
    file: &dyn TensorFile,
    layer: Option<Layer>,
    device: &Device,
) -> Result<Vgg, Error> {
    let file = Unwrapped::new(path, file)?;
    let naming = Naming::recognise(&file);
    let variant = naming.variant;
    let reader = Reader {
        path,
        file: &file,
        variant,
        device,
    };
    let (count, linears) = match layer.map(|layer| (layer, layer.depth(variant))) {
        Some((_, Some(depth))) => (depth.convolutions, depth.fully_connected),
        Some((layer, None)) => {
            let problem = format!("{variant} has no layer \"{layer}\"");
            return Err(Error::weights(path, problem));
        }
        None => {
            let mut linears = (0..FULLY_CONNECTED).map(fully_connected);
            let with_head = linears.any(|layer| {
                file.shape(&format!("{}.weight", layer.torchvision))
                    .is_some()
            });
            let linears = if with_head { FULLY_CONNECTED } else { 0 };
            (variant.num_convolutions(), linears)
        }
    };
    let mut channels = 3;
    let mut convolutions = Vec::with_capacity(count);
    for index in 0..count {
        let (published, norm) = naming.convolution(index);
        let mut convolution = reader.convolution(&published, channels)?;
        [channels, ..] = convolution.weight.dims();
        if let Some(norm) = norm {
            convolution = fold_batch_norm(&convolution, &reader.batch_norm(&norm, channels)?);
            reader.check_folded(&convolution, &norm)?;
        }
        convolutions.push(convolution);
    }
    let mut linears_read = Vec::with_capacity(linears);
    let mut d_input = channels * POOLED_SIDE * POOLED_SIDE;
    for published in (0..linears).map(fully_connected) {
        let linear = reader.linear(&published, d_input)?;
        [_, d_input] = linear.weight.dims();
        linears_read.push(linear);
    }
    Ok(Vgg::of_variant(variant, convolutions, linears_read))
}

struct Reader<'a> {
    path: &'a Path,
    file: &'a dyn TensorFile,
    variant: VggVariant,
    device: &'a Device,
}

impl Reader<'_> {
    fn convolution(&self, layer: &Published, channels_in: usize) -> Result<Conv2d, Error> {
        let name = format!("{}.weight", layer.torchvision);
        let shape = self.shape(&name, layer)?;
        let channels_out = match *shape.as_slice() {
            [channels_out @ 1..=MAX_CHANNELS, found, 3, 3] if found == channels_in => channels_out,
            _ => {
                return Err(self.misshapen(
                    &name,
                    layer,
                    &shape,
                    &format!("[1 to {MAX_CHANNELS}, {channels_in}, 3, 3]"),
                ));
            }
        };
        Ok(Conv2d {
            weight: Param::from_tensor(self.tensor::<4>(&name, [channels_out, channels_in, 3, 3])?),
            bias: Some(self.bias(layer, channels_out)?),
            stride: [1, 1],
            kernel_size: [3, 3],
            dilation: [1, 1],
            groups: 1,
            padding: PaddingConfig2d::Explicit(1, 1, 1, 1),
        })
    }

    fn linear(&self, layer: &Published, d_input: usize) -> Result<Linear, Error> {
        let name = format!("{}.weight", layer.torchvision);
        let shape = self.shape(&name, layer)?;
        let d_output = match *shape.as_slice() {
            [d_output @ 1..=MAX_HIDDEN, found] if found == d_input => d_output,
            _ => {
                return Err(self.misshapen(
                    &name,
                    layer,
                    &shape,
                    &format!("[1 to {MAX_HIDDEN}, {d_input}]"),
                ));
            }
        };
        // PyTorch keeps [output, input], Burn multiplies by [input, output].
        let weight = self.tensor::<2>(&name, [d_output, d_input])?.transpose();
        Ok(Linear {
            weight: Param::from_tensor(weight),
            bias: Some(self.bias(layer, d_output)?),
        })
    }

    fn bias(&self, layer: &Published, d_output: usize) -> Result<Param<Tensor<1>>, Error> {
        let name = format!("{}.bias", layer.torchvision);
        let shape = self.shape(&name, layer)?;
        if shape != [d_output] {
            return Err(self.misshapen(&name, layer, &shape, &format!("[{d_output}]")));
        }
        Ok(Param::from_tensor(self.tensor(&name, [d_output])?))
    }

    /// A batch normalisation over so many channels.
    fn batch_norm(&self, layer: &Published, channels: usize) -> Result<BatchNorm, Error> {
        let part = |name: &str| {
            let name = format!("{}.{name}", layer.torchvision);
            let shape = self.shape(&name, layer)?;
            if shape != [channels] {
                return Err(self.misshapen(&name, layer, &shape, &format!("[{channels}]")));
            }
            Ok((self.values(&name, channels)?, name))
        };
        let tensor = |values| {
            let data = TensorData::new(values, [channels]);
            Tensor::<1>::from_data(data, self.device)
        };
        let mut norm = BatchNormConfig::new(channels)
            .with_epsilon(EPSILON)
            .init(self.device);
        norm.gamma = Param::from_tensor(tensor(part("weight")?.0));
        norm.beta = Param::from_tensor(tensor(part("bias")?.0));
        norm.running_mean = RunningState::new(tensor(part("running_mean")?.0));
        let (variances, name) = part("running_var")?;
        if let Some(place) = variances.iter().position(|&variance| variance < 0.0) {
            let problem = format!("element {place} is {}, below 0", variances[place]);
            return Err(Error::tensor(self.path, &name, problem));
        }
        norm.running_var = RunningState::new(tensor(variances));
        Ok(norm)
    }

    /// Refuses what folding a normalisation has made too large: each number of a file may be
    /// finite, and the product of two not.
    fn check_folded(&self, folded: &Conv2d, norm: &Published) -> Result<(), Error> {
        let weights = folded.weight.val().flatten::<1>(0, 3);
        let bias = folded.bias.as_ref().map(|bias| bias.val());
        for part in std::iter::once(weights).chain(bias) {
            let values = part.try_into_vec_as::<f32>().map_err(Error::device)?;
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                let name = format!("{}.weight", norm.torchvision);
                let problem = format!("makes the convolution before it {value}");
                return Err(Error::tensor(self.path, &name, problem));
            }
        }
        Ok(())
    }

    fn shape(&self, name: &str, layer: &Published) -> Result<Vec<usize>, Error> {
        self.file.shape(name).ok_or_else(|| {
            let problem = format!(
                "missing; {} in torchvision's layout keeps {} there",
                self.variant, layer.paper
            );
            Error::tensor(self.path, name, problem)
        })
    }

    fn misshapen(&self, name: &str, layer: &Published, found: &[usize], expected: &str) -> Error {
        let problem = format!(
            "has shape {found:?}, expected {expected} for {}",
            layer.paper
        );
        Error::tensor(self.path, name, problem)
    }

    fn tensor<const D: usize>(&self, name: &str, shape: [usize; D]) -> Result<Tensor<D>, Error> {
        let values = self.values(name, shape.iter().product())?;
        Ok(Tensor::from_data(
            TensorData::new(values, shape),
            self.device,
        ))
    }

    /// So many finite numbers.
    fn values(&self, name: &str, elements: usize) -> Result<Vec<f32>, Error> {
        let values = self
            .file
            .read(name)
            .map_err(|problem| Error::tensor(self.path, name, problem))?;
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            let problem = format!("element {place} is {}, expected a number", values[place]);
            return Err(Error::tensor(self.path, name, problem));
        }
        if values.len() != elements {
            let problem = format!("holds {} values, expected {elements}", values.len());
            return Err(Error::tensor(self.path, name, problem));
        }
        Ok(values)
    }
}
