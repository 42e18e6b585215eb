use serde::Serialize;

use super::losses::Loss;

/// What a rendering did.
///
/// ```
/// # use overlay_render::RenderReport;
/// let report = RenderReport::default();
/// assert_eq!(report.frames, 0);
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct RenderReport {
    /// Frames written.
    pub frames: u64,
    /// Frames with at least one comment.
    pub painted_frames: u64,
    /// Frames that show the picture of the one before once more, for comments to move on.
    pub repeated_frames: u64,
    /// Comments of the layout that have something to show.
    pub comments: usize,
    /// Those of them that are shown before the video's start or after its end, where nobody sees
    /// them.
    pub comments_outside: usize,
    /// Those that are wider than the picture and so cut off at its sides
    /// ([`Viewport::num_cut_off`](crate::Viewport::num_cut_off)).
    pub comments_cut_off: usize,
    /// Most comments in one frame.
    pub most_comments: usize,
    /// What of the source the output does not have, or not as it was.
    pub losses: Vec<Loss>,
    /// How much of the span asked for is missing, in seconds: the file's header says that it is
    /// there and it is not, as in one that was cut off. 0 if nothing is, and where the container
    /// does not state its duration (MPEG-TS, MPEG-PS, raw streams).
    pub missing_seconds: f64,
    /// Frames that the file says it has and that were not in it, where it counts them and is
    /// damaged.
    pub missing_frames: u64,
    /// Packets of the video that could not be read or decoded, and were skipped.
    pub broken_packets: u64,
    /// Packets of sound and other streams that could not be read, and were skipped.
    pub broken_other_packets: u64,
    /// Frames that were damaged and that the decoder filled in from others, as players do.
    pub concealed_frames: u64,
    /// Why reading stopped before the end of the file, if it did.
    pub ended_early: Option<String>,
    /// FFmpeg's name of the encoder; empty for pictures.
    pub encoder: String,
    /// Width of the video written, in pixels. Odd sizes are made even by repeating the last column
    /// or row.
    pub width: u32,
    /// Height of the video written, in pixels.
    pub height: u32,
}

/// How far a rendering is.
///
/// ```
/// use overlay_render::Progress;
///
/// fn show(progress: Progress) {
///     match progress.share() {
///         Some(share) => println!("{:.0} %", share * 100.0),
///         None => println!("{} frames", progress.frames),
///     }
/// }
/// # show(Progress::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Frames written.
    pub frames: u64,
    /// Frames that there will be, as far as the video's file tells; 0 if it does not.
    pub total_frames: u64,
    /// Time of the last of them in the output, in seconds.
    pub seconds: f64,
    /// Duration of the output, 0 if the video's file does not say.
    pub total_seconds: f64,
}

impl Progress {
    /// The share of the work that is done, 0 to 1, if the duration is known.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.total_seconds > 0.0).then(|| (self.seconds / self.total_seconds).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_known_where_the_duration_is() {
        let mut progress = Progress {
            seconds: 0.5,
            ..Progress::default()
        };
        assert_eq!(progress.share(), None);
        progress.total_seconds = 2.0;
        assert_eq!(progress.share(), Some(0.25));
        progress.seconds = -0.02; // a first frame before the start of the file
        assert_eq!(progress.share(), Some(0.0));
    }
}
