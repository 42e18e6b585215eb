use std::path::Path;

use nico_comments::{Comment, Comments, ReadOptions, Summary};

use crate::error::Error;

/// Reads a comment file to its end, one comment at a time: `each` gets what is good in it,
/// `rejected` what is not.
///
/// # Errors
///
/// Fails if the file cannot be read at all or is no comment file, and where `each` does.
pub fn read_comments<E: From<Error>>(
    path: &Path,
    mut rejected: impl FnMut(nico_comments::Error),
    mut each: impl FnMut(Comment) -> Result<(), E>,
) -> Result<Summary, E> {
    let mut reader = Comments::open(path, ReadOptions::default()).map_err(Error::from)?;
    let mut is_first = true;
    for comment in reader.by_ref() {
        match comment {
            Ok(comment) => each(comment)?,
            Err(error) if is_first && error.is_fatal() => return Err(Error::from(error).into()),
            Err(error) => rejected(error),
        }
        is_first = false;
    }
    Ok(reader.summary())
}
