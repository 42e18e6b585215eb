use std::path::Path;

use crate::error::Error;

pub(super) fn not_a_video(path: &Path, what: impl Into<String>) -> Error {
    Error::NotAVideo {
        path: path.to_owned(),
        what: what.into(),
    }
}

pub(super) fn encode_error(path: &Path, what: impl Into<String>) -> Error {
    Error::Encode {
        path: path.to_owned(),
        what: what.into(),
    }
}
