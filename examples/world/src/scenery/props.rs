//! Things and animals, each drawn around its own origin and about 2 wide.

use crate::draw::{Color, Paint, Path, Pen};

const LINE: f32 = 0.05;

/// A cup of coffee on its saucer; the origin is the middle of the cup.
pub(crate) fn cup(pen: &mut Pen<'_>, china: Color) {
    let line = china.line();
    pen.shape(
        &Path::ellipse(0.0, 0.74, 1.15, 0.20),
        china.darker(0.08),
        LINE,
        line,
    );
    pen.stroke(
        &Path::from(0.68, -0.20).cubic((1.30, -0.34), (1.26, 0.44), (0.52, 0.36)),
        0.16,
        line,
    );
    pen.stroke(
        &Path::from(0.68, -0.20).cubic((1.30, -0.34), (1.26, 0.44), (0.52, 0.36)),
        0.08,
        china,
    );
    let bowl = Path::from(-0.80, -0.50)
        .cubic((-0.74, 0.40), (-0.50, 0.72), (0.0, 0.74))
        .cubic((0.50, 0.72), (0.74, 0.40), (0.80, -0.50));
    pen.shape(
        &bowl,
        Paint::horizontal(-0.8, china, 0.8, china.darker(0.22)),
        LINE,
        line,
    );
    pen.shape(&Path::ellipse(0.0, -0.50, 0.80, 0.20), china, LINE, line);
    pen.fill(
        &Path::ellipse(0.0, -0.47, 0.68, 0.145),
        Color::hex(0x5a_32_1c),
    );
    pen.fill(
        &Path::ellipse(-0.18, -0.49, 0.26, 0.05),
        Color::hex(0xb0_7c_4c).alpha(0.8),
    );
}

/// Steam over a cup; `time` in seconds.
pub(crate) fn steam(pen: &mut Pen<'_>, time: f32) {
    for i in 0..3_u8 {
        let t = f32::from(i);
        let x = (t - 1.0) * 0.36;
        let wave = (time * 1.8 + t * 1.7).sin() * 0.16;
        let curl = Path::from(x, -0.75).cubic(
            (x + 0.26 + wave, -1.05),
            (x - 0.26 + wave, -1.35),
            (x + wave, -1.75),
        );
        pen.brush(&curl, 0.15, Color::WHITE.alpha(0.55));
    }
}

/// A piece of strawberry cake on a plate.
pub(crate) fn cake(pen: &mut Pen<'_>) {
    let plate = Color::hex(0xf2_f4_fa);
    let cream = Color::hex(0xff_f7_ec);
    let sponge = Color::hex(0xf2_cd_82);
    let berry = Color::hex(0xe3_3e_4a);
    pen.shape(
        &Path::ellipse(0.0, 0.72, 1.25, 0.24),
        plate,
        LINE,
        plate.line(),
    );
    let side = Path::from(-0.85, -0.20)
        .line(0.85, -0.02)
        .line(0.80, 0.66)
        .line(-0.80, 0.66);
    pen.shape(&side, sponge, LINE, sponge.line());
    pen.fill(
        &Path::polygon(&[(-0.83, 0.12), (0.83, 0.20), (0.82, 0.36), (-0.82, 0.30)]),
        cream,
    );
    for x in [-0.5_f32, 0.0, 0.5] {
        pen.fill(&Path::ellipse(x, 0.24, 0.12, 0.07), berry);
    }
    let top = Path::from(-0.88, -0.18)
        .quad(-0.2, -0.60, 0.88, -0.02)
        .quad(0.6, 0.14, 0.3, 0.02)
        .quad(0.1, 0.16, -0.2, 0.0)
        .quad(-0.5, 0.06, -0.88, -0.18);
    pen.shape(&top, cream, LINE, cream.line());
    let fruit = Path::from(-0.28, -0.62)
        .quad(0.06, -0.90, 0.36, -0.58)
        .quad(0.30, -0.18, 0.02, -0.14)
        .quad(-0.26, -0.22, -0.28, -0.62);
    pen.shape(
        &fruit,
        Paint::vertical(-0.8, berry.lighter(0.15), -0.1, berry.darker(0.15)),
        LINE,
        berry.line(),
    );
    for (x, y) in [(-0.08, -0.52), (0.14, -0.56), (0.04, -0.36), (0.22, -0.36)] {
        pen.fill(&Path::ellipse(x, y, 0.025, 0.04), Color::hex(0xff_e2_80));
    }
    pen.shape(
        &Path::polygon(&[
            (-0.2, -0.68),
            (0.04, -0.92),
            (0.06, -0.74),
            (0.30, -0.86),
            (0.22, -0.64),
        ]),
        Color::hex(0x5f_b0_5a),
        0.03,
        Color::hex(0x2e_60_30),
    );
}

/// A sitting cat that looks at the viewer; the origin is the middle of its head.
pub(crate) fn cat(pen: &mut Pen<'_>, fur: Color, time: f32) {
    let line = fur.line();
    let wag = (time * 2.2).sin() * 0.25;
    pen.stroke(
        &Path::from(0.6, 1.9).cubic((1.5, 1.9), (1.2 + wag, 1.0), (1.5 + wag, 0.5)),
        0.32,
        line,
    );
    pen.stroke(
        &Path::from(0.6, 1.9).cubic((1.5, 1.9), (1.2 + wag, 1.0), (1.5 + wag, 0.5)),
        0.24,
        fur,
    );
    let body = Path::from(-0.5, 0.4)
        .cubic((-1.0, 1.2), (-0.9, 2.1), (-0.6, 2.1))
        .line(0.6, 2.1)
        .cubic((0.9, 2.1), (1.0, 1.2), (0.5, 0.4));
    pen.shape(
        &body,
        Paint::vertical(0.4, fur, 2.2, fur.darker(0.22)),
        LINE,
        line,
    );
    pen.fill(
        &Path::ellipse(0.0, 1.3, 0.34, 0.55),
        Color::WHITE.alpha(0.85),
    );
    for side in [-1.0_f32, 1.0] {
        let ear = Path::from(side * 0.20, -0.58)
            .line(side * 0.72, -1.18)
            .line(side * 0.86, -0.20);
        pen.shape(&ear, fur, LINE, line);
        pen.fill(
            &Path::from(side * 0.40, -0.62)
                .line(side * 0.66, -0.96)
                .line(side * 0.74, -0.40),
            Color::hex(0xff_b6_b4),
        );
        pen.shape(
            &Path::ellipse(side * 0.28, 2.06, 0.24, 0.14),
            fur.lighter(0.5),
            LINE,
            line,
        );
    }
    pen.shape(&Path::ellipse(0.0, 0.0, 0.92, 0.74), fur, LINE, line);
    pen.fill(
        &Path::ellipse(0.0, 0.28, 0.42, 0.28),
        Color::WHITE.alpha(0.9),
    );
    let blinks = (time * 0.7).fract() > 0.94;
    for side in [-1.0_f32, 1.0] {
        if blinks {
            pen.brush(
                &Path::from(side * 0.36 - 0.16, -0.05).quad(
                    side * 0.36,
                    0.06,
                    side * 0.36 + 0.16,
                    -0.05,
                ),
                0.07,
                line,
            );
        } else {
            pen.fill(
                &Path::ellipse(side * 0.36, -0.05, 0.16, 0.19),
                Color::hex(0x2c_26_30),
            );
            pen.fill(&Path::circle(side * 0.36 - 0.05, -0.11, 0.06), Color::WHITE);
        }
        for y in [0.18_f32, 0.30] {
            pen.stroke(
                &Path::from(side * 0.52, y).line(side * 1.08, y - 0.06 + (y - 0.18) * 1.4),
                0.03,
                line,
            );
        }
        pen.brush(
            &Path::from(0.0, 0.26).quad(side * 0.10, 0.40, side * 0.22, 0.30),
            0.05,
            line,
        );
    }
    pen.fill(
        &Path::polygon(&[(-0.09, 0.15), (0.09, 0.15), (0.0, 0.26)]),
        Color::hex(0xe8_70_78),
    );
}

/// A lion's head and mane with the chest below; the origin is the middle of its face.
pub(crate) fn lion(pen: &mut Pen<'_>, time: f32, roaring: bool) {
    let fur = Color::hex(0xf0_bc_5e);
    let mane = Color::hex(0xa8_5a_28);
    let line = mane.line();
    let body = Path::from(-0.9, 0.4)
        .cubic((-1.3, 1.6), (-1.2, 2.6), (-1.0, 3.0))
        .line(1.0, 3.0)
        .cubic((1.2, 2.6), (1.3, 1.6), (0.9, 0.4));
    pen.shape(
        &body,
        Paint::vertical(0.4, fur, 3.0, fur.darker(0.3)),
        LINE,
        fur.line(),
    );
    let swing = (time * 1.6).sin() * 0.03;
    let tufts = 15_u8;
    for i in 0..tufts {
        let angle = f32::from(i) / f32::from(tufts) * std::f32::consts::TAU + swing;
        pen.shape(
            &Path::circle(1.02 * angle.cos(), 0.02 + 1.0 * angle.sin(), 0.40),
            mane,
            LINE,
            line,
        );
    }
    pen.fill(&Path::circle(0.0, 0.0, 1.06), mane.lighter(0.08));
    for side in [-1.0_f32, 1.0] {
        pen.shape(
            &Path::circle(side * 0.74, -0.74, 0.24),
            fur,
            LINE,
            fur.line(),
        );
        pen.fill(
            &Path::circle(side * 0.74, -0.72, 0.12),
            Color::hex(0xc8_80_50),
        );
    }
    pen.shape(
        &Path::ellipse(0.0, 0.06, 0.84, 0.80),
        Paint::vertical(-0.7, fur.lighter(0.15), 0.9, fur),
        LINE,
        fur.line(),
    );
    for side in [-1.0_f32, 1.0] {
        pen.fill(
            &Path::ellipse(side * 0.32, -0.10, 0.13, 0.16),
            Color::hex(0x35_22_18),
        );
        pen.fill(&Path::circle(side * 0.32 - 0.04, -0.16, 0.05), Color::WHITE);
        pen.brush(
            &Path::from(side * 0.14, -0.34).quad(side * 0.34, -0.46, side * 0.52, -0.32),
            0.09,
            mane,
        );
    }
    if roaring {
        let mouth = Path::from(-0.34, 0.36).quad(0.0, 0.28, 0.34, 0.36).cubic(
            (0.40, 0.84),
            (-0.40, 0.84),
            (-0.34, 0.36),
        );
        pen.shape(&mouth, Color::hex(0x8a_2a_2e), LINE, fur.line());
        for side in [-1.0_f32, 1.0] {
            pen.fill(
                &Path::polygon(&[
                    (side * 0.26, 0.36),
                    (side * 0.12, 0.34),
                    (side * 0.19, 0.52),
                ]),
                Color::WHITE,
            );
        }
        pen.fill(
            &Path::ellipse(0.0, 0.62, 0.18, 0.09),
            Color::hex(0xf0_86_86),
        );
    } else {
        pen.fill(
            &Path::ellipse(0.0, 0.42, 0.36, 0.26),
            Color::hex(0xff_ee_cc),
        );
        for side in [-1.0_f32, 1.0] {
            pen.brush(
                &Path::from(0.0, 0.38).quad(side * 0.12, 0.56, side * 0.30, 0.44),
                0.06,
                fur.line(),
            );
        }
    }
    pen.shape(
        &Path::from(-0.16, 0.18)
            .quad(0.0, 0.12, 0.16, 0.18)
            .quad(0.08, 0.36, 0.0, 0.36)
            .quad(-0.08, 0.36, -0.16, 0.18),
        Color::hex(0x6a_3a_34),
        0.03,
        line,
    );
}

/// A giraffe from the chest up; the origin is the middle of its head, the neck goes down to about
/// 5.
pub(crate) fn giraffe(pen: &mut Pen<'_>, time: f32) {
    let fur = Color::hex(0xf6_d0_7a);
    let spot = Color::hex(0xb8_74_38);
    let line = fur.line();
    let lean = (time * 1.1).sin() * 0.10;
    let neck = Path::from(-0.30, 0.3)
        .quad(-0.3 - lean, 2.4, -0.95, 5.2)
        .line(0.95, 5.2)
        .quad(0.50 - lean, 2.4, 0.36, 0.3);
    pen.shape(
        &neck,
        Paint::horizontal(-0.8, fur.lighter(0.1), 0.9, fur.darker(0.15)),
        LINE,
        line,
    );
    for (x, y, r) in [
        (0.06, 1.0, 0.18),
        (-0.16, 1.6, 0.2),
        (0.2, 2.1, 0.2),
        (-0.2, 2.7, 0.24),
        (0.24, 3.2, 0.24),
        (-0.34, 3.8, 0.28),
        (0.36, 4.3, 0.28),
        (-0.3, 4.8, 0.24),
    ] {
        pen.fill(
            &Path::polygon(&[
                (x - r, y),
                (x - r * 0.3, y - r),
                (x + r, y - r * 0.5),
                (x + r * 0.7, y + r * 0.8),
                (x - r * 0.5, y + r * 0.9),
            ]),
            spot,
        );
    }
    for side in [-1.0_f32, 1.0] {
        pen.stroke(
            &Path::from(side * 0.22, -0.5).line(side * 0.28, -0.98),
            0.12,
            line,
        );
        pen.shape(&Path::circle(side * 0.29, -1.02, 0.14), spot, 0.04, line);
        pen.shape(
            &Path::from(side * 0.48, -0.40)
                .quad(side * 1.05, -0.72, side * 1.20, -0.34)
                .quad(side * 0.9, -0.1, side * 0.52, -0.14),
            fur,
            LINE,
            line,
        );
    }
    pen.shape(
        &Path::from(-0.56, -0.2)
            .cubic((-0.56, -0.8), (0.56, -0.8), (0.56, -0.2))
            .cubic((0.56, 0.4), (0.62, 1.06), (0.0, 1.06))
            .cubic((-0.62, 1.06), (-0.56, 0.4), (-0.56, -0.2)),
        fur,
        LINE,
        line,
    );
    pen.fill(&Path::ellipse(0.0, 0.74, 0.44, 0.28), fur.lighter(0.5));
    for side in [-1.0_f32, 1.0] {
        pen.fill(
            &Path::ellipse(side * 0.36, -0.05, 0.12, 0.17),
            Color::hex(0x33_24_1c),
        );
        pen.fill(&Path::circle(side * 0.36 - 0.04, -0.11, 0.05), Color::WHITE);
        pen.fill(&Path::ellipse(side * 0.16, 0.62, 0.05, 0.04), line);
    }
    pen.brush(
        &Path::from(-0.24, 0.84).quad(0.0, 0.96, 0.24, 0.84),
        0.06,
        line,
    );
}

/// A standing elephant seen from the side, looking left; the origin is the middle of its body.
pub(crate) fn elephant(pen: &mut Pen<'_>, time: f32) {
    let skin = Color::hex(0x9a_a4_b4);
    let line = skin.line();
    let swing = (time * 1.4).sin() * 0.14;
    for x in [-0.8_f32, -0.1, 0.4, 1.0] {
        pen.shape(
            &Path::round_rect(x - 0.24, 0.4, 0.48, 1.3, 0.14),
            skin.darker(0.18),
            LINE,
            line,
        );
    }
    pen.stroke(
        &Path::from(1.36, -0.2).quad(1.7, 0.1, 1.6 + swing, 0.6),
        0.08,
        line,
    );
    pen.shape(
        &Path::ellipse(0.1, 0.0, 1.38, 0.98),
        Paint::vertical(-1.0, skin.lighter(0.15), 1.0, skin.darker(0.12)),
        LINE,
        line,
    );
    let trunk = Path::from(-1.9, -0.5)
        .cubic((-2.5, 0.0), (-2.3 + swing, 1.0), (-2.5 + swing, 1.4))
        .line(-2.15 + swing, 1.5)
        .cubic((-1.9 + swing, 1.0), (-1.9, 0.5), (-1.4, 0.3));
    pen.shape(&trunk, skin, LINE, line);
    pen.shape(
        &Path::ellipse(-1.3, -0.45, 0.80, 0.76),
        skin.lighter(0.05),
        LINE,
        line,
    );
    pen.shape(
        &Path::from(-1.1, -0.9)
            .cubic((-0.3, -1.4), (-0.1 + swing, 0.0), (-0.7, 0.35))
            .cubic((-1.2, 0.3), (-1.2, -0.4), (-1.1, -0.9)),
        skin.darker(0.10),
        LINE,
        line,
    );
    pen.fill(
        &Path::ellipse(-1.66, -0.56, 0.09, 0.12),
        Color::hex(0x2b_28_30),
    );
    pen.fill(&Path::circle(-1.69, -0.60, 0.035), Color::WHITE);
    pen.shape(
        &Path::from(-1.7, 0.1)
            .quad(-2.0, 0.5, -2.2, 0.36)
            .quad(-1.9, 0.3, -1.5, 0.0),
        Color::hex(0xff_fb_ee),
        0.03,
        line,
    );
}

/// An open jeep seen from the side, driving left; the origin is the middle of its body.
pub(crate) fn jeep(pen: &mut Pen<'_>, time: f32) {
    let paint = Color::hex(0x8a_9a_4e);
    let line = paint.line();
    pen.stroke(
        &Path::from(-0.9, -0.4)
            .line(-0.7, -1.5)
            .line(1.5, -1.5)
            .line(1.6, -0.4),
        0.10,
        line,
    );
    pen.stroke(&Path::from(0.4, -1.5).line(0.4, -0.4), 0.08, line);
    pen.shape(
        &Path::round_rect(-0.9, -1.66, 2.6, 0.2, 0.08),
        paint.darker(0.2),
        LINE,
        line,
    );
    let body = Path::from(-2.1, -0.1)
        .quad(-2.1, -0.42, -1.7, -0.44)
        .line(-0.9, -0.5)
        .line(1.9, -0.5)
        .quad(2.1, -0.4, 2.1, 0.0)
        .line(2.1, 0.55)
        .line(-2.2, 0.55)
        .line(-2.2, 0.1);
    pen.shape(
        &body,
        Paint::vertical(-0.5, paint.lighter(0.15), 0.6, paint.darker(0.2)),
        LINE,
        line,
    );
    for x in [-0.5_f32, 0.3, 1.1] {
        pen.stroke(&Path::from(x, -0.46).line(x, 0.5), 0.04, line);
    }
    pen.shape(
        &Path::circle(-2.0, 0.02, 0.16),
        Color::hex(0xff_f2_b0),
        LINE,
        line,
    );
    for x in [-1.35_f32, 1.35] {
        pen.shape(
            &Path::circle(x, 0.66, 0.52),
            Color::hex(0x3a_36_3a),
            LINE,
            Color::BLACK,
        );
        pen.fill(&Path::circle(x, 0.66, 0.25), Color::hex(0xbb_b7_a6));
        let mut hub = pen.with(|map| map.at(x, 0.66).rotated(-time * 7.0));
        hub.stroke(
            &Path::from(-0.22, 0.0)
                .line(0.22, 0.0)
                .and_from(0.0, -0.22)
                .line(0.0, 0.22),
            0.06,
            Color::hex(0x6a_66_5c),
        );
    }
}
