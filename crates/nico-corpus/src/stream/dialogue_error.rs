/// What is wrong with a file of dialogue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialogueError {
    /// The file's name ends in none of the formats' endings.
    #[error("the name has to end in .srt, .vtt, .ass or .ssa")]
    UnknownFormat,
    /// The file is larger than any dialogue.
    #[error("{bytes} bytes are more than the {limit} that are read")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The largest size.
        limit: u64,
    },
    /// The text is in no encoding that is known here.
    #[error("the text is neither UTF-8, UTF-16 with a mark, nor Shift_JIS")]
    Encoding,
    /// There is text, but no line with a time.
    #[error("it has text, but no line with a time")]
    NoLines,
}
