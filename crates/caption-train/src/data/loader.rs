//! Batches that are made by a thread while the device learns from those before.

use std::{sync::mpsc, thread};

use burn::tensor::{Device, Tensor, TensorData};
use frame_features::FeatureSource;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use caption_metrics::Pairs;
use caption_model::{Batch, PaddedWords};

use super::{
    device_features::DeviceFeatures,
    indices::{as_int, ints},
};
use crate::error::Error;

/// What batches are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loader<'a> {
    pub(crate) pairs: &'a Pairs,
    pub(crate) source: &'a dyn FeatureSource,
    /// The features if they are on the device.
    pub(crate) resident: Option<&'a DeviceFeatures>,
    /// Into how many parts a batch is cut: one for each device.
    pub(crate) parts: usize,
    /// Batches that may wait for the device.
    pub(crate) prefetch: usize,
}

/// What is done to the words that training reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise {
    /// Probability with which a word becomes `<unk>`.
    pub(crate) word_dropout: f64,
    /// Probability with which a word becomes the model's own (scheduled sampling).
    pub(crate) own_words: f64,
}

/// A batch, or a device's part of it, on the host.
#[derive(Debug)]
pub(crate) struct Loaded {
    words: PaddedWords,
    pictures: Pictures,
    /// For each comment, where its picture stands; nothing if they stand in order.
    places: Option<Vec<i64>>,
    /// Words read that are to become the model's own: positions in `[comments * time]`.
    pub(crate) own_words: Vec<i64>,
    /// Number of comments.
    pub(crate) comments: usize,
}

#[derive(Debug)]
enum Pictures {
    /// Distinct rows, `[rows, locations, d_features]`.
    Read(Vec<f32>, [usize; 3]),
    /// They are on the device.
    DeviceFeatures,
}

impl Loader<'_> {
    /// Makes the batches of `plan` in a thread and hands `work` an iterator over them; returns what
    /// `work` returns.
    ///
    /// `noise` tells for the index of a batch what is done to its words, and the seed of it. An
    /// error is the iterator's last item. When `work` returns early the thread stops at once.
    pub(crate) fn ahead<T>(
        &self,
        plan: &[Vec<usize>],
        noise: impl Fn(usize) -> Option<(Noise, u64)> + Sync,
        work: impl FnOnce(Ahead) -> T,
    ) -> T {
        let (sender, receiver) = mpsc::sync_channel(self.prefetch);
        let noise = &noise;
        thread::scope(|scope| {
            scope.spawn(move || {
                for (index, indices) in plan.iter().enumerate() {
                    let batch = self.batch(indices, noise(index));
                    let failed = batch.is_err();
                    if sender.send(batch).is_err() || failed {
                        return; // nobody wants more, or there is no more
                    }
                }
            });
            work(Ahead(receiver.into_iter()))
        })
    }

    fn batch(&self, indices: &[usize], noise: Option<(Noise, u64)>) -> Result<Vec<Loaded>, Error> {
        let parts = self.parts.clamp(1, indices.len().max(1));
        (0..parts)
            .map(|part| {
                let own: Vec<usize> = indices.iter().copied().skip(part).step_by(parts).collect();
                let noise = noise.map(|(noise, seed)| {
                    let mut rng = ChaCha8Rng::seed_from_u64(seed);
                    rng.set_stream(part as u64);
                    (noise, rng)
                });
                self.part(&own, noise)
            })
            .collect()
    }

    fn part(&self, indices: &[usize], noise: Option<(Noise, ChaCha8Rng)>) -> Result<Loaded, Error> {
        let rows = indices.iter().map(|&index| self.pairs.get(index).row);
        let (pictures, places) = match self.resident {
            Some(resident) => (Pictures::DeviceFeatures, Some(resident.places(rows))),
            None => {
                let rows: Vec<usize> = rows.collect();
                let (distinct, places) = distinct(&rows);
                let shape = self.source.shape_of(distinct.len());
                let mut values = Vec::with_capacity(shape.iter().product());
                self.source.append_rows(&distinct, &mut values)?;
                (Pictures::Read(values, shape), places)
            }
        };
        let mut words = PaddedWords::new(self.pairs, indices);
        let mut own_words = Vec::new();
        if let Some((noise, mut rng)) = noise {
            words.drop_words(noise.word_dropout, &mut rng);
            let drawn = words.draw(noise.own_words, &mut rng);
            own_words = drawn.into_iter().map(as_int).collect();
        }
        Ok(Loaded {
            words,
            pictures,
            places,
            own_words,
            comments: indices.len(),
        })
    }
}

impl Loaded {
    /// Number of words to predict.
    pub(crate) fn num_targets(&self) -> usize {
        self.words.num_targets()
    }

    /// Puts the batch on the device; `resident` are the features that lie there.
    pub(crate) fn upload(self, resident: Option<&DeviceFeatures>, device: &Device) -> Batch {
        let features = match (self.pictures, self.places, resident) {
            (Pictures::Read(values, shape), None, _) => {
                Tensor::from_data(TensorData::new(values, shape), device)
            }
            (Pictures::Read(values, shape), Some(places), _) => {
                let pictures = Tensor::<3>::from_data(TensorData::new(values, shape), device);
                pictures.select(0, ints(places, device))
            }
            (Pictures::DeviceFeatures, Some(places), Some(resident)) => {
                let features = resident.gather(places);
                if device.is_autodiff() {
                    Tensor::from_inner(features)
                } else {
                    features
                }
            }
            (Pictures::DeviceFeatures, ..) => {
                unreachable!("it was made for features on the device")
            }
        };
        self.words.upload(features)
    }
}

/// The batches as they are ready; each is in as many parts as there are devices.
#[derive(Debug)]
pub(crate) struct Ahead(mpsc::IntoIter<Result<Vec<Loaded>, Error>>);

impl Ahead {
    /// The next batch.
    ///
    /// # Errors
    ///
    /// Fails if it could not be read.
    pub(crate) fn expect(&mut self) -> Result<Vec<Loaded>, Error> {
        self.0
            .next()
            .unwrap_or_else(|| Err(Error::Device("the thread that reads batches ended".into())))
    }
}

/// The rows without those that stand there again, in ascending order, and where each row is among
/// them; no places if nothing stands there twice and the order is ascending already.
fn distinct(rows: &[usize]) -> (Vec<usize>, Option<Vec<i64>>) {
    if rows.is_sorted_by(|one, other| one < other) {
        return (rows.to_vec(), None);
    }
    let mut distinct = rows.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() == rows.len() {
        return (rows.to_vec(), None); // selecting would only copy
    }
    let places = rows
        .iter()
        .map(|row| as_int(distinct.partition_point(|other| other < row)))
        .collect();
    (distinct, Some(places))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use burn::tensor::f16;
    use frame_features::{EncoderId, Error};

    use super::*;

    /// Row `i` is `[i]`; counts the rows that are read, and fails at one of them.
    #[derive(Debug)]
    struct Counted {
        read: AtomicUsize,
        bad: usize,
    }

    impl Counted {
        fn new(bad: usize) -> Self {
            Self {
                read: AtomicUsize::new(0),
                bad,
            }
        }
    }

    impl FeatureSource for Counted {
        fn num_rows(&self) -> usize {
            1_000
        }

        fn row_shape(&self) -> &[usize] {
            &[1]
        }

        fn encoder(&self) -> &EncoderId {
            unimplemented!("nothing asks for it")
        }

        fn borrow_rows(&self, _: &[usize]) -> Result<Vec<&[f16]>, Error> {
            unimplemented!("nothing of this lies anywhere")
        }

        fn append_rows(&self, indices: &[usize], values: &mut Vec<f32>) -> Result<(), Error> {
            if indices.contains(&self.bad) {
                return Err(Error::NoStores); // any will do
            }
            self.read.fetch_add(indices.len(), Ordering::SeqCst);
            values.extend(indices.iter().map(|&row| row as f32));
            Ok(())
        }
    }

    fn pairs(rows: impl IntoIterator<Item = usize>) -> Pairs {
        let mut pairs = Pairs::new(30);
        for row in rows {
            pairs.push(row, &[4]);
        }
        pairs
    }

    fn loader<'a>(pairs: &'a Pairs, source: &'a Counted, parts: usize) -> Loader<'a> {
        Loader {
            pairs,
            source,
            resident: None,
            parts,
            prefetch: 2,
        }
    }

    fn pictures(loaded: Loaded) -> Vec<f32> {
        let batch = loaded.upload(None, &Device::flex());
        batch.features.into_data().try_into_vec::<f32>().unwrap()
    }

    /// Rows 7 3 7 7: two are read, four stand in the batch, in its order.
    #[test]
    fn a_row_that_comes_again_is_read_once() {
        let (pairs, source) = (pairs([7, 3, 7, 7]), Counted::new(usize::MAX));
        let loaded = loader(&pairs, &source, 1)
            .ahead(&[vec![0, 1, 2, 3]], |_| None, |mut ahead| ahead.expect())
            .unwrap();
        assert_eq!(source.read.load(Ordering::SeqCst), 2);
        let [loaded] = loaded.try_into().unwrap();
        assert_eq!(pictures(loaded), [7.0, 3.0, 7.0, 7.0]);
    }

    /// Five comments for two devices: every other one, three and two.
    #[test]
    fn a_batch_is_dealt_out_to_the_devices() {
        let (pairs, source) = (pairs(10..15), Counted::new(usize::MAX));
        let parts = loader(&pairs, &source, 2)
            .ahead(
                &[(0..5).collect::<Vec<_>>()],
                |_| None,
                |mut ahead| ahead.expect(),
            )
            .unwrap();
        let parts: Vec<Vec<f32>> = parts.into_iter().map(pictures).collect();
        assert_eq!(parts, [vec![10.0, 12.0, 14.0], vec![11.0, 13.0]]);
    }

    #[test]
    fn an_error_arrives_after_the_good_batches() {
        let (pairs, source) = (pairs(0..6), Counted::new(4));
        let plan: Vec<Vec<usize>> = (0..6).map(|index| vec![index]).collect();
        loader(&pairs, &source, 1).ahead(
            &plan,
            |_| None,
            |mut ahead| {
                for row in 0u8..4 {
                    let [loaded] = ahead.expect().unwrap().try_into().unwrap();
                    assert_eq!(pictures(loaded), [f32::from(row)]);
                }
                let error = ahead.expect().unwrap_err();
                assert!(
                    matches!(error, crate::Error::Features(Error::NoStores)),
                    "{error}"
                );
                assert!(ahead.expect().is_err(), "nothing comes after an error");
            },
        );
    }

    /// Two batches wait, one is in the thread's hands and one was taken: no more than four of 500
    /// are read, and leaving does not hang.
    #[test]
    fn stopping_early_neither_hangs_nor_reads_on() {
        let (pairs, source) = (pairs(0..500), Counted::new(usize::MAX));
        let plan: Vec<Vec<usize>> = (0..500).map(|index| vec![index]).collect();
        loader(&pairs, &source, 1).ahead(&plan, |_| None, |mut ahead| ahead.expect().unwrap());
        assert!(source.read.load(Ordering::SeqCst) <= 4);
    }
}
