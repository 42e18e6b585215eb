//! What happens in a show, from its length and seed.

use std::ops::Range;

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::cast::Show;
use crate::figure::{ClothesColor, Expression, Held};
use crate::scenery::Place;

/// A thing or an animal shown alone and large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Cup,
    Cake,
    Cat,
    Lion,
    Giraffe,
    Elephant,
    Jeep,
}

/// What a scene is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SceneKind {
    /// The title over the first place.
    Opening,
    /// One to three characters at a place.
    Play,
    /// The camera passes over a place without anybody.
    View,
    /// A thing or an animal fills the picture.
    Insert(Subject),
    /// Everything is black but for a pair of eyes.
    Dark,
    /// The joke: a face far too large.
    Joke,
    /// The credits.
    Ending,
}

/// A character in a scene.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actor {
    /// Its number in the show's cast.
    pub(crate) cast: usize,
    /// The colour of the clothes, where it is not the character's usual one.
    pub(crate) wears: Option<ClothesColor>,
    /// Where the middle of the face is, in a picture of 640x480.
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Pixels for each unit of the figure: a face is nearly two units high.
    pub(crate) scale: f32,
    pub(crate) mirrored: bool,
    pub(crate) expression: Expression,
    pub(crate) held: Held,
    pub(crate) waves: bool,
    pub(crate) talks: bool,
    /// Comes in from this side at the scene's beginning: −1 left, 1 right, 0 is there already.
    pub(crate) enters: f32,
    /// Shifts blinks and movements, so that no two move alike.
    pub(crate) phase: f32,
}

/// A piece of a show between two cuts.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// Its frames.
    pub(crate) frames: Range<usize>,
    pub(crate) kind: SceneKind,
    pub(crate) place: Place,
    pub(crate) actors: Vec<Actor>,
    /// How far the background is moved at the beginning and at the end.
    pub(crate) pan: (f32, f32),
}

impl Scene {
    /// The height below which characters are hidden, in a picture of 480.
    pub(super) fn front_edge(&self) -> f32 {
        match self.kind {
            SceneKind::Play => self.place.front_edge(),
            _ => 480.0,
        }
    }
}

/// All scenes of a show, without gaps.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) show: Show,
    pub(crate) scenes: Vec<Scene>,
    /// The frame of the joke's point.
    pub(crate) joke: usize,
}

impl Script {
    /// Writes the script of a show of `frames` frames at `rate` frames a second.
    #[cfg(any(test, feature = "encoder"))]
    pub(crate) fn write(show: Show, seed: u64, frames: usize, rate: f64) -> Self {
        Self::staged(show, seed, frames, rate, false)
    }

    /// Writes a script whose characters stand large in their usual places or, scattered, small at
    /// one of five.
    pub(crate) fn staged(show: Show, seed: u64, frames: usize, rate: f64, scattered: bool) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x5c21_97ab ^ show as u64);
        let total = to_f32(frames) / to_f32_lossy(rate);
        let opening = (total * 0.15).min(5.0);
        let ending = (total * 0.15).min(6.0);
        let cut = |seconds: f32| (to_usize(seconds * to_f32_lossy(rate)) / 2 * 2).min(frames);
        let (body_start, body_end) = (cut(opening), cut(total - ending).max(cut(opening)));
        let mut writer = Writer {
            show,
            scattered,
            random: &mut random,
            seen: vec![0.0; show.cast().len()],
            place: 0,
            inserts: 0,
            long: total > 30.0,
            plays: 0,
        };
        let mut scenes = vec![writer.opening(0..body_start)];
        let (joke_at, dark_at) = (total * 0.27, total * 0.57);
        let (mut joked, mut darkened) = (total < 8.0, total < 16.0);
        let mut here = opening;
        while cut(here) < body_end {
            let mut length = writer.random.random_range(3.2..6.2);
            let kind = if !joked && here + 2.0 > joke_at {
                joked = true;
                length = 4.0;
                SceneKind::Joke
            } else if !darkened && here + 2.0 > dark_at {
                darkened = true;
                length = 3.0;
                SceneKind::Dark
            } else {
                writer.next_kind(scenes.len())
            };
            if total - ending - (here + length) < 2.0 {
                length = total - ending - here + 1.0; // no rest too short for a scene of its own
            }
            let range = cut(here)..cut(here + length).min(body_end);
            here += length;
            if !range.is_empty() {
                scenes.push(writer.scene(kind, range));
            }
        }
        scenes.push(writer.ending(body_end..frames));
        scenes.retain(|scene| !scene.frames.is_empty());
        let joke = scenes
            .iter()
            .find(|scene| scene.kind == SceneKind::Joke)
            .map_or(frames / 4, |scene| {
                scene.frames.start + cut(1.6).min(scene.frames.len() / 2)
            });
        Self { show, scenes, joke }
    }

    /// Gives everybody clothes of another colour in every scene, no two of a scene the same;
    /// nothing else changes.
    pub(crate) fn dress(&mut self, seed: u64) {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0xd2e5_5ed0 ^ self.show as u64);
        let mut wardrobe = ClothesColor::ALL.to_vec();
        for scene in &mut self.scenes {
            wardrobe.shuffle(&mut random);
            for (actor, &color) in scene.actors.iter_mut().zip(&wardrobe) {
                actor.wears = Some(color);
            }
        }
    }

    /// The scene a frame belongs to; the last one for frames past the end.
    pub(crate) fn scene_at(&self, frame: usize) -> &Scene {
        let i = self
            .scenes
            .partition_point(|scene| scene.frames.end <= frame);
        &self.scenes[i.min(self.scenes.len() - 1)]
    }

    /// How many frames the show has.
    pub(crate) fn num_frames(&self) -> usize {
        self.scenes.last().map_or(0, |scene| scene.frames.end)
    }
}

struct Writer<'a> {
    show: Show,
    scattered: bool,
    random: &'a mut ChaCha8Rng,
    /// How often each character was seen, so that nobody is forgotten.
    seen: Vec<f32>,
    place: usize,
    inserts: usize,
    long: bool,
    /// Scenes with characters since the last without.
    plays: usize,
}

impl Writer<'_> {
    fn next_kind(&mut self, number: usize) -> SceneKind {
        if number == 1 {
            // A long show takes its time; a short one begins with somebody.
            return if self.long {
                SceneKind::View
            } else {
                SceneKind::Play
            };
        }
        self.plays += 1;
        if self.plays < 3 {
            return SceneKind::Play;
        }
        match self.random.random_range(0..100) {
            0..70 => SceneKind::Play,
            70..92 => {
                let subjects: &[Subject] = match self.show {
                    Show::Cafe => &[Subject::Cat, Subject::Cup, Subject::Cake],
                    Show::Safari => &[
                        Subject::Lion,
                        Subject::Elephant,
                        Subject::Giraffe,
                        Subject::Jeep,
                    ],
                };
                (self.plays, self.inserts) = (0, self.inserts + 1);
                SceneKind::Insert(subjects[(self.inserts - 1) % subjects.len()])
            }
            _ => {
                self.plays = 0;
                SceneKind::View
            }
        }
    }

    fn next_place(&mut self) -> Place {
        let places = self.show.places();
        self.place += self.random.random_range(1..places.len().max(2));
        places[self.place % places.len()]
    }

    fn opening(&mut self, frames: Range<usize>) -> Scene {
        Scene {
            frames,
            kind: SceneKind::Opening,
            place: self.show.places()[0],
            actors: Vec::new(),
            pan: (-70.0, 70.0),
        }
    }

    fn ending(&mut self, frames: Range<usize>) -> Scene {
        let place = *self.show.places().last().expect("every show has places");
        Scene {
            frames,
            kind: SceneKind::Ending,
            place,
            actors: Vec::new(),
            pan: (0.0, 0.0),
        }
    }

    fn scene(&mut self, kind: SceneKind, frames: Range<usize>) -> Scene {
        let place = match kind {
            SceneKind::Insert(Subject::Jeep | Subject::Giraffe | Subject::Lion) => Place::Plain,
            SceneKind::Insert(Subject::Elephant) => Place::Waterhole,
            _ => self.next_place(),
        };
        let (actors, pan) = match kind {
            SceneKind::Play => {
                let count = *[1, 1, 1, 2, 2, 2, 3]
                    .choose(self.random)
                    .expect("not empty");
                let pan = if self.random.random_bool(0.5) {
                    let way = self.random.random_range(20.0..90.0);
                    if self.random.random_bool(0.5) {
                        (-way, way)
                    } else {
                        (way, -way)
                    }
                } else {
                    let still = self.random.random_range(-60.0..60.0);
                    (still, still)
                };
                (self.actors(count), pan)
            }
            SceneKind::Joke => {
                let mut actors = self.actors(1);
                actors[0] = Actor {
                    x: 320.0,
                    y: 250.0,
                    scale: 150.0,
                    expression: Expression::Surprised,
                    held: Held::Nothing,
                    waves: false,
                    enters: 0.0,
                    ..actors[0]
                };
                (actors, (0.0, 0.0))
            }
            SceneKind::View => (Vec::new(), (-95.0, 95.0)),
            SceneKind::Opening | SceneKind::Insert(_) | SceneKind::Dark | SceneKind::Ending => {
                (Vec::new(), (0.0, 0.0))
            }
        };
        Scene {
            frames,
            kind,
            place,
            actors,
            pan,
        }
    }

    fn actors(&mut self, count: usize) -> Vec<Actor> {
        let mut chosen: Vec<usize> = Vec::new();
        while chosen.len() < count {
            let next = (0..self.seen.len())
                .filter(|i| !chosen.contains(i))
                .map(|i| (self.seen[i] + self.random.random_range(0.0..1.0), i))
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .map_or(0, |(_, i)| i);
            // The two who play in both shows are seen somewhat more often.
            self.seen[next] += if next < 2 { 0.45 } else { 1.0 };
            chosen.push(next);
        }
        let (spots, scale, y) = match count {
            1 => (vec![320.0], 112.0, 222.0),
            2 => (vec![188.0, 452.0], 84.0, 244.0),
            _ => (vec![118.0, 320.0, 522.0], 65.0, 262.0),
        };
        let (spots, scale, y) = if self.scattered {
            let spots = self.five_places();
            (spots, 60.0, 268.0)
        } else {
            (spots, scale, y)
        };
        let speaker = self.random.random_range(0..count);
        let mood = *Expression::ALL.choose(self.random).expect("not empty");
        let mut actors = Vec::new();
        for (i, (&cast, &spot)) in chosen.iter().zip(&spots).enumerate() {
            let random = &mut *self.random;
            let held = if random.random_bool(0.35) {
                match self.show {
                    Show::Cafe => *[Held::Cup, Held::Cup, Held::Cake]
                        .choose(random)
                        .expect("not empty"),
                    Show::Safari => *[Held::Camera, Held::Binoculars]
                        .choose(random)
                        .expect("not empty"),
                }
            } else {
                Held::Nothing
            };
            let aside = if count == 1 && !self.scattered {
                random.random_range(-80.0..80.0)
            } else {
                random.random_range(-12.0..12.0)
            };
            actors.push(Actor {
                cast,
                wears: None,
                x: spot + aside,
                y: y + random.random_range(-8.0..10.0),
                scale: scale * random.random_range(0.94..1.06),
                mirrored: if count == 1 {
                    random.random_bool(0.5)
                } else {
                    i + 1 == count
                },
                expression: if random.random_bool(0.7) {
                    mood
                } else {
                    Expression::Smile
                },
                held,
                waves: held == Held::Nothing && random.random_bool(0.25),
                talks: i == speaker,
                enters: if count < 3 && !self.scattered && random.random_bool(0.2) {
                    if spot + aside < 320.0 { -1.0 } else { 1.0 }
                } else {
                    0.0
                },
                phase: random.random_range(0.0..10.0),
            });
        }
        actors
    }

    /// Five places from left to right, in random order.
    fn five_places(&mut self) -> Vec<f32> {
        let mut places = vec![85.0, 202.0, 320.0, 438.0, 555.0];
        places.shuffle(self.random);
        places
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "shows have far fewer than 2^24 frames"
)]
fn to_f32(frames: usize) -> f32 {
    frames as f32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a frame rate needs no more digits here"
)]
fn to_f32_lossy(rate: f64) -> f32 {
    rate as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "negative values become 0"
)]
fn to_usize(value: f32) -> usize {
    value as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scenes follow each other without a gap whatever the length, and everything that a show has
    /// is there if it is long enough.
    #[test]
    fn scenes_fill_the_show() {
        for show in Show::ALL {
            for (seed, frames) in [
                (1, 30),
                (1, 61),
                (2, 300),
                (3, 899),
                (4, 2_697),
                (5, 20_000),
            ] {
                let script = Script::write(show, seed, frames, 30_000.0 / 1_001.0);
                let mut end = 0;
                for scene in &script.scenes {
                    assert_eq!(scene.frames.start, end, "{show:?} of {frames} frames");
                    assert!(!scene.frames.is_empty());
                    end = scene.frames.end;
                }
                assert_eq!(end, frames);
                assert!(script.joke < frames);
                if frames > 2_000 {
                    for kind in [
                        SceneKind::Opening,
                        SceneKind::Joke,
                        SceneKind::Dark,
                        SceneKind::Ending,
                    ] {
                        assert_eq!(
                            script
                                .scenes
                                .iter()
                                .filter(|scene| scene.kind == kind)
                                .count(),
                            1,
                            "{kind:?}"
                        );
                    }
                    for cast in 0..show.cast().len() {
                        assert!(
                            script
                                .scenes
                                .iter()
                                .any(|scene| scene.actors.iter().any(|actor| actor.cast == cast))
                        );
                    }
                    assert!(script.scenes.iter().any(|scene| scene.actors.len() > 1));
                    assert!(script.scenes.iter().any(|scene| scene.pan.0 != scene.pan.1));
                }
            }
        }
    }

    /// Scattered characters stand apart, small and at one of five places; the usual ones of a
    /// single character in the middle.
    #[test]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "places are numbered 0 to 4"
    )]
    fn scattered_characters_stand_at_five_places() {
        let script = Script::staged(Show::Cafe, 1, 20_000, 30.0, true);
        let plays = script
            .scenes
            .iter()
            .filter(|scene| scene.kind == SceneKind::Play);
        let mut places = std::collections::BTreeSet::new();
        for scene in plays {
            for (i, actor) in scene.actors.iter().enumerate() {
                assert!(actor.scale < 65.0);
                places.insert(((actor.x - 85.0) / 117.5).round() as i32);
                let others = &scene.actors[i + 1..];
                assert!(others.iter().all(|other| (other.x - actor.x).abs() > 90.0));
            }
        }
        assert_eq!(places.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    /// With costumes everybody wears every colour at some time, no two of a scene wear the same,
    /// and scenes are what they were.
    #[test]
    fn costumes_change_from_scene_to_scene() {
        let plain = Script::staged(Show::Cafe, 1, 90_000, 30.0, true);
        let mut dressed = plain.clone();
        dressed.dress(1);
        let mut worn = std::collections::HashSet::new();
        for (scene, before) in dressed.scenes.iter().zip(&plain.scenes) {
            assert_eq!(scene.frames, before.frames);
            for (i, actor) in scene.actors.iter().enumerate() {
                assert_eq!(
                    (actor.cast, actor.x),
                    (before.actors[i].cast, before.actors[i].x)
                );
                assert_eq!(before.actors[i].wears, None);
                let wears = actor.wears.expect("everybody is dressed");
                assert!(
                    scene.actors[i + 1..]
                        .iter()
                        .all(|other| other.wears != actor.wears)
                );
                worn.insert((actor.cast, wears));
            }
        }
        assert_eq!(worn.len(), 6 * ClothesColor::ALL.len());
    }

    #[test]
    fn frames_find_their_scene() {
        let script = Script::write(Show::Safari, 1, 900, 30.0);
        for frame in 0..900 {
            assert!(script.scene_at(frame).frames.contains(&frame));
        }
        assert_eq!(script.scene_at(5_000).kind, SceneKind::Ending);
    }
}
