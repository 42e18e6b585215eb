//! What is remembered stays bounded, however long it runs: counted in bytes that are allocated, not
//! by what the system's allocator keeps.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use std::time::Duration;

use caption_model::commenter::WritingOptions;
use common::{SteppingClock, captioner, commenter};
use frame_features::Picture;
use nico_comments::{Comment, Vpos};
use nico_live::{LiveCommenter, LiveModel, LiveOptions};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Seconds in which memory fills, and the same again several times: writing takes long, reading
/// does not, so that there is much to read in few seconds.
const FILLING: i64 = 24;
const SPANS: i64 = 4;
/// Bytes that the most of a span may differ by: what is remembered differs in length.
const TOLERANCE: usize = 200_000;

fn options() -> LiveOptions {
    let writing = WritingOptions::default().drafts(2).max_pieces(8);
    LiveOptions::default()
        .per_second(4.0)
        .viewers(300)
        .writing(writing)
        .memory(50)
}

/// Most bytes that were allocated at the end of a second, of each span of so many seconds: with a
/// line, a picture, and comments that others write, which are new each time.
fn most_of_spans(live: &mut LiveCommenter<'_>) -> Vec<usize> {
    let mut most = Vec::new();
    for span in 0..SPANS {
        let seconds = span * FILLING..(span + 1) * FILLING;
        let bytes = seconds.map(|second| {
            live.line(second * 1_000, &format!("おはよう{second}"))
                .unwrap();
            for number in 0..8 {
                let text = format!("ねこ{second}{number}{}", "草".repeat(number % 4 * 7));
                let user = format!("{second}-{number}");
                live.comment(&Comment::new(Vpos(second * 100), text).user(user))
                    .unwrap();
            }
            let light = u8::try_from(second % 200).unwrap();
            let rgb = vec![light; 32 * 32 * 3];
            live.picture(second * 1_000, &Picture::new(32, 32, &rgb).unwrap());
            for now in (second * 1_000..).step_by(200).take(5) {
                while live.write_due(now).unwrap().is_some() {}
            }
            ALLOCATOR.current_usage()
        });
        most.push(bytes.max().unwrap());
    }
    most
}

/// One test, for what another one allocates would be counted too.
#[test]
fn memory_does_not_grow() {
    let (commenter, (captioner, _)) = (commenter(), captioner());
    for (name, model) in [
        ("commenter", LiveModel::Commenter(&commenter)),
        ("captioner", LiveModel::Captioner(&captioner)),
    ] {
        let live = LiveCommenter::new(model, options()).unwrap();
        let mut live = live.with_clock(SteppingClock::new(Duration::ZERO));
        let most = most_of_spans(&mut live);
        assert!(live.counts().given > 60, "{name}: {:?}", live.counts());
        let grown = most[3].saturating_sub(most[1]);
        assert!(grown < TOLERANCE, "{name}: {most:?}");
    }
}
