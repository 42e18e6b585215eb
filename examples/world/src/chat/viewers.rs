//! Who writes, and with which mail commands.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::choice::any;

/// A person who comments. Everything about it follows from its number.
#[derive(Clone, Debug)]
pub(super) struct Viewer {
    /// 27 letters, as Niconico's anonymous ids are.
    pub(super) id: String,
    pub(super) premium: bool,
    /// Which sign it laughs with.
    pub(super) laugh: char,
    /// Chooses its favourite meme and character.
    pub(super) favourite: usize,
    /// A colour it always uses.
    color: Option<&'static str>,
    /// Whether it leaves out `184`.
    named: bool,
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const COLORS: &[&str] = &[
    "red", "pink", "yellow", "cyan", "green", "orange", "blue", "purple", "white", "black",
];
const PREMIUM_COLORS: &[&str] = &[
    "red2",
    "niconicowhite",
    "truered",
    "passionorange",
    "madyellow",
    "elementalgreen",
    "marineblue",
    "nobleviolet",
    "#FF88CC",
    "#88CCFF",
];

impl Viewer {
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut random =
            ChaCha8Rng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9).wrapping_add(number));
        let id = (0..27)
            .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
            .collect();
        let premium = random.random_bool(0.28);
        Self {
            id,
            premium,
            laugh: if random.random_bool(0.6) { 'ｗ' } else { 'w' },
            favourite: random.random_range(0..1_000),
            color: random.random_bool(0.06).then(|| any(&mut random, COLORS)),
            named: random.random_bool(0.12),
        }
    }

    /// The mail commands of one comment; `loud` comments are more often large and coloured.
    pub(super) fn mail(&self, random: &mut impl Rng, loud: bool) -> String {
        let mut words: Vec<&str> = Vec::new();
        if !self.named {
            words.push("184");
        }
        let more = if loud { 3.0 } else { 1.0 };
        if random.random_bool(0.05 * more) {
            words.push(any(random, &["shita", "ue", "naka"]));
        }
        if random.random_bool(0.05 * more) {
            words.push(any(random, &["big", "small", "medium"]));
        }
        if let Some(color) = self.color {
            words.push(color);
        } else if random.random_bool(0.04 * more) {
            words.push(any(random, COLORS));
        } else if self.premium && random.random_bool(0.08) {
            words.push(any(random, PREMIUM_COLORS));
        }
        if random.random_bool(0.01) {
            words.push(any(
                random,
                &[
                    "device:Switch",
                    "docomo",
                    "iPhone",
                    "gothic",
                    "mincho",
                    "_live",
                    "full",
                ],
            ));
        }
        words.join(" ")
    }
}
