//! Features that are kept on the device.

use burn::tensor::{DType, Device, FloatDType, Tensor, TensorData, f16};
use frame_features::FeatureSource;
use serde::{Deserialize, Serialize};

use caption_metrics::Pairs;

use super::indices::{as_int, ints};
use crate::error::Error;

/// Whether the features of a training are kept on the device.
///
/// ```
/// use caption_train::FeaturesOnDevice;
///
/// assert_eq!(FeaturesOnDevice::default(), FeaturesOnDevice::Auto);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeaturesOnDevice {
    /// If the device has memory of its own (it is not the CPU) and the rows that are used take no
    /// more than [`device_bytes`](crate::RunOptions::device_bytes) there. Of several devices this
    /// has to be true of each: they are kept on all of them or on none.
    #[default]
    Auto,
    /// Whatever they take.
    Always,
    /// They are read from the store for each batch, ahead of the device.
    Never,
}

impl FeaturesOnDevice {
    /// Moves the rows of these pairs to the devices, where that is wanted; returns what there is on
    /// each of them.
    pub(crate) fn load(
        self,
        limit: u64,
        source: &dyn FeatureSource,
        pairs: &[&Pairs],
        devices: &[Device],
    ) -> Result<Vec<Option<DeviceFeatures>>, Error> {
        let rows = used_rows(pairs);
        let bytes = rows.len() as u64 * source.row_bytes() as u64;
        let fits = |device: &Device| {
            let of_f16 = if holds_f16(device) { 1 } else { 2 };
            !is_cpu(device) && bytes * of_f16 <= limit
        };
        let is_kept = self.keeps(devices.iter().map(fits));
        devices
            .iter()
            .map(|device| {
                let load = || DeviceFeatures::load(source, rows.clone(), device);
                is_kept.then(load).transpose()
            })
            .collect()
    }

    /// Whether they are kept on devices, told of each whether they fit there: a batch is read for
    /// all devices or for none.
    fn keeps(self, fits: impl IntoIterator<Item = bool>) -> bool {
        match self {
            Self::Never => false,
            Self::Auto => fits.into_iter().all(|fits| fits),
            Self::Always => true,
        }
    }
}

/// Rows of a source on a device, in f16 where the device has it.
#[derive(Debug)]
pub(crate) struct DeviceFeatures {
    /// Which rows they are, ascending.
    rows: Vec<usize>,
    features: Tensor<3>,
}

impl DeviceFeatures {
    fn load(source: &dyn FeatureSource, rows: Vec<usize>, device: &Device) -> Result<Self, Error> {
        let device = device.clone().inner();
        let shape = source.shape_of(rows.len());
        let features = if holds_f16(&device) {
            let mut values: Vec<f16> = Vec::with_capacity(shape.iter().product());
            for row in source.borrow_rows(&rows)? {
                values.extend_from_slice(row);
            }
            Tensor::from_data(TensorData::new(values, shape), (&device, DType::F16))
        } else {
            let mut values: Vec<f32> = Vec::with_capacity(shape.iter().product());
            source.append_rows(&rows, &mut values)?;
            Tensor::from_data(TensorData::new(values, shape), &device)
        };
        Ok(Self { rows, features })
    }

    /// What they take on the device.
    pub(crate) fn bytes(&self) -> usize {
        self.features.shape().num_elements() * self.features.dtype().size()
    }

    /// Where each of these rows stands.
    ///
    /// # Panics
    ///
    /// Panics if one of them is not there.
    pub(crate) fn places(&self, rows: impl Iterator<Item = usize>) -> Vec<i64> {
        rows.map(|row| {
            let place = self.rows.binary_search(&row);
            as_int(place.expect("the rows of all pairs are kept"))
        })
        .collect()
    }

    /// The rows at these places, in f32: `[places, locations, d_features]`.
    pub(crate) fn gather(&self, places: Vec<i64>) -> Tensor<3> {
        let places = ints(places, &self.features.device());
        let features = self.features.clone().select(0, places);
        features.cast(FloatDType::F32)
    }
}

fn used_rows(pairs: &[&Pairs]) -> Vec<usize> {
    let rows = pairs.iter().flat_map(|pairs| pairs.iter());
    let mut rows: Vec<usize> = rows.map(|pair| pair.row).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn holds_f16(device: &Device) -> bool {
    device.supports_dtype(FloatDType::F16)
}

/// Whether a device is the processor: what it keeps lies in the same memory as the store's pages.
pub(crate) fn is_cpu(device: &Device) -> bool {
    #[cfg(feature = "flex")]
    return *device == Device::flex();
    #[cfg(not(feature = "flex"))]
    return {
        let _ = device;
        false
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A GPU and the processor, in either order: on neither.
    #[test]
    fn features_are_kept_on_all_devices_or_on_none() {
        let auto = FeaturesOnDevice::Auto;
        assert!(auto.keeps([true]) && auto.keeps([true, true]));
        assert!(!auto.keeps([true, false]) && !auto.keeps([false, true]));
        assert!(FeaturesOnDevice::Always.keeps([true, false]));
        assert!(!FeaturesOnDevice::Never.keeps([true, true]));
    }
}
