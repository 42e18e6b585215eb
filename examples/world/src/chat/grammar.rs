//! From a moment of a show to a sentence.

use rand::{Rng, RngExt};

use super::choice::any;
use super::lexicon;
use super::viewers::Viewer;
use crate::figure::{ClothesColor, Expression, Held};
use crate::options::ColorTold;
use crate::show::{Character, Scene, SceneKind, Show};

/// What a viewer sees when writing.
#[derive(Debug)]
pub(super) struct Moment<'a> {
    pub(super) show: Show,
    pub(super) scene: &'a Scene,
    /// Whether the joke's point has just passed.
    pub(super) at_joke: bool,
    /// Of the comments about a name, the share that may be about anybody, though somebody is in the
    /// picture.
    pub(super) unseen_names: f64,
    /// Where the colour of someone's clothes is told, if they change.
    pub(super) color_told: Option<ColorTold>,
    /// What was written here last, newest last.
    pub(super) recent: &'a [String],
}

/// What a comment is about.
#[derive(Clone, Copy, Debug)]
enum Topic {
    Name,
    Scene,
    Feeling,
    Laughter,
    Meme,
    Reply,
    Long,
    Drawing,
    Spaced,
}

/// Writes one comment.
pub(super) fn comment(random: &mut impl Rng, moment: &Moment<'_>, viewer: &Viewer) -> String {
    let body = match topic(random, moment) {
        Topic::Name => about_name(random, moment, viewer),
        Topic::Scene => about_scene(random, moment, viewer),
        Topic::Feeling => {
            let expression = moment
                .scene
                .actors
                .first()
                .map_or(Expression::Calm, |actor| actor.expression);
            sentence(random, lexicon::feeling(expression), None, viewer)
        }
        Topic::Laughter => laughter(random, viewer),
        Topic::Meme => {
            // Everybody has a favourite.
            let list = lexicon::MEMES;
            let template = if random.random_bool(0.3) {
                list[viewer.favourite % list.len()]
            } else {
                any(random, list)
            };
            fill(random, template, None, viewer)
        }
        Topic::Reply => reply(random, moment, viewer),
        Topic::Long => long(random, moment, viewer),
        Topic::Drawing => any(random, lexicon::DRAWINGS).to_owned(),
        Topic::Spaced => spaced(&about_scene(random, moment, viewer)),
    };
    if body.chars().count() < 20 && random.random_bool(0.05) {
        return body + any(random, lexicon::FACES);
    }
    body
}

fn topic(random: &mut impl Rng, moment: &Moment<'_>) -> Topic {
    if moment.at_joke && random.random_bool(0.85) {
        return if random.random_bool(0.6) {
            Topic::Laughter
        } else {
            Topic::Scene
        };
    }
    let weights: [(u32, Topic); 9] = match moment.scene.kind {
        SceneKind::Play | SceneKind::Joke => [
            (31, Topic::Name),
            (13, Topic::Scene),
            (11, Topic::Feeling),
            (12, Topic::Laughter),
            (14, Topic::Meme),
            (11, Topic::Reply),
            (5, Topic::Long),
            (1, Topic::Drawing),
            (2, Topic::Spaced),
        ],
        SceneKind::Opening | SceneKind::Ending => [
            (3, Topic::Name),
            (51, Topic::Scene),
            (0, Topic::Feeling),
            (8, Topic::Laughter),
            (18, Topic::Meme),
            (12, Topic::Reply),
            (4, Topic::Long),
            (2, Topic::Drawing),
            (2, Topic::Spaced),
        ],
        SceneKind::View | SceneKind::Insert(_) | SceneKind::Dark => [
            (3, Topic::Name),
            (50, Topic::Scene),
            (0, Topic::Feeling),
            (12, Topic::Laughter),
            (15, Topic::Meme),
            (12, Topic::Reply),
            (4, Topic::Long),
            (1, Topic::Drawing),
            (3, Topic::Spaced),
        ],
    };
    let total: u32 = weights.iter().map(|(weight, _)| weight).sum();
    let mut at = random.random_range(0..total);
    for (weight, topic) in weights {
        if at < weight {
            return topic;
        }
        at -= weight;
    }
    Topic::Meme
}

/// With costumes, the share of the comments about somebody in the picture that tell the colour of
/// their clothes.
const COSTUME_SHARE: f64 = 0.8;

/// The characters a comment speaks of.
struct Persons {
    first: &'static Character,
    second: Option<&'static Character>,
    /// The colour that the first one wears in this scene alone.
    wears: Option<ClothesColor>,
}

fn about_name(random: &mut impl Rng, moment: &Moment<'_>, viewer: &Viewer) -> String {
    let cast = moment.show.cast();
    let actors = &moment.scene.actors;
    if actors.is_empty() || !random.random_bool(1.0 - moment.unseen_names) {
        let first = if random.random_bool(0.5) {
            cast[viewer.favourite % cast.len()]
        } else {
            cast[random.random_range(0..cast.len())]
        };
        let list = if random.random_bool(0.6) {
            lexicon::NAME_ABSENT
        } else {
            lexicon::NAME_ANY
        };
        return sentence(
            random,
            list,
            Some(&Persons {
                first,
                second: None,
                wears: None,
            }),
            viewer,
        );
    }
    let first = random.random_range(0..actors.len());
    let actor = &actors[first];
    let second = (actors.len() > 1).then(|| cast[actors[(first + 1) % actors.len()].cast]);
    let tells = actor.wears.is_some() && random.random_bool(COSTUME_SHARE);
    let list = match random.random_range(0..10) {
        _ if tells => match moment.color_told {
            Some(ColorTold::BeforeName) => lexicon::WEARER_NAMED,
            _ => lexicon::NAME_WEARS,
        },
        0..2 if second.is_some() => lexicon::NAME_TWO,
        0..5 => lexicon::name_feeling(actor.expression),
        5..6 if actor.held != Held::Nothing => lexicon::name_holding(actor.held),
        _ => lexicon::NAME_ANY,
    };
    sentence(
        random,
        list,
        Some(&Persons {
            first: cast[actor.cast],
            second,
            wears: actor.wears,
        }),
        viewer,
    )
}

fn about_scene(random: &mut impl Rng, moment: &Moment<'_>, viewer: &Viewer) -> String {
    let list = match moment.scene.kind {
        SceneKind::Insert(subject) => lexicon::subject(subject),
        SceneKind::Play => lexicon::place(moment.scene.place),
        SceneKind::View if random.random_bool(0.7) => lexicon::place(moment.scene.place),
        kind => lexicon::kind(kind, moment.show),
    };
    sentence(random, list, None, viewer)
}

fn laughter(random: &mut impl Rng, viewer: &Viewer) -> String {
    match random.random_range(0..10) {
        0..6 => laugh(random, viewer, 2.0),
        6..8 => any(random, &["草", "草生える", "大草原", "草不可避", "竹"]).to_owned(),
        8 => {
            any(
                random,
                &["わろた", "くそわろた", "ワロタ", "笑った", "腹いたい"],
            )
            .to_owned()
                + &laugh(random, viewer, 1.0)
        }
        _ => clap(random),
    }
}

fn reply(random: &mut impl Rng, moment: &Moment<'_>, viewer: &Viewer) -> String {
    let Some(said) = moment.recent.last() else {
        return sentence(random, lexicon::AGREE, None, viewer);
    };
    let short = said.chars().count() <= 14 && !said.starts_with(['↑', '>']);
    match random.random_range(0..10) {
        0..4 if short => said.clone(),
        4..6 if short => format!("↑{}", sentence(random, lexicon::AGREE, None, viewer)),
        6 if short => format!(
            ">>{said} {}",
            sentence(random, lexicon::AGREE, None, viewer)
        ),
        7 if short => format!("{said}は草"),
        _ => sentence(random, lexicon::AGREE, None, viewer),
    }
}

fn long(random: &mut impl Rng, moment: &Moment<'_>, viewer: &Viewer) -> String {
    let mut text = String::new();
    for _ in 0..random.random_range(1..4) {
        text += &if random.random_bool(0.6) {
            about_name(random, moment, viewer)
        } else {
            about_scene(random, moment, viewer)
        };
        while text.ends_with(['w', 'ｗ', '！', '…', 'ー']) {
            text.pop();
        }
        text += any(random, lexicon::LINKS);
    }
    text + any(random, lexicon::CONCLUSIONS)
}

/// `か　わ　い　い`: letters with ideographic spaces between, as posters who want to be seen write.
fn spaced(text: &str) -> String {
    let letters: Vec<_> = text.chars().take(12).map(String::from).collect();
    letters.join("\u{3000}")
}

/// A template that speaks of nobody, its slots filled.
pub(super) fn filled(random: &mut impl Rng, template: &str, viewer: &Viewer) -> String {
    fill(random, template, None, viewer)
}

/// A few words that agree with somebody, or do not.
pub(super) fn agreement(random: &mut impl Rng, viewer: &Viewer) -> String {
    sentence(random, lexicon::AGREE, None, viewer)
}

/// A sentence from one of the templates.
fn sentence(
    random: &mut impl Rng,
    templates: &[&str],
    persons: Option<&Persons>,
    viewer: &Viewer,
) -> String {
    let template = any(random, templates);
    fill(random, template, persons, viewer)
}

/// Fills the slots of a template. Slots do not nest deeper than one list, so this ends.
fn fill(
    random: &mut impl Rng,
    template: &str,
    persons: Option<&Persons>,
    viewer: &Viewer,
) -> String {
    let mut text = String::new();
    let mut rest = template;
    // Someone is called the same way throughout a comment.
    let call = ["", "", "", "", "", "ちゃん", "ちゃん", "さん"][random.random_range(0..8_usize)];
    while let Some(open) = rest.find('<') {
        text += &rest[..open];
        let Some(close) = rest[open..].find('>') else {
            break;
        };
        match &rest[open + 1..open + close] {
            "N" => {
                if let Some(persons) = persons {
                    text += persons.first.name;
                    text += call;
                }
            }
            "M" => {
                if let Some(second) = persons.and_then(|persons| persons.second) {
                    text += second.name;
                    text += call;
                }
            }
            "part" => {
                if let Some(persons) = persons {
                    text += any(random, lexicon::part(persons.first.id));
                }
            }
            "color" => {
                if let Some(color) = persons.and_then(|persons| persons.wears) {
                    text += lexicon::color(color);
                }
            }
            "praise" => text += any(random, lexicon::PRAISE),
            "end" => text += &sentence(random, lexicon::ENDS, persons, viewer),
            "bang" => {
                let strength = tail(random, 2.0);
                text += &"あ".repeat(strength.saturating_sub(2));
                text += &"！".repeat(strength.min(5));
            }
            "laugh" => text += &laugh(random, viewer, 1.0),
            "laugh3" => text += &laugh(random, viewer, 4.0),
            "clap" => text += &clap(random),
            other => text += other,
        }
        rest = &rest[open + close + 1..];
    }
    text + rest
}

fn laugh(random: &mut impl Rng, viewer: &Viewer, strength: f64) -> String {
    viewer.laugh.to_string().repeat(tail(random, strength))
}

fn clap(random: &mut impl Rng) -> String {
    let hand = if random.random_bool(0.8) { "8" } else { "８" };
    hand.repeat(3 + tail(random, 3.0))
}

/// A length of at least 1 with a heavy tail: most are short, a few fill the screen.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 40"
)]
fn tail(random: &mut impl Rng, scale: f64) -> usize {
    let u: f64 = random.random_range(0.0..1.0);
    (scale * (1.0 - u).powf(-0.75)).clamp(1.0, 40.0) as usize
}
