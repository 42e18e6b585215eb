//! Drawn data of which something can be learnt.

use anyhow::Result;
use caption_metrics::Pairs;
use caption_model::{
    CommentRate, CommenterConfig, NgramHasher,
    commenter::{CommentStyle, EventKind, Stream, StreamEvent},
};
use frame_features::{EncoderId, Layer, MemoryFeatures};
use jp_tokenize::{PartOfSpeech, PieceOptions, Pieces, Vocabulary, VocabularyBuilder};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Most words of a comment.
const CUT: usize = 30;
/// Kinds of pictures; of each one other words are usual.
const KINDS: usize = 8;

/// Pictures and their comments.
pub(crate) struct Pictures {
    pub(crate) features: MemoryFeatures,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) train: Pairs,
    pub(crate) dev: Pairs,
    pub(crate) rate: CommentRate,
}

/// How many of what is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) pictures: usize,
    /// Locations of a picture; none for one vector for all of it.
    pub(crate) locations: Option<usize>,
    pub(crate) d_features: usize,
    pub(crate) num_words: usize,
    pub(crate) train: usize,
    pub(crate) dev: usize,
}

impl Pictures {
    pub(crate) fn draw(sizes: Sizes) -> Result<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (shape, layer) = match sizes.locations {
            Some(locations) => (vec![locations, sizes.d_features], Layer::Conv5_3),
            None => (vec![sizes.d_features], Layer::Relu7),
        };
        let len: usize = sizes.pictures * shape.iter().product::<usize>();
        let row_len = len / sizes.pictures.max(1);
        // As after a ReLU, and larger in the columns of the picture's kind.
        let number = |index: usize| {
            let (kind, column) = (index / row_len % KINDS, index % sizes.d_features);
            let own = if column % KINDS == kind { 1.0 } else { 0.0 };
            rng.random_range(-1.0f32..1.0).max(0.0) + own
        };
        let values: Vec<f32> = (0..len).map(number).collect();
        let encoder = EncoderId::new("drawn", "", layer, 224);
        let features = MemoryFeatures::from_f32(encoder, shape, &values)?;
        let mut words = VocabularyBuilder::new();
        for word in 4..sizes.num_words {
            words.add(&format!("語{word}"), PartOfSpeech::parse("名詞,一般"));
        }
        let mut pairs = |count| {
            let mut pairs = Pairs::new(CUT);
            for _ in 0..count {
                let row = rng.random_range(0..sizes.pictures);
                let length = rng.random_range(1..12);
                let words: Vec<u32> = (0..length)
                    .map(|_| {
                        let free = sizes.num_words - 4;
                        let usual =
                            free / KINDS * (row % KINDS) + rng.random_range(0..free / KINDS);
                        let any = rng.random_range(0..free);
                        let word = if rng.random_bool(0.8) { usual } else { any };
                        u32::try_from(4 + word).expect("few words")
                    })
                    .collect();
                pairs.push(row, &words);
            }
            pairs
        };
        Ok(Self {
            features,
            train: pairs(sizes.train),
            dev: pairs(sizes.dev),
            vocabulary: words.build(None, 1),
            rate: CommentRate::from_counts(vec![1; sizes.pictures], 30.0),
        })
    }
}

/// Videos of comments and a network that learns them.
pub(crate) struct Videos {
    pub(crate) train: Vec<Stream>,
    pub(crate) dev: Vec<Stream>,
    pub(crate) pieces: Pieces,
    pub(crate) config: CommenterConfig,
}

const TEXTS: [&str; 8] = [
    "赤い花",
    "青い海",
    "白い雪",
    "黒い猫",
    "大きな山",
    "小さな鳥",
    "古い家",
    "新しい車",
];

impl Videos {
    /// Videos in which everybody says the same for four seconds, and then everybody something
    /// else.
    pub(crate) fn new() -> Result<Self> {
        const ROWS: u32 = 1_024;
        let pieces = Pieces::learn(TEXTS, &PieceOptions::default().size(300))?;
        let mut config = CommenterConfig::tiny(&pieces);
        config.matcher = config
            .matcher
            .with_num_rows(ROWS as usize)
            .with_d_model(16)
            .with_d_hidden(8);
        config.network = config
            .network
            .with_d_model(32)
            .with_num_layers(2)
            .with_num_heads(2);
        let hasher = NgramHasher::new(ROWS);
        let stream = |first: usize| {
            Stream::new((0..1_000usize).map(|at| {
                let text = TEXTS[(first + at / 20 * 5 + at / 140) % TEXTS.len()];
                let kind = EventKind::Comment(CommentStyle::default());
                let (millis, author) = (at as i64 * 200, u32::try_from(at).ok());
                StreamEvent::new(millis, kind, author, text, &pieces, hasher)
            }))
        };
        Ok(Self {
            train: (0..3).map(stream).collect(),
            dev: vec![stream(5)],
            config,
            pieces,
        })
    }
}
