//! Hats, ribbons and glasses.

use super::hair::bow;
use super::line::LINE;
use super::look::{Accessory, Look};
use super::pose::Pose;
use crate::draw::{Color, Paint, Path, Pen};

/// Draws what lies behind head and hair.
pub(super) fn behind(pen: &mut Pen<'_>, look: &Look) {
    match look.accessory {
        Accessory::Ribbon => bow(&mut pen.at(0.0, -1.30), Color::hex(look.accent), 0.55),
        Accessory::StrawHat => {
            let straw = Color::hex(0xe8_c9_7c);
            pen.shape(
                &Path::ellipse(0.0, -0.72, 1.62, 0.50),
                straw.darker(0.25),
                LINE,
                straw.line(),
            );
        }
        Accessory::CatEars => {
            for side in [-1.0_f32, 1.0] {
                let ear = Path::from(side * 0.28, -1.05)
                    .quad(side * 0.62, -1.75, side * 0.92, -1.72)
                    .quad(side * 1.08, -1.2, side * 0.94, -0.66);
                let color = look.hair_color.color();
                pen.shape(&ear, color, LINE, color.line());
                let inner = Path::from(side * 0.48, -1.12)
                    .quad(side * 0.7, -1.54, side * 0.86, -1.54)
                    .quad(side * 0.96, -1.2, side * 0.86, -0.84);
                pen.fill(&inner, Color::hex(0xff_b4_bc));
            }
        }
        _ => {}
    }
}

/// Draws what lies on hair and face.
pub(super) fn front(pen: &mut Pen<'_>, look: &Look, pose: &Pose) {
    let accent = Color::hex(look.accent);
    match look.accessory {
        Accessory::None | Accessory::Ribbon => {}
        Accessory::Glasses => {
            let frame = accent.darker(0.55);
            for side in [-1.0_f32, 1.0] {
                let lens = Path::round_rect(side * 0.40 - 0.29, -0.06, 0.58, 0.54, 0.2);
                pen.shape(&lens, Color::WHITE.alpha(0.16), 0.055, frame);
                pen.brush(
                    &Path::from(side * 0.40 - 0.18, 0.12).line(side * 0.40 - 0.06, -0.01),
                    0.05,
                    Color::WHITE.alpha(0.8),
                );
                pen.stroke(
                    &Path::from(side * 0.69, 0.14).line(side * 0.92, 0.06),
                    0.05,
                    frame,
                );
            }
            pen.stroke(
                &Path::from(-0.11, 0.14).quad(0.0, 0.08, 0.11, 0.14),
                0.05,
                frame,
            );
        }
        Accessory::Flower => {
            let (x, y) = (-0.74, -0.62);
            for i in 0..5_u8 {
                let angle = f32::from(i) * std::f32::consts::TAU / 5.0 - 0.3 + pose.sway * 0.04;
                let petal = Path::circle(x + 0.19 * angle.cos(), y + 0.19 * angle.sin(), 0.155);
                pen.shape(
                    &petal,
                    Paint::radial(x, y, 0.36, accent.lighter(0.45), accent),
                    LINE,
                    accent.line(),
                );
            }
            pen.shape(
                &Path::circle(x, y, 0.11),
                Color::hex(0xff_d7_4f),
                0.03,
                accent.line(),
            );
        }
        Accessory::Beret => {
            let hat = Path::from(-1.0, -0.72)
                .cubic((-1.5, -1.15), (-0.85, -1.72), (0.05, -1.60))
                .cubic((0.85, -1.56), (1.18, -1.15), (0.86, -0.78))
                .quad(0.0, -1.14, -1.0, -0.72);
            pen.shape(
                &hat,
                Paint::vertical(-1.6, accent.lighter(0.12), -0.8, accent.darker(0.22)),
                LINE,
                accent.line(),
            );
            pen.stroke(
                &Path::from(0.02, -1.58).quad(0.0, -1.72, 0.10, -1.78),
                0.07,
                accent.line(),
            );
            pen.brush(
                &Path::from(-0.98, -1.05).quad(-0.8, -1.40, -0.3, -1.46),
                0.08,
                accent.lighter(0.5).alpha(0.7),
            );
        }
        Accessory::StrawHat => {
            let straw = Color::hex(0xf0_d2_88);
            let brim = Path::from(-1.66, -0.58)
                .quad(-0.9, -0.98, 0.0, -0.98)
                .quad(0.9, -0.98, 1.66, -0.58)
                .quad(0.9, -0.62, 0.0, -0.66)
                .quad(-0.9, -0.62, -1.66, -0.58);
            let crown = Path::from(-0.86, -0.86)
                .cubic((-0.88, -1.72), (0.88, -1.72), (0.86, -0.86))
                .quad(0.0, -1.10, -0.86, -0.86);
            pen.shape(
                &crown,
                Paint::vertical(-1.6, straw.lighter(0.2), -0.9, straw.darker(0.1)),
                LINE,
                straw.line(),
            );
            let band = Path::from(-0.87, -0.84)
                .line(-0.84, -1.08)
                .quad(0.0, -1.32, 0.84, -1.08)
                .line(0.87, -0.84)
                .quad(0.0, -1.08, -0.87, -0.84);
            pen.shape(&band, accent, LINE, accent.line());
            pen.shape(&brim, straw, LINE, straw.line());
        }
        Accessory::Headphones => {
            let band = Path::from(-1.02, 0.1)
                .cubic((-1.16, -0.9), (-0.7, -1.46), (0.0, -1.46))
                .cubic((0.7, -1.46), (1.16, -0.9), (1.02, 0.1));
            pen.stroke(&band, 0.14, Color::hex(0x35_35_42));
            pen.stroke(&band, 0.07, accent.lighter(0.1));
            for side in [-1.0_f32, 1.0] {
                pen.shape(
                    &Path::ellipse(side * 1.0, 0.14, 0.20, 0.30),
                    accent,
                    LINE,
                    accent.line(),
                );
                pen.fill(
                    &Path::ellipse(side * 1.03, 0.14, 0.10, 0.18),
                    accent.lighter(0.45),
                );
            }
        }
        Accessory::CatEars => {
            pen.shape(
                &Path::circle(0.0, 1.26, 0.14),
                Color::hex(0xff_d0_52),
                LINE,
                Color::hex(0x80_55_10),
            );
            pen.stroke(
                &Path::from(0.0, 1.26).line(0.0, 1.38),
                0.04,
                Color::hex(0x60_3a_08),
            );
        }
        Accessory::Goggles => {
            let strap = Path::from(-1.0, -0.52).quad(0.0, -1.10, 1.0, -0.52);
            pen.stroke(&strap, 0.16, Color::hex(0x4a_3b_36));
            for side in [-1.0_f32, 1.0] {
                let lens = Path::ellipse(side * 0.34, -0.80, 0.30, 0.23);
                pen.shape(
                    &lens,
                    Paint::vertical(-1.0, Color::hex(0xbf_ec_ff), -0.6, accent),
                    0.08,
                    Color::hex(0x6a_56_4c),
                );
                pen.brush(
                    &Path::from(side * 0.34 - 0.14, -0.78).line(side * 0.34 - 0.02, -0.92),
                    0.05,
                    Color::WHITE.alpha(0.9),
                );
            }
        }
    }
}
