//! A network from the tensors of a file.

use std::path::Path;

use burn::module::Param;
use burn::nn::conv::Conv2d;
use burn::nn::{Linear, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData};

use super::tensor_file::TensorFile;
use crate::error::Error;
use crate::layer::Depth;
use crate::layer::Layer;
use crate::layout::{CONVOLUTIONS, FULLY_CONNECTED, POOLED_SIDE, Published};
use crate::vgg::Vgg19;

/// More channels than this are taken for a damaged file. The published network has 512.
const MAX_CHANNELS: usize = 4096;
/// A larger fully connected layer is taken for a damaged file. The published network has 4,096.
const MAX_HIDDEN: usize = 65_536;

/// Puts the network together from a file's tensors; widths follow from the shapes.
pub(super) fn build(
    path: &Path,
    file: &dyn TensorFile,
    layer: Option<Layer>,
    device: &Device,
) -> Result<Vgg19, Error> {
    let reader = Reader { path, file, device };
    let (count, linears) = match layer.map(Layer::depth) {
        Some(Some(Depth {
            convolutions,
            fully_connected,
            ..
        })) => (convolutions, fully_connected),
        Some(None) => return Err(Error::weights(path, "VGG-19 has no layer \"output\"")),
        None => {
            let with_head = FULLY_CONNECTED.iter().any(|layer| {
                file.shape(&format!("{}.weight", layer.torchvision))
                    .is_some()
            });
            let linears = if with_head { FULLY_CONNECTED.len() } else { 0 };
            (CONVOLUTIONS.len(), linears)
        }
    };
    let mut channels = 3;
    let mut convolutions = Vec::with_capacity(count);
    for published in &CONVOLUTIONS[..count] {
        let convolution = reader.convolution(published, channels)?;
        [channels, ..] = convolution.weight.dims();
        convolutions.push(convolution);
    }
    let mut fully_connected = Vec::with_capacity(linears);
    let mut d_input = channels * POOLED_SIDE * POOLED_SIDE;
    for published in &FULLY_CONNECTED[..linears] {
        let linear = reader.linear(published, d_input)?;
        [_, d_input] = linear.weight.dims();
        fully_connected.push(linear);
    }
    Ok(Vgg19::from_layers(convolutions, fully_connected))
}

struct Reader<'a> {
    path: &'a Path,
    file: &'a dyn TensorFile,
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

    fn shape(&self, name: &str, layer: &Published) -> Result<Vec<usize>, Error> {
        self.file.shape(name).ok_or_else(|| {
            let problem = format!(
                "missing; VGG-19 in torchvision's layout keeps {} there",
                layer.paper
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
        let values = self
            .file
            .read(name)
            .map_err(|problem| Error::tensor(self.path, name, problem))?;
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            let problem = format!("element {place} is {}, expected a number", values[place]);
            return Err(Error::tensor(self.path, name, problem));
        }
        let elements: usize = shape.iter().product();
        if values.len() != elements {
            let problem = format!("holds {} values, expected {elements}", values.len());
            return Err(Error::tensor(self.path, name, problem));
        }
        Ok(Tensor::from_data(
            TensorData::new(values, shape),
            self.device,
        ))
    }
}
