use caption_metrics::Pairs;
use caption_model::CommentRate;
use frame_features::FeatureSource;
use jp_tokenize::Vocabulary;

/// Training data of a captioner: features, pairs, vocabulary and comment rate.
///
/// See [`Trainer`](crate::Trainer) for an example.
#[derive(Clone, Copy, Debug)]
pub struct TrainingData<'a> {
    /// Features of the frames: a [`FeatureStore`](frame_features::FeatureStore), several as
    /// [`JoinedStores`](frame_features::JoinedStores), or rows in memory as
    /// [`MemoryFeatures`](frame_features::MemoryFeatures).
    pub store: &'a dyn FeatureSource,
    /// Pairs to learn from.
    pub train: &'a Pairs,
    /// Pairs to measure on; no weight is ever fitted to them.
    pub dev: &'a Pairs,
    /// The words behind the ids.
    pub vocabulary: &'a Vocabulary,
    /// How many comments frames have, kept for generation.
    pub rate: &'a CommentRate,
}
