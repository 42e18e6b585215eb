//! The comments of a show: an imitation of what viewers write, from a grammar.
//!
//! What is imitated are the facts of real files: bursts at the first and last frame and at the
//! joke, lengths with a heavy tail, names that are mostly said while their character is seen, memes
//! that have nothing to do with the picture, answers to what was just written, laughter, mail
//! commands, premium members, deleted and broken entries.

pub(crate) mod answers;
mod choice;
mod grammar;
mod lexicon;
mod saccubus;
mod timing;
mod viewers;

use std::io::Write;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use self::grammar::Moment;
use self::saccubus::Chat;
use self::timing::Timing;
use self::viewers::Viewer;
use crate::options::WorldOptions;
use crate::show::Script;

/// Comments are answered while this many of the same second are remembered.
const REMEMBERED: usize = 4;
/// Share of comments whose text was deleted.
const DELETED: f64 = 0.02;
/// One comment of this many is broken, and at least two of a file.
const PER_BROKEN: usize = 3_000;
/// The first comment's date, and the seconds over which the others follow.
const FIRST_DATE: f64 = 1_397_000_000.0;
const YEARS: f64 = 8.0 * 365.25 * 86_400.0;

/// Writes the comments of a show as Saccubus XML.
pub(crate) fn write(
    out: &mut impl Write,
    script: &Script,
    options: &WorldOptions,
) -> std::io::Result<()> {
    let rate = options.rate();
    let seed = options.seed ^ ((script.show as u64) << 32);
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0xc0_33_e7);
    let timing = Timing::new(script, seed, rate);
    let thread = format!("{}", 1_397_552_685 + script.show as u64);
    let owner_comments = saccubus::OWNER.len().min(options.comments / 20);
    let total = options.comments - owner_comments;
    saccubus::begin(out, &thread, options.comments)?;
    for (no, (vpos, mail, body)) in saccubus::OWNER.iter().take(owner_comments).enumerate() {
        saccubus::chat(
            out,
            &Chat {
                thread: &thread,
                owner: true,
                no: no + 1,
                vpos: *vpos,
                date: to_i64(FIRST_DATE),
                mail,
                user: None,
                premium: false,
                body: Some(body),
            },
        )?;
    }
    let viewers = u64::try_from(total / 5 + 1).unwrap_or(1);
    let broken = if total < 20 {
        0
    } else {
        (total / PER_BROKEN).max(2)
    };
    let mut recent: Vec<Vec<String>> =
        vec![Vec::new(); to_usize(to_f64(script.num_frames()) / rate) + 2];
    for no in 1..=total {
        let vpos = timing.draw(&mut random, script);
        // A few viewers write much, most write once or twice.
        let eager: f64 = random.random_range(0.0..1.0);
        let viewer = Viewer::new(
            seed,
            to_u64(eager.powi(3) * to_f64(usize::try_from(viewers).unwrap_or(1))),
        );
        let date = to_i64(FIRST_DATE + YEARS * (to_f64(no) / to_f64(total)).powf(2.4));
        if random.random_bool(DELETED) {
            saccubus::chat(
                out,
                &Chat {
                    thread: &thread,
                    owner: false,
                    no,
                    vpos,
                    date,
                    mail: "",
                    user: None,
                    premium: false,
                    body: None,
                },
            )?;
            continue;
        }
        // Viewers react to what they saw a moment ago.
        let lag: f64 = -0.22 * (1.0 - random.random_range(0.0..1.0_f64)).ln();
        let seen = to_f64_signed(vpos) / 100.0 - lag.min(2.0);
        let frame = to_usize(seen * rate);
        let scene = script.scene_at(frame);
        let second = to_usize(to_f64_signed(vpos) / 100.0).min(recent.len() - 1);
        let point = script.joke;
        let at_joke = (point..point + to_usize(rate * 1.5))
            .contains(&to_usize(to_f64_signed(vpos) / 100.0 * rate));
        let moment = Moment {
            show: script.show,
            scene,
            at_joke,
            unseen_names: options.unseen_names,
            color_told: options.costumes,
            recent: &recent[second],
        };
        let body = grammar::comment(&mut random, &moment, &viewer);
        let mail = viewer.mail(&mut random, at_joke || body.contains('！'));
        let chat = Chat {
            thread: &thread,
            owner: false,
            no,
            vpos,
            date,
            mail: &mail,
            user: Some(&viewer.id),
            premium: viewer.premium,
            body: Some(&body),
        };
        if broken > 0 && no % (total / broken) == total / broken / 2 {
            saccubus::broken(out, &chat, no / (total / broken))?;
        } else {
            saccubus::chat(out, &chat)?;
        }
        remember(&mut recent[second], body, &mut random);
    }
    saccubus::end(out)
}

fn remember(recent: &mut Vec<String>, body: String, random: &mut impl Rng) {
    if recent.len() >= REMEMBERED {
        recent.remove(random.random_range(0..recent.len()));
    }
    recent.push(body);
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 comments")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 hundredths")]
fn to_f64_signed(vpos: i64) -> f64 {
    vpos as f64
}

#[expect(clippy::cast_possible_truncation, reason = "dates of our time")]
fn to_i64(seconds: f64) -> i64 {
    seconds as i64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "negative values become 0"
)]
fn to_usize(value: f64) -> usize {
    value as usize
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "negative values become 0"
)]
fn to_u64(value: f64) -> u64 {
    value as u64
}
