//! How much of a file is not there, as of one that was cut off.

use super::source::ReadCounts;
use super::span::Span;
use super::stream_info::{Stated, StreamInfo};

/// What headers and packets may differ by, in seconds.
const ROUNDING: f64 = 0.5;

/// How much less of a span, in seconds, a file has than its header states; 0 if it states nothing.
pub(super) fn missing_seconds(info: &StreamInfo, span: Span, counts: &ReadCounts) -> f64 {
    let (stated, there) = match info.stated {
        None => return 0.0,
        Some(Stated::Video(stated)) => (info.begins + stated, counts.frames.end),
        Some(Stated::Longest(stated)) => {
            // Some containers count it from 0 and not from their first packet.
            let end = counts.frames.end.max(counts.packets.end);
            (stated, end + info.start)
        }
    };
    let missing = stated.min(span.end) - there.max(span.start);
    // The last picture of some containers has no duration.
    if missing > ROUNDING.max(1.5 * info.nominal_seconds) {
        missing
    } else {
        0.0
    }
}
