use std::collections::BTreeMap;

use burn::tensor::Device;
use caption_metrics::Pairs;
use caption_model::{GenerateOptions, Network, SymbolRule, load_features, write_features};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    data::DeviceFeatures,
    error::Error,
    metric::{CommentMetric, Hypothesis},
    seeds::{SeedPurpose, step_seed},
    training_data::TrainingData,
};

/// The frames that comments are written for and what people wrote there.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    rows: Vec<usize>,
    references: Vec<Vec<&'a [u32]>>,
    max_words: usize,
}

impl<'a> Sample<'a> {
    /// Draws frames of the dev pairs, the same for the same seed.
    pub(super) fn draw(dev: &'a Pairs, frames: usize, seed: u64) -> Self {
        let mut by_row: BTreeMap<usize, Vec<&[u32]>> = BTreeMap::new();
        for index in 0..dev.len() {
            let pair = dev.get(index);
            by_row.entry(pair.row).or_default().push(pair.words);
        }
        let mut rows: Vec<usize> = by_row.keys().copied().collect();
        rows.shuffle(&mut ChaCha8Rng::seed_from_u64(step_seed(
            seed,
            0,
            0,
            SeedPurpose::Frames,
        )));
        rows.truncate(frames);
        rows.sort_unstable();
        let references: Vec<Vec<&[u32]>> = rows.iter().map(|row| by_row[row].clone()).collect();
        let lengths = references.iter().flatten().map(|words| words.len());
        Self {
            max_words: lengths.max().unwrap_or(1),
            references,
            rows,
        }
    }

    /// Lets the model write greedily, symbols and all, and scores what it wrote.
    pub(super) fn score(
        &self,
        metric: &dyn CommentMetric,
        network: &Network,
        data: &TrainingData<'_>,
        resident: Option<&DeviceFeatures>,
        batch_size: usize,
        device: &Device,
    ) -> Result<f64, Error> {
        let options = GenerateOptions::greedy()
            .symbols(SymbolRule::Everywhere)
            .max_words(self.max_words)
            .batch_size(batch_size);
        let pictures = self.rows.len();
        let comments = write_features(
            network,
            data.vocabulary,
            pictures,
            &options,
            device,
            |range| {
                let rows = &self.rows[range];
                match resident {
                    Some(resident) => Ok(resident.gather(resident.places(rows.iter().copied()))),
                    None => load_features(data.store, rows, device),
                }
            },
        )?;
        let written: Vec<Hypothesis<'_>> = (self.rows.iter().zip(&comments))
            .zip(&self.references)
            .map(|((&row, comment), references)| Hypothesis {
                row,
                words: &comment.words,
                references,
            })
            .collect();
        Ok(metric.score(&written))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_of_dev_frames_with_all_their_comments() {
        let mut dev = Pairs::new(30);
        for row in [4, 9, 4, 6] {
            dev.push(row, &[row.try_into().unwrap(), 5]);
        }
        let all = Sample::draw(&dev, 10, 1);
        assert_eq!(all.rows, [4, 6, 9]);
        assert_eq!(all.references[0], [&[4, 5][..], &[4, 5]]);
        assert_eq!(all.max_words, 2);
        assert_eq!(Sample::draw(&dev, 2, 1).rows, Sample::draw(&dev, 2, 1).rows);
        assert_eq!(Sample::draw(&dev, 2, 1).rows.len(), 2);
    }
}
