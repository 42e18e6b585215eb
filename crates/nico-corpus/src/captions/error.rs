/// A file of captions that cannot be used. Lines are counted from 1, entries from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptionsError {
    /// A line of a `.jsonl` file is not a caption with its references.
    #[error("line {line}: no caption with its references")]
    Line {
        /// Which line.
        line: usize,
        /// What stood where in it.
        source: serde_json::Error,
    },
    /// A caption has no references.
    #[error("line {line}: a caption without references")]
    NoReferences {
        /// Which line.
        line: usize,
    },
    /// The file holds no captions.
    #[error("holds no captions")]
    Empty,
    /// The file is neither a list of results nor lines of captions.
    #[error("neither COCO's results nor a JSON object a line")]
    Results(#[source] serde_json::Error),
    /// The file of annotations is not COCO's.
    #[error("no annotations as COCO has them")]
    Annotations(#[source] serde_json::Error),
    /// The file holds COCO's annotations, which are references, where captions are expected.
    #[error("holds COCO's annotations, where a file of results is expected")]
    AnnotationsAsResults,
    /// Results are compared with references, which stand in another file.
    #[error("holds results without references, which COCO keeps in a file of annotations")]
    AnnotationsMissing,
    /// Lines of captions hold their references: annotations beside them would not be used.
    #[error("holds captions with references, beside which annotations have no use")]
    AnnotationsUnused,
    /// A picture of the results has no reference in the annotations.
    #[error("entry {entry}: the annotations have no reference of picture {image_id}")]
    UnknownPicture {
        /// Which entry of the results.
        entry: usize,
        /// Its picture.
        image_id: String,
    },
    /// The results have two captions for a picture.
    #[error("entry {entry}: picture {image_id} has a caption already, entry {first}")]
    Repeated {
        /// Which entry of the results.
        entry: usize,
        /// The entry before it that has the picture.
        first: usize,
        /// The picture.
        image_id: String,
    },
}
