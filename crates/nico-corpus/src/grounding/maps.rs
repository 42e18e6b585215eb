use caption_model::{Batch, Network, to_host};

use crate::error::Error;

/// The attention weights of a batch.
pub(crate) struct Maps {
    weights: Vec<f32>,
    gates: Vec<f32>,
    time: usize,
    locations: usize,
}

impl Maps {
    /// Runs the network; `None` if it has no attention.
    pub(crate) fn of(network: &Network, batch: &Batch) -> Result<Option<Self>, Error> {
        let (_, attention) = network.forward(batch.features.clone(), batch.words.clone());
        let Some(attention) = attention else {
            return Ok(None);
        };
        let [_, time, locations] = attention.weights.dims();
        Ok(Some(Self {
            weights: to_host(attention.weights)?,
            gates: to_host(attention.gates)?,
            time,
            locations,
        }))
    }

    /// The map of a step.
    pub(crate) fn get(&self, comment: usize, step: usize) -> &[f32] {
        let start = (comment * self.time + step) * self.locations;
        &self.weights[start..start + self.locations]
    }

    /// The gate β of a step.
    pub(crate) fn gate(&self, comment: usize, step: usize) -> f32 {
        self.gates[comment * self.time + step]
    }

    /// The mean map of some steps; `None` of none.
    #[expect(clippy::cast_precision_loss, reason = "comments are short")]
    pub(crate) fn mean(&self, comment: usize, steps: std::ops::Range<usize>) -> Option<Vec<f32>> {
        if steps.is_empty() {
            return None;
        }
        let count = steps.len() as f32;
        let mut mean = vec![0.0; self.locations];
        for step in steps {
            for (sum, &weight) in mean.iter_mut().zip(self.get(comment, step)) {
                *sum += weight / count;
            }
        }
        Some(mean)
    }
}
