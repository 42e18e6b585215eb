//! Draws the demo world: `draw FOLDER [SECONDS] [COMMENTS]`.

use std::process::ExitCode;

use world::{WorldOptions, write_world};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: draw FOLDER [SECONDS] [COMMENTS]");
        return ExitCode::from(2);
    };
    let mut options = WorldOptions::default();
    if let Some(seconds) = arguments.next().and_then(|text| text.parse().ok()) {
        options = options.seconds(seconds);
    }
    if let Some(comments) = arguments.next().and_then(|text| text.parse().ok()) {
        options = options.comments(comments);
    }
    match write_world(folder.as_ref(), &options, |_| {}) {
        Ok(report) => {
            for show in &report.shows {
                let state = if show.kept { "kept" } else { "drawn" };
                println!(
                    "{} {state} in {:.1} s: {} frames, {} comments",
                    show.folder.display(),
                    show.elapsed.as_secs_f64(),
                    show.num_frames,
                    show.num_comments
                );
            }
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}
