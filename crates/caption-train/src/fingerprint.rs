//! Checksums by which a training tells its data from other data.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::Tensor,
};
use caption_model::commenter::{EventKind, Stream};
use frame_features::FeatureSource;
use jp_tokenize::Vocabulary;

use super::error::Error;

/// Rows that are looked at, evenly spread: all of a store may be tens of gigabytes.
const ROWS: usize = 64;

/// FNV-1a: against mistakes, not against forgers.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Fnv {
    const NEW: Self = Self(0xcbf2_9ce4_8422_2325);

    fn bytes(&mut self, bytes: impl IntoIterator<Item = u8>) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Of the words and their ids.
pub(super) fn of_vocabulary(vocabulary: &Vocabulary) -> u64 {
    let mut hash = Fnv::NEW;
    for word in vocabulary.words() {
        hash.bytes(word.word.bytes().chain([0xff])); // no byte of a text
    }
    hash.0
}

/// Of all events of some videos.
pub(super) fn streams(streams: &[Stream]) -> u64 {
    let mut hash = Fnv::NEW;
    for stream in streams {
        hash.bytes((stream.events().len() as u64).to_le_bytes());
        for event in stream.events() {
            let kind = match event.kind {
                EventKind::Line => u64::MAX,
                EventKind::Comment(style) => style.number() as u64,
                _ => u64::MAX - 1, // a picture
            };
            let author = event.author.map_or(u64::MAX, u64::from);
            let numbers = [event.millis.cast_unsigned(), kind, author];
            hash.bytes(numbers.into_iter().flat_map(u64::to_le_bytes));
            hash.bytes(event.pieces.iter().flat_map(|piece| piece.to_le_bytes()));
            let features = event.features.iter().flat_map(|features| features.iter());
            hash.bytes(features.flat_map(|value| value.to_bits().to_le_bytes()));
            hash.bytes([0xff; 4]);
        }
    }
    hash.0
}

/// Of the number of rows and the features of some of them.
pub(super) fn of_features(source: &dyn FeatureSource) -> Result<u64, Error> {
    let rows = source.num_rows();
    let sample: Vec<usize> = match rows {
        0..=ROWS => (0..rows).collect(),
        _ => (0..ROWS)
            .map(|index| index * (rows - 1) / (ROWS - 1))
            .collect(),
    };
    let mut hash = Fnv::NEW;
    hash.bytes((rows as u64).to_le_bytes());
    for row in source.borrow_rows(&sample)? {
        hash.bytes(row.iter().flat_map(|value| value.to_bits().to_le_bytes()));
    }
    Ok(hash.0)
}

/// Of all weights of a module.
pub(super) fn of_weights(module: &impl Module) -> u64 {
    struct Weights(Fnv);

    impl ModuleVisitor for Weights {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let values = param.val().into_data().convert::<f32>();
            self.0.bytes(values.bytes().iter().copied());
        }
    }

    let mut weights = Weights(Fnv::NEW);
    module.visit(&mut weights);
    weights.0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use frame_features::{EncoderId, Layer, MemoryFeatures};
    use jp_tokenize::{PartOfSpeech, VocabularyBuilder};

    fn features(values: &[f32]) -> u64 {
        let encoder = EncoderId::new("mine", "0".repeat(64), Layer::Relu7, 224);
        of_features(&MemoryFeatures::from_f32(encoder, [1], values).unwrap()).unwrap()
    }

    /// One number of one row, and one row more; of many rows the first and the last.
    #[test]
    fn other_features_are_told_apart() {
        assert_eq!(features(&[1.0, 2.0]), features(&[1.0, 2.0]));
        let others = [features(&[1.0, 2.5]), features(&[1.0, 2.0, 2.0])];
        assert!(!others.contains(&features(&[1.0, 2.0])));
        let mut many = vec![1.0; 1_000];
        let before = features(&many);
        many[999] = 2.0;
        assert_ne!(features(&many), before);
    }

    /// Where one word ends and the next begins counts.
    #[test]
    fn other_words_are_told_apart() {
        let of = |words: &[&str]| {
            let mut builder = VocabularyBuilder::new();
            for word in words {
                builder.add(word, PartOfSpeech::UNKNOWN);
            }
            of_vocabulary(&builder.build(None, 1))
        };
        assert_eq!(of(&["草", "木"]), of(&["木", "草"]), "the ids are the same");
        assert_ne!(of(&["草木", "花"]), of(&["草", "木花"]));
    }
}
