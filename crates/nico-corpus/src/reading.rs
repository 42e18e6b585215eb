use std::io::BufRead;
use std::path::Path;

use nico_comments::{Comment, Comments, Filter, Filters, ReadOptions, Summary};

use crate::error::Error;

/// How comment files are read: with which options, and what is taken away. Counts go on from file to
/// file ([`Filters::tally`]).
///
/// ```
/// use nico_comments::{Comments, Filters, Kind, ReadOptions, Vpos, Without};
/// use nico_corpus::{Error, Reading};
///
/// let filters = Filters::new().with("deleted", Without(Kind::Deleted));
/// let reading = Reading::new(ReadOptions::default().shift(Vpos(-100)), filters);
/// let file = "<chat vpos='150' user_id='a'>w</chat><chat vpos='200' deleted='1'/>";
/// let mut kept = Vec::new();
/// reading.each(&mut reading.comments(file.as_bytes()), drop, |comment| {
///     kept.push(comment.vpos);
///     Ok::<(), Error>(())
/// })?;
/// assert_eq!((kept, reading.filters().seen()), (vec![Vpos(50)], 2));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Reading {
    options: ReadOptions,
    filters: Filters,
}

impl Reading {
    /// Reads with these options and keeps what the filters keep.
    #[must_use]
    pub fn new(options: ReadOptions, filters: Filters) -> Self {
        Self { options, filters }
    }

    /// What was taken away so far.
    #[must_use]
    pub fn filters(&self) -> &Filters {
        &self.filters
    }

    /// The comments of a source, unfiltered.
    pub fn comments<R: BufRead>(&self, source: R) -> Comments<R> {
        Comments::new(source, self.options.clone())
    }

    /// The comments of a file, unfiltered.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be opened.
    pub fn open(&self, path: &Path) -> Result<Comments<impl BufRead + use<>>, Error> {
        Ok(Comments::open(path, self.options.clone())?)
    }

    /// Reads comments to their end, one at a time: `each` gets what is good and kept, `rejected`
    /// what cannot be read.
    ///
    /// # Errors
    ///
    /// Fails if nothing can be read at all or what is read is no comment file, and where `each` does.
    pub fn each<R: BufRead, E: From<Error>>(
        &self,
        comments: &mut Comments<R>,
        mut rejected: impl FnMut(nico_comments::Error),
        mut each: impl FnMut(Comment) -> Result<(), E>,
    ) -> Result<Summary, E> {
        let mut is_first = true;
        for comment in comments.by_ref() {
            match comment {
                Ok(comment) if self.filters.keeps(&comment) => each(comment)?,
                Ok(_) => {}
                Err(error) if is_first && error.is_fatal() => return Err(Error::from(error).into()),
                Err(error) => rejected(error),
            }
            is_first = false;
        }
        Ok(comments.summary())
    }
}

/// Reads a comment file to its end, one comment at a time: `each` gets what is good in it,
/// `rejected` what is not.
///
/// # Errors
///
/// Fails if the file cannot be read at all or is no comment file, and where `each` does.
pub fn read_comments<E: From<Error>>(
    path: &Path,
    rejected: impl FnMut(nico_comments::Error),
    each: impl FnMut(Comment) -> Result<(), E>,
) -> Result<Summary, E> {
    let reading = Reading::default();
    reading.each(&mut reading.open(path)?, rejected, each)
}

/// What of a file that was read should be told, a line each: an encoding that is not the declared
/// one, texts that could not be decoded, what comments cannot hold, no comments at all.
#[must_use]
pub fn remarks<R: BufRead>(comments: &Comments<R>) -> Vec<String> {
    let summary = comments.summary();
    let mut remarks = Vec::new();
    if let Some(declared) = summary.declared_encoding {
        let encoding = summary.encoding;
        remarks.push(format!(
            "declares {declared} but is {encoding}, and was read as that"
        ));
    }
    if summary.unreadable > 0 {
        let (unreadable, comments) = (summary.unreadable, summary.comments);
        remarks.push(format!(
            "{unreadable} of {comments} comments hold characters that could not be decoded (U+FFFD)"
        ));
    }
    let lost: Vec<_> = comments
        .lost()
        .map(|(what, count)| format!("{what} ({count})"))
        .collect();
    if !lost.is_empty() {
        remarks.push(format!(
            "says what comments cannot hold: {}",
            lost.join(", ")
        ));
    }
    if summary.comments == 0 {
        remarks.push("no comments".to_owned());
    }
    remarks
}
