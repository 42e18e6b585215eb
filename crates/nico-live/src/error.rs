/// Why live comments cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model cannot write, or the device failed.
    #[error(transparent)]
    Model(#[from] caption_model::Error),
    /// The crowd cannot be drawn.
    #[error(transparent)]
    Crowd(#[from] nico_corpus::Error),
    /// The commenter's transformer, which writes, was not trained.
    #[error("the commenter's transformer, which writes, was not trained")]
    NoTransformer,
    /// An option that is not in its range.
    #[error("{option} is {value}, expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What it was.
        value: String,
        /// Its range.
        expected: &'static str,
    },
}
