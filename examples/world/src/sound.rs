//! Music made of sine tones and noise.

use std::f32::consts::TAU;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::show::{SceneKind, Script, Show};

/// Samples a second.
pub(crate) const SAMPLE_RATE: u32 = 44_100;
#[expect(clippy::cast_precision_loss, reason = "exact in f32")]
const RATE: f32 = SAMPLE_RATE as f32;

/// How a note sounds.
#[derive(Clone, Copy, Debug)]
enum Voice {
    /// An electric piano.
    Piano,
    /// A marimba.
    Marimba,
    Bass,
    /// A shaker or a brush: noise.
    Shaker,
    Drum,
    /// A tone that slides up, for the joke.
    Slide,
}

#[derive(Clone, Copy, Debug)]
struct Note {
    /// Sample at which it begins.
    start: u64,
    /// How many samples it sounds.
    length: u64,
    frequency: f32,
    gain: f32,
    /// −1 left, 1 right.
    side: f32,
    voice: Voice,
}

/// The sound of a show, rendered block by block.
#[derive(Debug)]
pub(crate) struct Music {
    notes: Vec<Note>, // by start
    next: usize,
    sounding: Vec<Note>,
    at: u64,
}

impl Music {
    /// Composes the music of a show.
    pub(crate) fn compose(script: &Script, seed: u64, rate: f64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x0050_554e_4400 ^ script.show as u64);
        let mut notes = Vec::new();
        let seconds = |frame: usize| frame_seconds(frame, rate);
        let end = seconds(script.num_frames());
        let beat = match script.show {
            Show::Cafe => 60.0 / 92.0,
            Show::Safari => 60.0 / 126.0,
        };
        let mut bar = 0_usize;
        while bar_start(bar, beat) < end {
            let start = bar_start(bar, beat);
            let quiet = matches!(
                script.scene_at(to_frame(start + beat, rate)).kind,
                SceneKind::Dark
            );
            compose_bar(
                &mut notes,
                &mut random,
                script.show,
                bar,
                start,
                beat,
                quiet,
            );
            bar += 1;
        }
        if script
            .scenes
            .iter()
            .any(|scene| scene.kind == SceneKind::Joke)
        {
            let at = seconds(script.joke);
            notes.push(note(at - 0.25, 0.5, 300.0, 0.30, 0.0, Voice::Slide));
            notes.push(note(at + 0.1, 0.6, 70.0, 0.6, 0.0, Voice::Drum));
        }
        notes.retain(|note| note.gain > 0.0);
        notes.sort_by_key(|note| note.start);
        Self {
            notes,
            next: 0,
            sounding: Vec::new(),
            at: 0,
        }
    }

    /// Renders the next samples of the left and the right channel.
    pub(crate) fn render(&mut self, left: &mut [f32], right: &mut [f32]) {
        left.fill(0.0);
        right.fill(0.0);
        let end = self.at + left.len() as u64;
        while let Some(note) = self.notes.get(self.next).filter(|note| note.start < end) {
            self.sounding.push(*note);
            self.next += 1;
        }
        for note in &self.sounding {
            for i in 0..left.len() {
                let here = self.at + i as u64;
                if here >= note.start && here < note.start + note.length {
                    let value = sample(note, here - note.start) * note.gain;
                    left[i] += value * (1.0 - note.side) * 0.5;
                    right[i] += value * (1.0 + note.side) * 0.5;
                }
            }
        }
        for value in left.iter_mut().chain(right.iter_mut()) {
            *value = (*value * 0.8).tanh() * 0.9;
        }
        self.at = end;
        self.sounding.retain(|note| note.start + note.length > end);
    }
}

fn compose_bar(
    notes: &mut Vec<Note>,
    random: &mut ChaCha8Rng,
    show: Show,
    bar: usize,
    start: f32,
    beat: f32,
    quiet: bool,
) {
    // Roots in half tones above C and whether the third is small: I vi ii V, or I IV I V.
    let (root, minor) = match show {
        Show::Cafe => [(0, false), (9, true), (2, true), (7, false)],
        Show::Safari => [(0, false), (5, false), (0, false), (7, false)],
    }[bar % 4];
    if quiet {
        notes.push(note(
            start,
            beat * 4.0,
            pitch(root - 24),
            0.35,
            0.0,
            Voice::Bass,
        ));
        return;
    }
    let third = if minor { 3 } else { 4 };
    let chord = [
        root,
        root + third,
        root + 7,
        root + if show == Show::Cafe {
            if minor { 10 } else { 11 }
        } else {
            12
        },
    ];
    match show {
        Show::Cafe => {
            for (i, tone) in chord.into_iter().enumerate() {
                let side = if i % 2 == 0 { -0.35 } else { 0.35 };
                notes.push(note(
                    start,
                    beat * 2.2,
                    pitch(tone - 12),
                    0.10,
                    side,
                    Voice::Piano,
                ));
                notes.push(note(
                    start + beat * 2.5,
                    beat * 1.4,
                    pitch(tone - 12),
                    0.08,
                    side,
                    Voice::Piano,
                ));
            }
            for i in 0..4_u8 {
                let walk = [root, root + third, root + 7, root + 5][usize::from(i)];
                notes.push(note(
                    start + beat * f32::from(i),
                    beat * 0.95,
                    pitch(walk - 24),
                    0.30,
                    0.0,
                    Voice::Bass,
                ));
                notes.push(note(
                    start + beat * (f32::from(i) + 0.5),
                    0.12,
                    1.0,
                    0.05,
                    0.3,
                    Voice::Shaker,
                ));
            }
        }
        Show::Safari => {
            for i in 0..8_u8 {
                let tone = chord[usize::from(i) * 3 % 4];
                notes.push(note(
                    start + beat * 0.5 * f32::from(i),
                    beat * 0.7,
                    pitch(tone),
                    0.13,
                    -0.4,
                    Voice::Marimba,
                ));
                notes.push(note(
                    start + beat * 0.5 * f32::from(i),
                    0.09,
                    1.0,
                    if i % 2 == 0 { 0.07 } else { 0.04 },
                    0.5,
                    Voice::Shaker,
                ));
            }
            for i in [0.0_f32, 1.5, 2.0, 3.5] {
                notes.push(note(start + beat * i, 0.4, 82.0, 0.5, 0.0, Voice::Drum));
            }
            notes.push(note(
                start,
                beat * 1.8,
                pitch(root - 24),
                0.3,
                0.0,
                Voice::Bass,
            ));
            notes.push(note(
                start + beat * 2.0,
                beat * 1.8,
                pitch(root - 24 + 7),
                0.25,
                0.0,
                Voice::Bass,
            ));
        }
    }
    // The tune: steps of a five-tone scale, with rests.
    const SCALE: [i32; 8] = [0, 2, 4, 7, 9, 12, 14, 16];
    let mut step = random.random_range(1..6_usize);
    let mut at = 0.0_f32;
    while at < 4.0 {
        let length = [0.5_f32, 0.5, 1.0, 1.0, 1.5][random.random_range(0..5_usize)];
        if random.random_bool(0.72) {
            step = (step + random.random_range(0..4_usize))
                .saturating_sub(1)
                .min(SCALE.len() - 1);
            let voice = if show == Show::Cafe {
                Voice::Piano
            } else {
                Voice::Marimba
            };
            notes.push(note(
                start + beat * at,
                beat * length * 1.3,
                pitch(SCALE[step] + 12),
                0.17,
                0.2,
                voice,
            ));
        }
        at += length;
    }
}

fn note(start: f32, length: f32, frequency: f32, gain: f32, side: f32, voice: Voice) -> Note {
    Note {
        start: samples(start),
        length: samples(length),
        frequency,
        gain,
        side,
        voice,
    }
}

/// One sample of a note, `i` samples after its beginning.
#[expect(clippy::cast_precision_loss, reason = "notes last seconds")]
fn sample(note: &Note, i: u64) -> f32 {
    let t = i as f32 / RATE;
    let left = (note.length - i) as f32 / RATE;
    let phase = TAU * note.frequency * t;
    let edge = (t * 250.0).min(1.0) * (left * 60.0).min(1.0); // no clicks
    edge * match note.voice {
        Voice::Piano => {
            (phase.sin()
                + 0.32 * (2.0 * phase).sin() * (-6.0 * t).exp()
                + 0.12 * (4.0 * phase).sin() * (-14.0 * t).exp())
                * (-2.4 * t).exp()
        }
        Voice::Marimba => {
            (phase.sin() * (-7.0 * t).exp()) + 0.4 * (3.93 * phase).sin() * (-26.0 * t).exp()
        }
        Voice::Bass => (phase.sin() + 0.3 * (2.0 * phase).sin()) * (-1.8 * t).exp(),
        Voice::Shaker => noise(note.start + i) * (-34.0 * t).exp(),
        Voice::Drum => {
            (TAU * (note.frequency * t + 3.2 * (1.0 - (-22.0 * t).exp()))).sin() * (-9.0 * t).exp()
        }
        Voice::Slide => (TAU * (note.frequency * t + 700.0 * t * t)).sin(),
    }
}

/// Noise that depends on the sample only, so that it repeats.
#[expect(clippy::cast_precision_loss, reason = "24 bits are left")]
fn noise(i: u64) -> f32 {
    let mut x = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x51ed_270b;
    x = (x ^ (x >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x >> 40) as f32 / 8_388_608.0 - 1.0
}

/// The frequency of a tone some half tones above middle C.
#[expect(clippy::cast_precision_loss, reason = "a few octaves")]
fn pitch(half_tones: i32) -> f32 {
    261.63 * (half_tones as f32 / 12.0).exp2()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "negative times become 0"
)]
fn samples(seconds: f32) -> u64 {
    (f64::from(seconds) * f64::from(SAMPLE_RATE)) as u64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "shows have far fewer than 2^24 bars"
)]
fn bar_start(bar: usize, beat: f32) -> f32 {
    bar as f32 * beat * 4.0
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "seconds of a show"
)]
fn frame_seconds(frame: usize, rate: f64) -> f32 {
    (frame as f64 / rate) as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a show"
)]
fn to_frame(seconds: f32, rate: f64) -> usize {
    (f64::from(seconds) * rate) as usize
}
