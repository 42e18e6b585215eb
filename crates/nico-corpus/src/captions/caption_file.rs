use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{coco, error::CaptionsError, lines, set::CaptionSet};
use crate::error::Error;

/// Files of captions: a JSON object a line, or COCO's results with its annotations.
///
/// A line is `{"hypothesis": "a cat sits", "references": ["a cat is sitting"]}`, with an `image_id`
/// if pictures are to be told apart by more than the number of the line. COCO's results are
/// `[{"image_id": 1, "caption": "a cat sits"}]`, its annotations an object with `annotations` of
/// the same members, of which a picture may have several.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaptionFile {
    /// The captions.
    pub captions: PathBuf,
    /// COCO's annotations, the references of results. Default: none.
    pub annotations: Option<PathBuf>,
}

impl CaptionFile {
    /// Names the file with the captions.
    #[must_use]
    pub fn new(captions: impl Into<PathBuf>) -> Self {
        Self {
            captions: captions.into(),
            annotations: None,
        }
    }

    /// Sets [`annotations`](Self::annotations).
    #[must_use]
    pub fn annotations(mut self, file: impl Into<Option<PathBuf>>) -> Self {
        self.annotations = file.into();
        self
    }

    /// Reads the captions with their references.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if a file cannot be read, [`Error::Captions`], with file and line or entry, if
    /// one does not hold what it should, or if a picture has no reference or two captions.
    pub fn read(&self) -> Result<CaptionSet, Error> {
        let wrong = |path: &Path, source| Error::Captions {
            path: path.to_owned(),
            source,
        };
        let read = |path: &Path| fs::read_to_string(path).map_err(Error::io(path));
        let captions = read(&self.captions)?;
        let here = |source| wrong(&self.captions, source);
        match &self.annotations {
            Some(annotations) if coco::is_results(&captions) => {
                let references = read(annotations)?;
                coco::join(&captions, &references).map_err(|error| match error {
                    coco::Error::Results(error) => here(error),
                    coco::Error::Annotations(error) => wrong(annotations, error),
                })
            }
            None if coco::is_results(&captions) => Err(here(CaptionsError::AnnotationsMissing)),
            _ if coco::is_annotations(&captions) => Err(here(CaptionsError::AnnotationsAsResults)),
            Some(_) => Err(here(CaptionsError::AnnotationsUnused)),
            None => lines::parse(&captions).map_err(here),
        }
    }
}
