//! Body, clothes and arms.

use super::hair::bow;
use super::line::LINE;
use super::look::{Clothes, Look};
use super::pose::{Held, Pose};
use crate::draw::{Color, Paint, Path, Pen};

/// The outline of shoulders and trunk, down to below the hips.
fn trunk() -> Path {
    Path::from(-0.26, 1.10)
        .quad(-0.80, 1.14, -0.98, 1.45)
        .quad(-0.92, 2.2, -0.80, 2.6)
        .quad(-0.95, 3.4, -1.05, 4.2)
        .line(1.05, 4.2)
        .quad(0.95, 3.4, 0.80, 2.6)
        .quad(0.92, 2.2, 0.98, 1.45)
        .quad(0.80, 1.14, 0.26, 1.10)
}

fn sleeve_color(look: &Look) -> Color {
    match look.clothes {
        Clothes::Apron => Color::hex(0xf4_ef_e8),
        _ => look.clothes_color.color(),
    }
}

/// Draws neck, trunk and the arms that hang down.
pub(super) fn body(pen: &mut Pen<'_>, look: &Look, pose: &Pose, skin: Color) {
    let main = look.clothes_color.color();
    let line = main.line();
    let accent = Color::hex(look.accent);
    let raised = pose.wave.is_some() || pose.held != Held::Nothing;
    for side in [-1.0_f32, 1.0] {
        if raised && side > 0.0 {
            continue;
        }
        let sleeve = sleeve_color(look);
        let arm = Path::from(side * 0.78, 1.22)
            .quad(side * 1.22, 1.5, side * 1.26, 2.3)
            .quad(side * 1.26, 2.9, side * 1.16, 3.5)
            .line(side * 0.84, 3.5)
            .quad(side * 0.90, 2.4, side * 0.78, 1.9);
        pen.shape(
            &arm,
            Paint::vertical(1.2, sleeve, 3.4, sleeve.darker(0.28)),
            LINE,
            sleeve.line(),
        );
    }
    pen.shape(
        &trunk(),
        Paint::vertical(1.1, main, 3.6, main.darker(0.30)),
        LINE,
        line,
    );
    let neck = Path::from(-0.24, 0.7)
        .line(-0.26, 1.16)
        .quad(0.0, 1.42, 0.26, 1.16)
        .line(0.24, 0.7);
    pen.shape(
        &neck,
        Paint::vertical(0.75, skin.darker(0.30), 1.2, skin.darker(0.06)),
        LINE,
        skin.line(),
    );
    match look.clothes {
        Clothes::Apron => {
            let cloth = Color::hex(0xff_fb_f4);
            let bib = Path::from(-0.50, 1.62)
                .line(0.50, 1.62)
                .line(0.58, 2.4)
                .line(0.92, 4.2)
                .line(-0.92, 4.2)
                .line(-0.58, 2.4);
            for side in [-1.0_f32, 1.0] {
                let strap = Path::from(side * 0.36, 1.64)
                    .line(side * 0.52, 1.14)
                    .line(side * 0.70, 1.18)
                    .line(side * 0.50, 1.66);
                pen.shape(&strap, cloth, LINE, cloth.darker(0.45));
            }
            pen.shape(
                &bib,
                Paint::vertical(1.6, cloth, 3.6, cloth.darker(0.2)),
                LINE,
                cloth.darker(0.45),
            );
            collar(pen, Color::WHITE);
            bow(&mut pen.at(0.0, 1.36), accent, 0.24);
        }
        Clothes::Sailor => {
            let flap = Path::from(-0.28, 1.06)
                .quad(-0.72, 1.14, -0.80, 1.36)
                .line(0.0, 2.0)
                .line(0.80, 1.36)
                .quad(0.72, 1.14, 0.28, 1.06)
                .line(0.0, 1.62);
            let shade = main.darker(0.45);
            pen.shape(&flap, shade, LINE, line);
            pen.stroke(
                &Path::from(-0.66, 1.36).line(0.0, 1.88).line(0.66, 1.36),
                0.045,
                Color::WHITE,
            );
            let knot = Path::from(0.0, 1.72)
                .line(0.28, 2.3)
                .line(0.05, 2.16)
                .line(-0.02, 2.34)
                .line(-0.28, 2.22);
            pen.shape(&knot, accent, LINE, accent.line());
            pen.shape(
                &Path::ellipse(0.0, 1.76, 0.12, 0.1),
                accent.lighter(0.15),
                LINE,
                accent.line(),
            );
        }
        Clothes::Hoodie => {
            let hood = Path::from(-0.30, 1.0)
                .cubic((-0.98, 1.0), (-0.9, 1.5), (0.0, 1.62))
                .cubic((0.9, 1.5), (0.98, 1.0), (0.30, 1.0))
                .quad(0.3, 1.3, 0.0, 1.4)
                .quad(-0.3, 1.3, -0.30, 1.0);
            pen.shape(&hood, main.lighter(0.12), LINE, line);
            for side in [-1.0_f32, 1.0] {
                pen.stroke(
                    &Path::from(side * 0.16, 1.52).quad(side * 0.2, 1.8, side * 0.14, 2.1),
                    0.05,
                    Color::WHITE,
                );
                pen.fill(&Path::circle(side * 0.14, 2.12, 0.05), accent);
            }
            pen.stroke(
                &Path::from(-0.55, 3.1)
                    .line(-0.42, 2.6)
                    .line(0.42, 2.6)
                    .line(0.55, 3.1),
                0.035,
                line,
            );
        }
        Clothes::Shirt => {
            collar(pen, main.lighter(0.35));
            pen.stroke(&Path::from(0.0, 1.42).line(0.0, 4.2), 0.03, line);
            for y in [1.75_f32, 2.2, 2.65] {
                pen.fill(&Path::circle(0.07, y, 0.045), accent.lighter(0.2));
            }
            for side in [-1.0_f32, 1.0] {
                let pocket = Path::round_rect(side * 0.48 - 0.22, 1.86, 0.44, 0.44, 0.06);
                pen.shape(&pocket, main.lighter(0.10), 0.03, line);
                pen.stroke(
                    &Path::from(side * 0.48 - 0.22, 1.98).line(side * 0.48 + 0.22, 1.98),
                    0.03,
                    line,
                );
            }
        }
        Clothes::Dress => {
            let round = Path::from(-0.34, 1.06)
                .cubic((-0.62, 1.2), (-0.4, 1.56), (0.0, 1.46))
                .cubic((0.4, 1.56), (0.62, 1.2), (0.34, 1.06))
                .quad(0.0, 1.46, -0.34, 1.06);
            pen.shape(&round, Color::hex(0xff_fa_f3), LINE, line);
            for (x, y) in [
                (-0.5, 1.9),
                (0.2, 1.75),
                (0.55, 2.2),
                (-0.15, 2.3),
                (-0.6, 2.7),
                (0.3, 2.8),
            ] {
                pen.fill(&Path::circle(x, y, 0.075), Color::WHITE.alpha(0.75));
            }
            pen.shape(
                &Path::rect(-0.82, 2.5, 1.64, 0.16),
                accent,
                LINE,
                accent.line(),
            );
        }
        Clothes::Striped => {
            for y in [1.55_f32, 1.95, 2.35] {
                let band = Path::from(-0.93, y)
                    .quad(0.0, y + 0.14, 0.93, y)
                    .line(0.90, y + 0.19)
                    .quad(0.0, y + 0.33, -0.90, y + 0.19);
                pen.fill(&band, Color::WHITE.alpha(0.9));
            }
            pen.shape(
                &Path::from(-0.36, 1.08)
                    .quad(0.0, 1.62, 0.36, 1.08)
                    .quad(0.0, 1.40, -0.36, 1.08),
                accent,
                LINE,
                accent.line(),
            );
        }
    }
}

fn collar(pen: &mut Pen<'_>, color: Color) {
    for side in [-1.0_f32, 1.0] {
        let wing = Path::from(side * 0.26, 1.02)
            .line(0.0, 1.38)
            .line(side * 0.24, 1.56)
            .line(side * 0.48, 1.16);
        pen.shape(&wing, color, LINE, color.darker(0.55));
    }
}

/// Draws the raised arm with what it holds.
pub(super) fn arm(pen: &mut Pen<'_>, look: &Look, pose: &Pose, skin: Color) {
    let sleeve = sleeve_color(look);
    let paint = Paint::vertical(0.6, sleeve, 2.6, sleeve.darker(0.25));
    if let Some(angle) = pose.wave {
        let upper = Path::from(0.74, 1.24)
            .quad(1.20, 1.30, 1.62, 1.64)
            .line(1.36, 2.02)
            .quad(1.0, 1.9, 0.76, 1.86);
        pen.shape(&upper, paint.clone(), LINE, sleeve.line());
        let mut fore = pen.with(|map| map.at(1.48, 1.74).rotated(angle));
        fore.shape(
            &Path::from(-0.20, 0.1)
                .line(-0.16, -0.62)
                .line(0.18, -0.62)
                .line(0.22, 0.1)
                .quad(0.0, 0.24, -0.20, 0.1),
            paint,
            LINE,
            sleeve.line(),
        );
        hand(&mut fore.at(0.0, -0.78), skin);
        return;
    }
    let (x, y) = match pose.held {
        Held::Nothing => return,
        Held::Cup | Held::Cake => (0.74, 1.62),
        Held::Camera | Held::Binoculars => (0.66, 1.30),
    };
    let arm = Path::from(0.76, 1.26)
        .quad(1.30, 1.5, 1.42, 2.1)
        .quad(1.30, 2.44, 0.96, 2.2)
        .line(x - 0.02, y + 0.34)
        .line(x + 0.26, y + 0.10)
        .quad(1.0, 1.9, 0.80, 1.8);
    pen.shape(&arm, paint, LINE, sleeve.line());
    hold(&mut pen.at(x - 0.14, y - 0.02), pose.held);
    hand(
        &mut pen.with(|map| map.at(x + 0.06, y + 0.14).rotated(-1.0).scaled(0.9, 0.9)),
        skin,
    );
}

/// A small fist with fingers, around the origin.
fn hand(pen: &mut Pen<'_>, skin: Color) {
    pen.shape(
        &Path::ellipse(0.0, 0.0, 0.19, 0.20),
        skin,
        LINE,
        skin.line(),
    );
    for x in [-0.11_f32, 0.0, 0.11] {
        pen.shape(
            &Path::round_rect(x - 0.055, -0.30, 0.11, 0.22, 0.05),
            skin,
            0.025,
            skin.line(),
        );
    }
    pen.fill(&Path::ellipse(0.0, 0.02, 0.155, 0.15), skin);
}

fn hold(pen: &mut Pen<'_>, held: Held) {
    let dark = Color::hex(0x3a_3a_46);
    match held {
        Held::Nothing => {}
        Held::Cup => crate::scenery::props::cup(
            &mut pen.with(|map| map.at(-0.05, 0.0).scaled(0.34, 0.34)),
            Color::hex(0xff_f7_ea),
        ),
        Held::Cake => {
            crate::scenery::props::cake(&mut pen.with(|map| map.at(-0.05, 0.0).scaled(0.34, 0.34)))
        }
        Held::Camera => {
            pen.shape(
                &Path::round_rect(-0.42, -0.2, 0.66, 0.44, 0.06),
                dark,
                LINE,
                Color::BLACK,
            );
            pen.shape(
                &Path::circle(-0.10, 0.02, 0.17),
                Color::hex(0x6a_7a_90),
                LINE,
                Color::BLACK,
            );
            pen.fill(&Path::circle(-0.14, -0.03, 0.05), Color::WHITE.alpha(0.8));
            pen.fill(&Path::rect(-0.30, -0.29, 0.2, 0.1), dark);
        }
        Held::Binoculars => {
            for x in [-0.34_f32, 0.02] {
                pen.shape(
                    &Path::round_rect(x - 0.15, -0.24, 0.30, 0.46, 0.08),
                    dark,
                    LINE,
                    Color::BLACK,
                );
                pen.fill(&Path::ellipse(x, -0.16, 0.10, 0.06), Color::hex(0x8a_c4_e0));
            }
            pen.fill(&Path::rect(-0.22, -0.08, 0.14, 0.12), dark);
        }
    }
}
