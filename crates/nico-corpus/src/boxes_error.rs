/// An invalid ground truth of boxes. Boxes are counted from 0 in the order of the text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoxesError {
    /// The text is not JSON of the form that [`Boxes`](crate::Boxes) shows; the source names line
    /// and column.
    #[error("unexpected JSON")]
    Json(#[from] serde_json::Error),
    /// A box is of a character that is not listed.
    #[error("boxes[{index}] is of the character {character:?}, which is not listed")]
    UnknownCharacter {
        /// Which box.
        index: usize,
        /// The id it names.
        character: String,
    },
    /// A box holds in no frame, or in frames that the video does not have.
    #[error("boxes[{index}] holds in frames {frames:?} of a video of {num_frames} frames")]
    Frames {
        /// Which box.
        index: usize,
        /// Its first frame and the one after the last.
        frames: [usize; 2],
        /// Number of frames of the video.
        num_frames: usize,
    },
    /// A box reaches out of the picture.
    #[error("boxes[{index}] is {rect:?} in a picture of {width}x{height}")]
    OutsidePicture {
        /// Which box.
        index: usize,
        /// Its left, top, width and height in pixels.
        rect: [u32; 4],
        /// Width of the picture in pixels.
        width: u32,
        /// Height of the picture in pixels.
        height: u32,
    },
}
