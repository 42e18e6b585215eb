//! What finds and writes the comments of a moment, from what was said and what others wrote.
//!
//! A [`Stream`] has the events of a video in order; a [`CommentMatcher`] says which of several
//! comments fits a moment, a [`CommenterNetwork`] how probable each word of a comment is.

mod background_ngrams;
mod copying;
mod echoes;
mod folder;
mod lexical;
mod match_batch;
mod matcher;
mod model;
mod network;
mod ngrams;
mod reader;
mod recalling;
mod stream;
mod stream_ngrams;
#[cfg(test)]
mod tests;
mod token_sequence;
mod window;
mod writer;

pub use background_ngrams::BackgroundNgrams;
pub use copying::CopyHead;
pub use folder::{CommenterConfig, CommenterFolder};
pub use match_batch::{MatchBatch, MatchMoment, ngram_weights};
pub use matcher::{CommentMatcher, CommentMatcherConfig};
pub use model::Commenter;
pub use network::{CommenterBlock, CommenterNetwork, CommenterNetworkConfig};
pub use ngrams::NgramHasher;
pub use recalling::RecallHead;
pub use stream::{CommentPlace, CommentSize, CommentStyle, EventKind, Stream, StreamEvent};
pub use stream_ngrams::{Recalled, StreamNgrams};
pub use window::{
    Inputs, MAX_PIECES, StreamBatch, StreamTokens, StreamWindow, Target, WindowEvent, num_tokens,
};
pub use writer::{CommentWriter, StreamComment, WritingOptions};
