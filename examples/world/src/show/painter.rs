//! Draws the frames of a show.

use std::cell::OnceCell;

use image::RgbaImage;
use tiny_skia::{IntRect, IntSize, Pixmap, Rect};

use super::cast::Show;
use super::script::{Actor, Scene, SceneKind, Script, Subject};
use crate::draw::{Canvas, Color, Lettering, Paint, Path, Pen};
use crate::figure::{self, Expression, Look, Pose};
use crate::scenery::{MARGIN, props};

/// Frames for which one drawing is held: characters move "on twos".
pub(crate) const HOLD: usize = 2;

/// Draws the frames of one show, keeping the background of the scene it is in.
#[derive(Debug)]
pub(crate) struct Painter {
    script: Script,
    width: u32,
    height: u32,
    rate: f64,
    /// Looked for when it is first needed.
    lettering: OnceCell<Option<Lettering>>,
    /// The current scene's first frame and its background with the margins.
    background: Option<(usize, Pixmap)>,
}

impl Painter {
    pub(crate) fn new(script: Script, width: u32, height: u32, rate: f64) -> Self {
        Self {
            script,
            width,
            height,
            rate,
            lettering: OnceCell::new(),
            background: None,
        }
    }

    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    /// The first of the frames that share a drawing with `frame`.
    pub(crate) fn drawing_of(&self, frame: usize) -> usize {
        let start = self.script.scene_at(frame).frames.start;
        start + (frame.max(start) - start) / HOLD * HOLD
    }

    /// Seconds since the scene's first frame and the share of the scene that has passed.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "seconds of a scene, for animation"
    )]
    fn moment(&self, scene: &Scene, frame: usize) -> (f32, f32) {
        let gone = (frame - scene.frames.start) as f64;
        (
            (gone / self.rate) as f32,
            (gone / scene.frames.len().max(1) as f64) as f32,
        )
    }

    /// The boxes of the characters in a frame as (number in the cast, left, top, width, height) in
    /// pixels, as far as they are in the picture and not hidden by what stands in front.
    pub(crate) fn boxes(&self, frame: usize) -> Vec<(usize, [u32; 4])> {
        let frame = self.drawing_of(frame);
        let scene = self.script.scene_at(frame);
        let (time, _) = self.moment(scene, frame);
        let (sx, sy) = self.scale();
        let mut canvas = Canvas::measuring(self.width, self.height);
        canvas.set_bottom(scene.front_edge() * sy);
        let mut boxes = Vec::new();
        for actor in &scene.actors {
            let mut pen = Pen::new(&mut canvas);
            let mut pen = pen.with(|map| map.scaled(sx, sy));
            draw_actor(&mut pen, self.script.show, scene, actor, time);
            if let Some(rect) = canvas.take_drawn().and_then(whole_pixels) {
                boxes.push((actor.cast, rect));
            }
        }
        boxes
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "pictures are far smaller than 2^24 pixels wide"
    )]
    fn scale(&self) -> (f32, f32) {
        (self.width as f32 / 640.0, self.height as f32 / 480.0)
    }

    /// Draws the picture of a frame.
    pub(crate) fn draw(&mut self, frame: usize) -> Pixmap {
        let frame = self.drawing_of(frame);
        let (sx, sy) = self.scale();
        self.prepare_background(frame);
        let scene = self.script.scene_at(frame);
        let (time, share) = self.moment(scene, frame);
        let shift = scene.pan.0 + (scene.pan.1 - scene.pan.0) * smooth(share);
        let mut canvas = self.cropped_background(shift);
        {
            let mut pen = Pen::new(&mut canvas);
            let mut pen = pen.with(|map| map.scaled(sx, sy));
            if !matches!(scene.kind, SceneKind::Dark | SceneKind::Joke) {
                scene.place.draw_moving(&mut pen.at(shift, 0.0), time);
            }
            match scene.kind {
                SceneKind::Play | SceneKind::View => {}
                SceneKind::Opening => self.opening(&mut pen, time),
                SceneKind::Insert(subject) => insert(&mut pen, subject, time),
                SceneKind::Dark => dark(&mut pen, self.script.show, time),
                SceneKind::Joke => rays(&mut pen, time),
                SceneKind::Ending => self.credits(&mut pen, share),
            }
        }
        if !scene.actors.is_empty() {
            canvas.set_bottom(scene.front_edge() * sy);
            for actor in &scene.actors {
                let mut pen = Pen::new(&mut canvas);
                let mut pen = pen.with(|map| map.scaled(sx, sy));
                draw_actor(&mut pen, self.script.show, scene, actor, time);
            }
            canvas.set_bottom(480.0 * sy);
        }
        let mut pen = Pen::new(&mut canvas);
        let mut pen = pen.with(|map| map.scaled(sx, sy));
        if let (Some(light), SceneKind::Play | SceneKind::View) = (scene.place.light(), scene.kind)
        {
            pen.fill(&Path::rect(0.0, 0.0, 640.0, 480.0), light);
        }
        match scene.kind {
            SceneKind::Play | SceneKind::View => {
                scene.place.draw_front(&mut pen.at(shift * 1.15, 0.0), time);
            }
            SceneKind::Joke => pen.stroke(
                &Path::rect(0.0, 0.0, 640.0, 480.0),
                10.0,
                Color::hex(0x2c_1c_28),
            ),
            _ => {}
        }
        let fade = fade(scene, time, share);
        if fade > 0.0 {
            pen.fill(
                &Path::rect(0.0, 0.0, 640.0, 480.0),
                Color::BLACK.alpha(fade),
            );
        }
        canvas.into_pixmap()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a picture's width"
    )]
    fn prepare_background(&mut self, frame: usize) {
        let scene = self.script.scene_at(frame);
        let start = scene.frames.start;
        if self.background.as_ref().is_some_and(|(of, _)| *of == start) {
            return;
        }
        let (sx, sy) = self.scale();
        let mut canvas = Canvas::new(self.width + 2 * (MARGIN * sx).ceil() as u32, self.height);
        let mut pen = Pen::new(&mut canvas);
        let mut pen = pen.with(|map| map.at((MARGIN * sx).ceil(), 0.0).scaled(sx, sy));
        match scene.kind {
            SceneKind::Dark => {}
            SceneKind::Joke => {
                let (inner, outer) = match self.script.show {
                    Show::Cafe => (0xff_f4_b8, 0xf0_8a_5c),
                    Show::Safari => (0xff_f8_d0, 0x58_b0_a0),
                };
                let paint =
                    Paint::radial(320.0, 240.0, 430.0, Color::hex(inner), Color::hex(outer));
                pen.fill(
                    &Path::rect(-MARGIN, 0.0, 640.0 + 2.0 * MARGIN, 480.0),
                    paint,
                );
            }
            SceneKind::Ending => {
                scene.place.draw(&mut pen);
                pen.fill(
                    &Path::rect(-MARGIN, 0.0, 640.0 + 2.0 * MARGIN, 480.0),
                    Color::hex(0x14_10_24).alpha(0.72),
                );
            }
            _ => scene.place.draw(&mut pen),
        }
        let sharp = canvas.into_pixmap();
        // A camera that looks at a face has the room out of focus.
        let blur = match scene.kind {
            SceneKind::Insert(_) => 3.2,
            SceneKind::Play if scene.actors.len() == 1 => 1.6,
            _ => 0.0,
        };
        let background = if blur > 0.0 {
            blurred(sharp, blur * sx)
        } else {
            sharp
        };
        self.background = Some((start, background));
    }

    /// The part of the background in the picture when it is moved right by `shift`; black where
    /// there is none yet.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the margins")]
    fn cropped_background(&self, shift: f32) -> Canvas {
        let (sx, _) = self.scale();
        let margin = (MARGIN * sx).ceil();
        let x = (margin - shift * sx).round().clamp(0.0, margin * 2.0) as i32;
        self.background
            .as_ref()
            .zip(IntRect::from_xywh(x, 0, self.width, self.height))
            .and_then(|((_, wide), seen)| wide.clone_rect(seen))
            .map_or_else(|| Canvas::new(self.width, self.height), Canvas::on)
    }

    fn lettering(&self) -> Option<&Lettering> {
        self.lettering.get_or_init(Lettering::find).as_ref()
    }

    fn opening(&self, pen: &mut Pen<'_>, time: f32) {
        let (title, subtitle) = self.script.show.title();
        let (face, edge) = match self.script.show {
            Show::Cafe => (Color::hex(0xff_f6_e4), Color::hex(0x7a_3c_24)),
            Show::Safari => (Color::hex(0xff_e8_6a), Color::hex(0x2e_6a_3c)),
        };
        pen.fill(
            &Path::rect(0.0, 0.0, 640.0, 480.0),
            Color::WHITE.alpha(0.22),
        );
        let pop = smooth((time * 1.4).min(1.0));
        let mut card = pen.with(|map| {
            map.at(320.0, 230.0)
                .rotated(-0.05)
                .scaled(0.6 + 0.4 * pop, 0.6 + 0.4 * pop)
        });
        let board = Path::round_rect(-262.0, -96.0, 524.0, 186.0, 34.0);
        card.fill(
            &Path::round_rect(-254.0, -82.0, 524.0, 186.0, 34.0),
            Color::BLACK.alpha(0.25),
        );
        card.shape(
            &board,
            Paint::vertical(-96.0, edge.lighter(0.22), 90.0, edge.darker(0.15)),
            5.0,
            face,
        );
        if let Some(lettering) = self.lettering() {
            let size = match self.script.show {
                Show::Cafe => 98.0,
                Show::Safari => 68.0,
            };
            let path = lettering.line(title, size);
            card.at(4.0, 20.0).fill(&path, Color::BLACK.alpha(0.35));
            card.at(0.0, 15.0).stroke(&path, 6.0, edge.darker(0.4));
            card.at(0.0, 15.0).fill(
                &path,
                Paint::vertical(
                    -60.0,
                    Color::WHITE,
                    20.0,
                    face.mix(Color::hex(0xff_c8_5a), 0.5),
                ),
            );
            card.at(0.0, 66.0)
                .fill(&lettering.line(subtitle, 28.0), face);
        }
        for i in 0..7_u8 {
            let seed = f32::from(i);
            let (x, y) = (
                -250.0 + seed * 84.0,
                -104.0 + 8.0 * (time * 3.0 + seed).sin(),
            );
            star(
                &mut card.with(|map| map.at(x, y).rotated(time + seed)),
                13.0 + 3.0 * (seed % 2.0),
                Color::hex(0xff_d8_5a),
            );
        }
    }

    fn credits(&self, pen: &mut Pen<'_>, share: f32) {
        let Some(lettering) = self.lettering() else {
            return;
        };
        let lines: [(&str, f32); 7] = [
            (self.script.show.title().0, 44.0),
            ("絵　プログラム", 30.0),
            ("音　プログラム", 30.0),
            ("話　乱数", 30.0),
            ("ご視聴ありがとうございました", 34.0),
            ("おしまい", 60.0),
            ("THE END", 24.0),
        ];
        // The last lines come to rest in the middle.
        let mut y = 430.0 - 440.0 * (share * 1.25).min(1.0);
        for (text, size) in lines {
            pen.at(320.0, y)
                .fill(&lettering.line(text, size), Color::hex(0xff_f6_e4));
            y += size + 24.0;
        }
    }
}

/// Draws a character as it is `time` seconds after its scene began.
fn draw_actor(pen: &mut Pen<'_>, show: Show, scene: &Scene, actor: &Actor, time: f32) {
    let character = show.cast()[actor.cast];
    let t = time + actor.phase;
    let joke = scene.kind == SceneKind::Joke;
    let expression = match (joke, time) {
        (true, t) if t > 2.6 => Expression::Laugh,
        _ => actor.expression,
    };
    let cycle = (t * 0.31).fract() / 0.31; // seconds since the last blink
    let blink = if cycle < 0.07 || (0.14..0.2).contains(&cycle) {
        0.5
    } else if cycle < 0.14 {
        1.0
    } else {
        0.0
    };
    let speaking = actor.talks && (t * 0.4).fract() < 0.7;
    let pose = Pose {
        expression,
        blink: if expression == Expression::Surprised {
            0.0
        } else {
            blink
        },
        talk: if speaking {
            (t * 15.0).sin().max(0.0)
        } else {
            0.0
        },
        gaze: gaze(scene, actor, t),
        tilt: 0.05 * (t * 1.1).sin()
            + if expression == Expression::Laugh {
                0.05 * (t * 9.0).sin()
            } else {
                0.0
            },
        sway: (t * 1.7).sin(),
        wave: actor.waves.then(|| 0.25 * (t * 7.0).sin() + 0.1),
        held: actor.held,
    };
    let bob = match expression {
        Expression::Laugh => 0.05 * (t * 12.0).sin().abs(),
        Expression::Sad => 0.015 * (t * 1.4).sin(),
        _ => 0.022 * (t * 2.6).sin(),
    };
    let entered = smooth((time * 1.6).min(1.0));
    let x = actor.x + actor.enters * 420.0 * (1.0 - entered);
    let (mut dx, mut grow) = (0.0, 1.0);
    if joke {
        grow = 1.0 + 0.34 * smooth(((time - 1.45) * 6.0).clamp(0.0, 1.0));
        dx = if (1.5..2.6).contains(&time) {
            7.0 * (time * 60.0).sin()
        } else {
            0.0
        };
    }
    let scale = actor.scale * grow;
    let side = if actor.mirrored { -scale } else { scale };
    let look = Look {
        clothes_color: actor.wears.unwrap_or(character.look.clothes_color),
        ..character.look
    };
    figure::draw(
        &mut pen.with(|map| map.at(x + dx, actor.y - bob * scale).scaled(side, scale)),
        &look,
        &pose,
    );
}

/// Two look at each other, one looks around.
fn gaze(scene: &Scene, actor: &Actor, t: f32) -> f32 {
    if scene.actors.len() < 2 {
        return (t * 0.6).sin().clamp(-0.5, 0.5);
    }
    let inwards = if actor.x < 320.0 { 0.8 } else { -0.8 };
    if actor.mirrored { -inwards } else { inwards }
}

fn insert(pen: &mut Pen<'_>, subject: Subject, time: f32) {
    let grow = 1.0 + 0.02 * time;
    let (x, y, size) = match subject {
        Subject::Cup => (320.0, 290.0, 150.0),
        Subject::Cake => (320.0, 270.0, 165.0),
        Subject::Cat => (320.0, 190.0, 125.0),
        Subject::Lion => (320.0, 215.0, 130.0),
        Subject::Giraffe => (320.0, 165.0, 105.0),
        Subject::Elephant => (350.0, 235.0, 125.0),
        Subject::Jeep => (330.0 - 10.0 * time, 270.0, 112.0),
    };
    if matches!(subject, Subject::Cup | Subject::Cake | Subject::Cat) {
        let wood = Color::hex(0x9a_62_3e);
        pen.fill(
            &Path::rect(0.0, 372.0, 640.0, 108.0),
            Paint::vertical(372.0, wood.lighter(0.2), 480.0, wood.darker(0.2)),
        );
        pen.fill(
            &Path::ellipse(x, y + size * 0.95, size * 1.35, size * 0.22),
            Color::BLACK.alpha(0.22),
        );
    } else {
        pen.fill(
            &Path::ellipse(x, 440.0, size * 2.0, 34.0),
            Color::BLACK.alpha(0.18),
        );
    }
    let mut pen = pen.with(|map| map.at(x, y).scaled(size * grow, size * grow));
    match subject {
        Subject::Cup => {
            props::cup(&mut pen, Color::hex(0xff_f7_ea));
            props::steam(&mut pen, time);
        }
        Subject::Cake => props::cake(&mut pen),
        Subject::Cat => props::cat(&mut pen, Color::hex(0xf0_a8_58), time),
        Subject::Lion => props::lion(&mut pen, time, (time * 0.5).fract() > 0.5),
        Subject::Giraffe => props::giraffe(&mut pen, time),
        Subject::Elephant => props::elephant(&mut pen, time),
        Subject::Jeep => props::jeep(&mut pen, time),
    }
}

/// The lights are out: two eyes look out of the dark.
fn dark(pen: &mut Pen<'_>, show: Show, time: f32) {
    let color = match show {
        Show::Cafe => Color::hex(0xff_e0_70),
        Show::Safari => Color::hex(0x9a_f0_a0),
    };
    if (time * 0.8).fract() > 0.9 || time < 0.5 {
        return;
    }
    let x = 300.0 + 40.0 * (time * 0.9).sin();
    for side in [-1.0_f32, 1.0] {
        pen.fill(&Path::ellipse(x + side * 36.0, 250.0, 20.0, 16.0), color);
        pen.fill(
            &Path::ellipse(x + side * 36.0, 250.0, 4.5, 14.0),
            Color::BLACK,
        );
    }
}

/// Lines that burst from the middle, as comics draw a shock.
fn rays(pen: &mut Pen<'_>, time: f32) {
    let turn = (time * 8.0).floor() * 0.37;
    let strong = if time > 1.45 { 0.9 } else { 0.25 };
    for i in 0..40_u8 {
        let angle =
            f32::from(i) * std::f32::consts::TAU / 40.0 + turn + (f32::from(i) * 2.7).sin() * 0.06;
        let near = 250.0 + 50.0 * (f32::from(i) * 4.1 + turn).sin();
        let (sin, cos) = angle.sin_cos();
        let spread = 0.028;
        let far = |a: f32| (320.0 + 520.0 * a.cos(), 240.0 + 520.0 * a.sin());
        pen.fill(
            &Path::polygon(&[
                (320.0 + near * cos, 240.0 + near * sin),
                far(angle - spread),
                far(angle + spread),
            ]),
            Color::WHITE.alpha(strong),
        );
    }
}

fn star(pen: &mut Pen<'_>, size: f32, color: Color) {
    let mut points = Vec::new();
    for i in 0..10_u8 {
        let angle = f32::from(i) * std::f32::consts::PI / 5.0;
        let r = if i % 2 == 0 { size } else { size * 0.45 };
        points.push((r * angle.cos(), r * angle.sin()));
    }
    pen.shape(&Path::polygon(&points), color, 2.0, color.line());
}

/// How dark the picture is at scene changes that fade.
fn fade(scene: &Scene, time: f32, share: f32) -> f32 {
    match scene.kind {
        SceneKind::Opening => (1.0 - time * 2.0).clamp(0.0, 1.0),
        SceneKind::Ending => ((share - 0.93) / 0.06).clamp(0.0, 1.0),
        _ => 0.0,
    }
}

fn smooth(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// The picture out of focus.
fn blurred(picture: Pixmap, sigma: f32) -> Pixmap {
    let (width, height) = (picture.width(), picture.height());
    RgbaImage::from_raw(width, height, picture.take())
        .map(|sharp| imageproc::filter::gaussian_blur_f32(&sharp, sigma).into_raw())
        .zip(IntSize::from_wh(width, height))
        .and_then(|(bytes, size)| Pixmap::from_vec(bytes, size))
        .expect("a blurred picture has as many pixels")
}

/// The smallest rectangle of whole pixels around `rect` as left, top, width, height; `None` for one
/// of which next to nothing can be seen.
fn whole_pixels(rect: Rect) -> Option<[u32; 4]> {
    let rect = rect.round_out()?;
    let (width, height) = (rect.width(), rect.height());
    let corner = [rect.x(), rect.y()].map(u32::try_from);
    match corner {
        [Ok(left), Ok(top)] if width >= 8 && height >= 8 => Some([left, top, width, height]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 30.0;

    /// The rectangle in which two pictures differ: left, top, right, bottom.
    fn difference(a: &Pixmap, b: &Pixmap) -> Option<[u32; 4]> {
        let mut rect: Option<[u32; 4]> = None;
        for (at, (one, other)) in (0..).zip(a.pixels().iter().zip(b.pixels())) {
            if one != other {
                let (x, y) = (at % a.width(), at / a.width());
                let [left, top, right, bottom] = rect.unwrap_or([x, y, x, y]);
                rect = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
            }
        }
        rect
    }

    /// 480 rows of 486/480 are a trace more than 486 in single precision.
    #[test]
    fn odd_heights_are_not_left() {
        let script = Script::write(Show::Safari, 3, 3_000, RATE);
        let is_play = |scene: &&Scene| scene.kind == SceneKind::Play && !scene.actors.is_empty();
        let scene = script.scenes.iter().find(is_play).unwrap();
        let frame = scene.frames.start;
        let mut painter = Painter::new(script, 64, 486, RATE);
        painter.draw(frame);
        let boxes = painter.boxes(frame);
        assert!(!boxes.is_empty());
        for (_, [_, top, _, height]) in boxes {
            assert!(top + height <= 486, "{top} {height}");
        }
    }

    /// With and without its characters a frame differs where the boxes are, and nowhere else.
    #[test]
    fn boxes_are_where_characters_are_drawn() {
        for show in Show::ALL {
            let script = Script::write(show, 3, 3_000, RATE);
            let mut empty = script.clone();
            for scene in &mut empty.scenes {
                scene.actors.clear();
            }
            // One character alone has the background out of focus, which changes the whole picture.
            let frames: Vec<_> = script
                .scenes
                .iter()
                .filter(|scene| scene.actors.len() > 1)
                .map(|scene| scene.frames.end - 4)
                .collect();
            assert!(!frames.is_empty());
            let mut with = Painter::new(script, 320, 240, RATE);
            let mut without = Painter::new(empty, 320, 240, RATE);
            for frame in frames.into_iter().take(3) {
                let boxes = with.boxes(frame);
                let [left, top, right, bottom] =
                    difference(&with.draw(frame), &without.draw(frame)).unwrap();
                let edge =
                    |pick: fn(&[u32; 4]) -> u32| boxes.iter().map(move |(_, rect)| pick(rect));
                let expected = [
                    edge(|b| b[0]).min().unwrap(),
                    edge(|b| b[1]).min().unwrap(),
                    edge(|b| b[0] + b[2] - 1).max().unwrap(),
                    edge(|b| b[1] + b[3] - 1).max().unwrap(),
                ];
                // Outlines fade out within a pixel or two: nothing changes outside the boxes.
                // Things in front may hide some of what is inside.
                let found = [left, top, right, bottom];
                assert!(
                    left + 2 >= expected[0]
                        && top + 2 >= expected[1]
                        && right <= expected[2] + 2
                        && bottom <= expected[3] + 2,
                    "{found:?}, expected {expected:?}"
                );
                assert!(
                    10 * (right - left) >= 9 * (expected[2] - expected[0])
                        && 10 * (bottom - top) >= 8 * (expected[3] - expected[1]),
                    "{found:?}, expected {expected:?}"
                );
            }
        }
    }

    /// Two frames of a drawing are the same picture; the next drawing is another.
    #[test]
    fn drawings_are_held_for_two_frames() {
        let script = Script::write(Show::Cafe, 1, 600, RATE);
        let start = script
            .scenes
            .iter()
            .find(|scene| scene.kind == SceneKind::Play)
            .unwrap()
            .frames
            .start;
        let mut painter = Painter::new(script, 160, 120, RATE);
        assert_eq!(painter.draw(start), painter.draw(start + 1));
        assert_ne!(painter.draw(start), painter.draw(start + 2));
    }

    /// The dark scene is black but for the eyes.
    #[test]
    fn the_dark_scene_is_dark() {
        for show in Show::ALL {
            let script = Script::write(show, 1, 2_700, RATE);
            let scene = script
                .scenes
                .iter()
                .find(|scene| scene.kind == SceneKind::Dark)
                .unwrap()
                .frames
                .clone();
            let mut painter = Painter::new(script, 160, 120, RATE);
            let picture = painter.draw(scene.start + 30);
            let black = tiny_skia::ColorU8::from_rgba(0, 0, 0, 255).premultiply();
            let lit = picture.pixels().iter().filter(|pixel| **pixel != black);
            let lit = lit.count();
            assert!((1..1_000).contains(&lit), "{lit} pixels are not black");
        }
    }
}
