//! Dialogue: what the characters of a scene say.

use std::io::{self, Write};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::words;
use crate::show::{SceneKind, Script};

/// Seconds from a scene's beginning to its first line.
const FIRST: f64 = 0.4;
/// Seconds of a line, and of each of its letters.
const LINE: f64 = 0.6;
const LETTER: f64 = 0.11;

/// A line of dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Milliseconds of the video.
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    pub(crate) text: String,
    /// What it is about, a part of the text.
    pub(crate) about: &'static str,
}

/// Writes lines as an SRT file.
pub(crate) fn write_srt(out: &mut impl Write, lines: &[Line]) -> io::Result<()> {
    let time = |millis: i64| {
        let (seconds, rest) = (millis / 1_000, millis % 1_000);
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        format!("{hours:02}:{minutes:02}:{:02},{rest:03}", seconds % 60)
    };
    for (line, number) in lines.iter().zip(1..) {
        let (start, end) = (time(line.start_ms), time(line.end_ms));
        writeln!(out, "{number}\n{start} --> {end}\n{}\n", line.text)?;
    }
    Ok(())
}

/// Writes the dialogue of a script: the characters of a scene speak one after the other. Each thing
/// is spoken of once before one comes again, so that it belongs to its moment.
pub(crate) fn write_lines(script: &Script, seed: u64, rate: f64) -> Vec<Line> {
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x11_4e_5a ^ script.show as u64);
    let mut things: Vec<&'static str> = Vec::new();
    let mut lines = Vec::new();
    let speaking = script
        .scenes
        .iter()
        .filter(|scene| scene.kind == SceneKind::Play && !scene.actors.is_empty());
    for scene in speaking {
        let end = to_f64(scene.frames.end) / rate;
        let mut now = to_f64(scene.frames.start) / rate + FIRST;
        loop {
            if things.is_empty() {
                things = words::things(script.show).to_vec();
                things.shuffle(&mut random);
            }
            let template = words::LINES[random.random_range(0..words::LINES.len())];
            let about = things.last().copied().unwrap_or_default();
            let text = template.replace("<K>", about);
            let length = LINE + LETTER * to_f64(text.chars().count());
            if now + length > end {
                break; // the next scene begins
            }
            things.pop();
            lines.push(Line {
                start_ms: to_millis(now),
                end_ms: to_millis(now + length),
                text,
                about,
            });
            now += length + random.random_range(0.5..1.5);
        }
    }
    lines
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, reason = "hours at most")]
fn to_millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::Show;

    #[test]
    fn lines_are_spoken_in_scenes_with_characters_and_do_not_overlap() {
        for show in Show::ALL {
            let script = Script::write(show, 3, 3_600, 30.0);
            let lines = write_lines(&script, 3, 30.0);
            assert!(lines.len() > 15, "{}", lines.len());
            for pair in lines.windows(2) {
                assert!(pair[0].end_ms < pair[1].start_ms, "{pair:?}");
                assert_ne!(pair[0].about, pair[1].about);
            }
            for line in &lines {
                assert!(line.text.contains(line.about) && line.start_ms < line.end_ms);
                let frame = usize::try_from(line.start_ms * 30 / 1_000).unwrap();
                assert_eq!(script.scene_at(frame).kind, SceneKind::Play);
            }
            assert_eq!(lines, write_lines(&script, 3, 30.0));
            assert_ne!(lines, write_lines(&script, 4, 30.0));
        }
    }
}
