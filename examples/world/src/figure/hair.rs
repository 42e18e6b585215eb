//! Hair, in front of the head and behind it.

use super::face;
use super::line::LINE;
use super::look::{Fringe, HairStyle, Look};
use super::pose::Pose;
use crate::draw::{Color, Paint, Path, Pen};

fn paint(color: Color) -> Paint {
    Paint::vertical(-1.2, color.lighter(0.12), 1.6, color.darker(0.24))
}

/// Draws what of the hair is behind head and body.
pub(super) fn behind(pen: &mut Pen<'_>, look: &Look, pose: &Pose) {
    let color = look.hair_color.color();
    let line = color.line();
    let back = Paint::vertical(-1.2, color.darker(0.12), 1.8, color.darker(0.40));
    let sway = pose.sway * 0.08;
    let cap = Path::ellipse(0.0, -0.12, 1.02, 1.14);
    match look.hair_style {
        HairStyle::Bob => {
            let bob = Path::from(-1.0, -0.3)
                .cubic((-1.1, -1.0), (-0.6, -1.28), (0.0, -1.28))
                .cubic((0.6, -1.28), (1.1, -1.0), (1.0, -0.3))
                .cubic((1.12, 0.2), (1.24, 0.7), (1.10 + sway, 0.98))
                .quad(0.9, 1.10, 0.55, 0.95)
                .line(-0.55, 0.95)
                .quad(-0.9, 1.10, -1.10 + sway, 0.98)
                .cubic((-1.24, 0.7), (-1.12, 0.2), (-1.0, -0.3));
            pen.shape(&bob, back, LINE, line);
        }
        HairStyle::Long => {
            let long = Path::from(-1.0, -0.3)
                .cubic((-1.1, -1.0), (-0.6, -1.28), (0.0, -1.28))
                .cubic((0.6, -1.28), (1.1, -1.0), (1.0, -0.3))
                .cubic((1.05, 0.7), (1.42, 1.5), (1.28 + sway * 2.0, 2.75))
                .quad(1.05 + sway, 2.45, 0.85 + sway, 2.8)
                .quad(0.4, 2.5, 0.0, 2.75)
                .quad(-0.4, 2.5, -0.85 + sway, 2.8)
                .quad(-1.05 + sway, 2.45, -1.28 + sway * 2.0, 2.75)
                .cubic((-1.42, 1.5), (-1.05, 0.7), (-1.0, -0.3));
            pen.shape(&long, back, LINE, line);
        }
        HairStyle::TwinTails => {
            for side in [-1.0_f32, 1.0] {
                let tail = Path::from(side * 0.72, -0.85)
                    .cubic(
                        (side * 1.5, -1.25),
                        (side * 1.95, -0.3),
                        (side * 1.72 + sway, 0.7),
                    )
                    .cubic(
                        (side * 1.66 + sway, 1.2),
                        (side * 1.66 + sway, 1.5),
                        (side * 1.42 + sway * 2.0, 1.85),
                    )
                    .cubic(
                        (side * 1.42 + sway, 1.4),
                        (side * 1.18, 1.2),
                        (side * 1.16, 0.7),
                    )
                    .cubic((side * 1.2, 0.1), (side * 1.0, -0.2), (side * 0.72, -0.35));
                pen.shape(&tail, paint(color), LINE, line);
                pen.brush(
                    &Path::from(side * 1.1, -0.7).cubic(
                        (side * 1.5, -0.4),
                        (side * 1.5, 0.4),
                        (side * 1.42 + sway, 1.4),
                    ),
                    0.05,
                    color.darker(0.35),
                );
            }
            pen.shape(&cap, back, LINE, line);
        }
        HairStyle::Ponytail => {
            let tail = Path::from(0.1, -1.15)
                .cubic((0.9, -1.75), (1.75, -1.2), (1.72 + sway, -0.2))
                .cubic((1.72 + sway, 0.5), (1.5, 0.9), (1.62 + sway * 2.0, 1.5))
                .cubic((1.2 + sway, 1.3), (1.05, 0.8), (1.08, 0.3))
                .cubic((1.1, -0.3), (0.9, -0.7), (0.3, -0.85));
            pen.shape(&tail, paint(color), LINE, line);
            pen.brush(
                &Path::from(0.6, -1.2).cubic((1.4, -1.1), (1.45, -0.2), (1.36 + sway, 0.8)),
                0.05,
                color.darker(0.35),
            );
            pen.shape(&cap, back, LINE, line);
        }
        HairStyle::Spiky => {
            let mut points = Vec::new();
            let spikes = 13_u8;
            for i in 0..=spikes * 2 {
                let angle = -std::f32::consts::PI * 1.16
                    + f32::from(i) / f32::from(spikes * 2) * std::f32::consts::PI * 1.32;
                let (radius, lean) = if i % 2 == 1 {
                    (1.50, 0.06)
                } else {
                    (1.08, 0.0)
                };
                points.push((
                    radius * (angle + lean).cos() + if i % 2 == 1 { sway } else { 0.0 },
                    -0.14 + radius * 0.98 * (angle + lean).sin(),
                ));
            }
            pen.shape(&Path::polygon(&points), back, LINE, line);
        }
        HairStyle::Curly => {
            for (x, y, r) in curls() {
                pen.shape(
                    &Path::circle(x + sway * (y + 1.2) * 0.4, y, r),
                    back.clone(),
                    LINE,
                    line,
                );
            }
        }
        HairStyle::Buns => {
            for side in [-1.0_f32, 1.0] {
                let (x, y) = (side * 0.78, -1.08);
                pen.shape(&Path::circle(x, y, 0.40), paint(color), LINE, line);
                pen.brush(
                    &Path::from(x - 0.2, y + 0.1).cubic(
                        (x - 0.2, y - 0.3),
                        (x + 0.25, y - 0.25),
                        (x + 0.2, y + 0.1),
                    ),
                    0.045,
                    color.darker(0.4),
                );
                pen.brush(
                    &Path::from(x - 0.05, y + 0.1).quad(x + 0.02, y - 0.12, x + 0.12, y + 0.05),
                    0.04,
                    color.darker(0.4),
                );
            }
            pen.shape(&cap, back, LINE, line);
        }
        HairStyle::Braid => pen.shape(&cap, back, LINE, line),
    }
}

fn curls() -> [(f32, f32, f32); 14] {
    [
        (-1.10, 0.85, 0.34),
        (1.10, 0.85, 0.34),
        (-1.22, 0.40, 0.36),
        (1.22, 0.40, 0.36),
        (-1.22, -0.10, 0.38),
        (1.22, -0.10, 0.38),
        (-1.08, -0.58, 0.40),
        (1.08, -0.58, 0.40),
        (-0.74, -0.98, 0.42),
        (0.74, -0.98, 0.42),
        (-0.28, -1.18, 0.40),
        (0.28, -1.18, 0.40),
        (0.0, -0.8, 0.6),
        (0.0, -0.3, 0.95),
    ]
}

/// The fringe and the hair over the temples as one outline.
fn fringe(look: &Look) -> Path {
    let top = Path::from(-0.97, 0.16)
        .cubic((-1.06, -0.75), (-0.62, -1.30), (0.0, -1.30))
        .cubic((0.62, -1.30), (1.06, -0.75), (0.97, 0.16));
    // Down the right temple, along the forehead to the left, up the left temple.
    let right = top.line(0.90, 0.42).quad(0.78, 0.22, 0.76, -0.16);
    let middle = match look.fringe {
        Fringe::Straight => right
            .line(0.52, -0.12)
            .line(0.46, -0.24)
            .line(0.38, -0.10)
            .line(0.10, -0.08)
            .line(0.04, -0.22)
            .line(-0.04, -0.08)
            .line(-0.36, -0.10)
            .line(-0.44, -0.24)
            .line(-0.52, -0.12),
        Fringe::Swept => right
            .quad(0.66, -0.52, 0.42, -0.72)
            .quad(0.28, -0.30, -0.12, -0.10)
            .quad(0.02, -0.30, 0.04, -0.42)
            .quad(-0.16, -0.12, -0.56, 0.0)
            .quad(-0.44, -0.16, -0.42, -0.30),
        Fringe::Parted => right
            .quad(0.60, -0.40, 0.06, -0.88)
            .line(0.0, -0.80)
            .line(-0.06, -0.88)
            .quad(-0.60, -0.40, -0.76, -0.16),
        Fringe::Jagged => right
            .line(0.60, -0.38)
            .line(0.44, 0.02)
            .line(0.26, -0.40)
            .line(0.02, 0.06)
            .line(-0.16, -0.40)
            .line(-0.40, 0.0)
            .line(-0.56, -0.38),
    };
    middle
        .line(-0.76, -0.16)
        .quad(-0.78, 0.22, -0.90, 0.42)
        .line(-0.97, 0.16)
}

/// Draws the fringe's shadow on the forehead.
pub(super) fn shadow(pen: &mut Pen<'_>, look: &Look, skin: Color) {
    // Inside the face only, so the outline of the face is drawn again over what sticks out.
    let tone = skin.mix(Color::hex(0xc8_6a_70), 0.40).alpha(0.55);
    pen.with(|map| map.at(0.0, 0.07).scaled(0.86, 1.0))
        .fill(&fringe(look), tone);
    pen.with(|map| map.at(0.0, 0.0))
        .stroke(&face::outline(), LINE, skin.line());
}

/// Draws the hair in front of the head.
pub(super) fn front(pen: &mut Pen<'_>, look: &Look, pose: &Pose) {
    let color = look.hair_color.color();
    let line = color.line();
    let sway = pose.sway * 0.05;
    // Locks in front of the ears.
    let length = match look.hair_style {
        HairStyle::Long | HairStyle::Bob => 0.95,
        HairStyle::TwinTails | HairStyle::Braid => 0.72,
        HairStyle::Ponytail => 0.58,
        HairStyle::Curly | HairStyle::Buns | HairStyle::Spiky => 0.30,
    };
    for side in [-1.0_f32, 1.0] {
        let lock = Path::from(side * 1.0, -0.25)
            .quad(side * 1.05, length * 0.6, side * 0.84 + sway, length)
            .quad(side * 0.80, length * 0.6, side * 0.70, 0.0)
            .line(side * 0.75, -0.4);
        pen.shape(&lock, paint(color), LINE, line);
    }
    pen.shape(&fringe(look), paint(color), LINE, line);
    // Strands, and the ring of light of painted hair.
    let strand = color.darker(0.32);
    pen.brush(
        &Path::from(-0.1, -1.26).quad(-0.50, -0.85, -0.62, -0.35),
        0.04,
        strand,
    );
    pen.brush(
        &Path::from(0.1, -1.26).quad(0.46, -0.85, 0.60, -0.35),
        0.04,
        strand,
    );
    let light = color.lighter(0.62).alpha(0.75);
    pen.brush(
        &Path::from(-0.80, -0.62).quad(-0.62, -0.92, -0.26, -0.98),
        0.10,
        light,
    );
    pen.brush(
        &Path::from(-0.12, -1.0).quad(0.1, -1.03, 0.28, -0.98),
        0.07,
        light,
    );
    pen.brush(
        &Path::from(0.62, -0.82).quad(0.74, -0.74, 0.80, -0.60),
        0.07,
        light,
    );
    match look.hair_style {
        HairStyle::Spiky => {
            let tuft = Path::from(-0.28, -1.18)
                .quad(-0.1, -1.62, 0.34 + sway, -1.66)
                .quad(0.12, -1.40, 0.22, -1.18);
            pen.shape(&tuft, paint(color), LINE, line);
        }
        HairStyle::Curly => {
            for (x, y, r) in [
                (-0.66, -0.72, 0.30),
                (0.66, -0.72, 0.30),
                (-0.24, -0.92, 0.30),
                (0.24, -0.92, 0.30),
            ] {
                pen.shape(&Path::circle(x, y, r), paint(color), LINE, line);
                pen.brush(
                    &Path::from(x - r * 0.5, y).quad(
                        x - r * 0.3,
                        y - r * 0.7,
                        x + r * 0.3,
                        y - r * 0.6,
                    ),
                    0.06,
                    light,
                );
            }
        }
        HairStyle::Braid => braid(pen, look, sway),
        HairStyle::TwinTails => {
            for side in [-1.0_f32, 1.0] {
                bow(
                    &mut pen.at(side * 0.88, -0.74),
                    Color::hex(look.accent),
                    0.26,
                );
            }
        }
        HairStyle::Ponytail => bow(&mut pen.at(0.34, -1.18), Color::hex(look.accent), 0.22),
        HairStyle::Bob | HairStyle::Long | HairStyle::Buns => {}
    }
}

/// A plait over the shoulder on the right.
fn braid(pen: &mut Pen<'_>, look: &Look, sway: f32) {
    let color = look.hair_color.color();
    for i in 0..6_u8 {
        let t = f32::from(i);
        let x = 0.92 - t * 0.035 + sway * t * 0.4;
        let y = 0.62 + t * 0.27;
        let r = 0.25 - t * 0.012;
        pen.shape(
            &Path::ellipse(x - 0.07, y, r * 0.8, r),
            paint(color),
            LINE,
            color.line(),
        );
        pen.shape(
            &Path::ellipse(x + 0.07, y + 0.06, r * 0.75, r * 0.9),
            paint(color),
            LINE,
            color.line(),
        );
    }
    bow(
        &mut pen.at(0.74 + sway * 2.4, 2.22),
        Color::hex(look.accent),
        0.24,
    );
}

/// A bow around the origin.
pub(super) fn bow(pen: &mut Pen<'_>, color: Color, size: f32) {
    for side in [-1.0_f32, 1.0] {
        let wing = Path::from(0.0, 0.0)
            .cubic(
                (side * size * 0.5, -size),
                (side * size * 1.3, -size * 0.9),
                (side * size * 1.25, 0.0),
            )
            .cubic(
                (side * size * 1.3, size * 0.8),
                (side * size * 0.5, size * 0.9),
                (0.0, 0.0),
            );
        pen.shape(
            &wing,
            Paint::vertical(-size, color.lighter(0.15), size, color.darker(0.15)),
            LINE,
            color.line(),
        );
        pen.brush(
            &Path::from(side * size * 0.25, 0.0).line(side * size * 0.85, -size * 0.15),
            0.03,
            color.darker(0.4),
        );
    }
    pen.shape(
        &Path::ellipse(0.0, 0.0, size * 0.28, size * 0.32),
        color.lighter(0.1),
        LINE,
        color.line(),
    );
}
