/// Why fonts, comments or settings could not be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Fonts, options or a size that `overlay-render` refuses.
    #[error(transparent)]
    Overlay(#[from] overlay_render::Error),
    /// Bytes that are no comment file.
    #[error("{name}: no comment file: {source}")]
    Comments {
        /// What the comments were to be called.
        name: String,
        /// What the reader said.
        source: nico_comments::Error,
    },
    /// Settings that are not as expected.
    #[error("settings: {0}")]
    Settings(#[from] serde_json::Error),
    /// A name of something that there is not.
    #[error("settings: {what} {found:?}, expected {expected}")]
    Unknown {
        /// What it should name.
        what: &'static str,
        /// What stood there.
        found: String,
        /// What there is.
        expected: String,
    },
}
