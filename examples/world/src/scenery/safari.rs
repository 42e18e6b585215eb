//! The savanna at all hours.

use super::props;
use super::span::{LEFT, LINE, RIGHT, WIDTH, band, glow};
use crate::draw::{Color, Paint, Path, Pen};

const GRASS: Color = Color::hex(0xd9_b8_58);

fn cloud(pen: &mut Pen<'_>, x: f32, y: f32, size: f32, color: Color) {
    for (dx, dy, r) in [
        (-1.1_f32, 0.1_f32, 0.5_f32),
        (-0.5, -0.2, 0.72),
        (0.25, -0.32, 0.8),
        (0.95, 0.0, 0.6),
        (1.5, 0.18, 0.4),
    ] {
        pen.fill(&Path::circle(x + dx * size, y + dy * size, r * size), color);
    }
    pen.fill(
        &Path::round_rect(x - 1.6 * size, y, 3.4 * size, 0.55 * size, 0.25 * size),
        color,
    );
}

fn hills(pen: &mut Pen<'_>, base: f32, height: f32, color: Color) {
    let mut path = Path::from(LEFT, 480.0).line(LEFT, base);
    let mut x = LEFT;
    let mut up = true;
    while x < RIGHT {
        let rise = if up { height } else { height * 0.25 };
        path = path.quad(x + 55.0, base - rise, x + 110.0, base - height * 0.15);
        x += 110.0;
        up = !up;
    }
    pen.fill(&path.line(RIGHT, 480.0), color);
}

fn acacia(pen: &mut Pen<'_>, x: f32, y: f32, size: f32, leaves: Color, bark: Color) {
    for (dx, width) in [(-0.52_f32, 0.09_f32), (0.0, 0.14), (0.56, 0.09)] {
        pen.stroke(
            &Path::from(x, y).quad(x, y - 0.7 * size, x + dx * size, y - 1.35 * size),
            width * size,
            bark,
        );
    }
    for (dx, dy, rx, ry) in [
        (-0.55_f32, -1.32_f32, 0.72_f32, 0.22_f32),
        (0.58, -1.38, 0.74, 0.24),
        (0.0, -1.58, 0.86, 0.26),
    ] {
        pen.fill(
            &Path::ellipse(
                x + dx * size,
                y + dy * size + 0.06 * size,
                rx * size,
                ry * size,
            ),
            leaves.darker(0.28),
        );
        pen.fill(
            &Path::ellipse(x + dx * size, y + dy * size, rx * size, ry * size),
            leaves,
        );
        pen.fill(
            &Path::ellipse(
                x + (dx - 0.12) * size,
                y + (dy - 0.06) * size,
                rx * 0.6 * size,
                ry * 0.5 * size,
            ),
            leaves.lighter(0.14),
        );
    }
}

fn savanna(pen: &mut Pen<'_>) {
    band(
        pen,
        0.0,
        330.0,
        Paint::vertical(0.0, Color::hex(0x4c_a8_ea), 310.0, Color::hex(0xd6_f0_fb)),
    );
    cloud(pen, 40.0, 84.0, 38.0, Color::WHITE.alpha(0.92));
    cloud(pen, 360.0, 60.0, 30.0, Color::WHITE.alpha(0.9));
    cloud(pen, 600.0, 112.0, 44.0, Color::WHITE.alpha(0.92));
    // A mountain with snow.
    pen.fill(
        &Path::from(180.0, 320.0)
            .quad(330.0, 250.0, 390.0, 176.0)
            .quad(430.0, 150.0, 470.0, 176.0)
            .quad(540.0, 250.0, 700.0, 320.0),
        Color::hex(0x92_a8_c8),
    );
    pen.fill(
        &Path::from(362.0, 210.0)
            .quad(380.0, 190.0, 390.0, 176.0)
            .quad(430.0, 150.0, 470.0, 176.0)
            .quad(480.0, 190.0, 498.0, 210.0)
            .line(466.0, 200.0)
            .line(446.0, 220.0)
            .line(424.0, 198.0)
            .line(400.0, 222.0)
            .line(386.0, 204.0),
        Color::WHITE,
    );
    hills(pen, 300.0, 40.0, Color::hex(0x9a_b8_7a));
    hills(pen, 322.0, 26.0, Color::hex(0xc2_b8_62));
    band(
        pen,
        318.0,
        480.0,
        Paint::vertical(318.0, GRASS, 480.0, GRASS.darker(0.30)),
    );
}

fn tufts(pen: &mut Pen<'_>, top: f32, color: Color) {
    for i in 0..90_u8 {
        let seed = f32::from(i);
        let x = LEFT + (seed * 83.9).rem_euclid(WIDTH);
        let y = top + (seed * 37.7).rem_euclid(470.0 - top);
        let h = 6.0 + (y - top) * 0.10;
        for dx in [-0.5_f32, 0.0, 0.5] {
            pen.brush(
                &Path::from(x, y).quad(x + dx * h * 0.4, y - h * 0.6, x + dx * h, y - h),
                2.2,
                color,
            );
        }
    }
}

/// The plain at noon.
pub(super) fn plain(pen: &mut Pen<'_>) {
    savanna(pen);
    let leaves = Color::hex(0x6f_a0_4c);
    let bark = Color::hex(0x7a_52_36);
    acacia(pen, -30.0, 372.0, 130.0, leaves, bark);
    acacia(pen, 520.0, 344.0, 66.0, leaves.lighter(0.12), bark);
    acacia(pen, 690.0, 390.0, 150.0, leaves, bark);
    tufts(pen, 336.0, GRASS.darker(0.30));
}

/// A giraffe that looks over the plain.
pub(super) fn grazing_giraffe(pen: &mut Pen<'_>, time: f32) {
    let x = 590.0;
    props::giraffe(
        &mut pen.with(|map| map.at(x, 205.0).scaled(34.0, 34.0)),
        time,
    );
    // Bushes hide where the neck ends.
    for (dx, r) in [
        (-34.0_f32, 24.0_f32),
        (-8.0, 30.0),
        (22.0, 28.0),
        (46.0, 20.0),
    ] {
        pen.fill(&Path::circle(x + dx, 380.0, r), Color::hex(0x7c_9a_4e));
    }
    band(pen, 392.0, 404.0, GRASS.darker(0.12).alpha(0.0));
}

/// The waterhole.
pub(super) fn waterhole(pen: &mut Pen<'_>) {
    savanna(pen);
    let leaves = Color::hex(0x6f_a0_4c);
    acacia(pen, 40.0, 340.0, 80.0, leaves, Color::hex(0x7a_52_36));
    pen.fill(
        &Path::ellipse(330.0, 402.0, 380.0, 58.0),
        GRASS.darker(0.36),
    );
    pen.fill(
        &Path::ellipse(330.0, 406.0, 366.0, 52.0),
        Paint::vertical(356.0, Color::hex(0xa6_de_f0), 456.0, Color::hex(0x3c_8a_b8)),
    );
    for (x, y, w) in [
        (130.0_f32, 396.0_f32, 60.0_f32),
        (300.0, 420.0, 90.0),
        (480.0, 390.0, 70.0),
        (560.0, 424.0, 50.0),
    ] {
        pen.brush(
            &Path::from(x, y).line(x + w, y),
            4.0,
            Color::WHITE.alpha(0.7),
        );
    }
    for i in 0..14_u8 {
        let seed = f32::from(i);
        let x = if i % 2 == 0 {
            -60.0 + seed * 8.0
        } else {
            610.0 + seed * 9.0
        };
        pen.stroke(
            &Path::from(x, 440.0).quad(x + 3.0, 390.0, x - 2.0, 346.0),
            3.0,
            Color::hex(0x5a_8a_44),
        );
        pen.fill(
            &Path::ellipse(x - 2.0, 350.0, 4.5, 15.0),
            Color::hex(0x84_5a_34),
        );
    }
    tufts(pen, 440.0, GRASS.darker(0.34));
}

/// The elephant in the water.
pub(super) fn bathing_elephant(pen: &mut Pen<'_>, time: f32) {
    props::elephant(
        &mut pen.with(|map| map.at(520.0, 296.0).scaled(62.0, 62.0)),
        time,
    );
    for i in 0..3_u8 {
        let r = (time * 0.5 + f32::from(i) / 3.0).fract();
        pen.brush(
            &Path::from(520.0 - 110.0 - 30.0 * r, 396.0 + 8.0 * r).quad(
                520.0,
                412.0 + 14.0 * r,
                520.0 + 110.0 + 30.0 * r,
                396.0 + 8.0 * r,
            ),
            5.0,
            Color::WHITE.alpha(0.7 * (1.0 - r)),
        );
    }
}

/// The land beside the track, seen from the jeep.
pub(super) fn road(pen: &mut Pen<'_>) {
    savanna(pen);
    acacia(
        pen,
        120.0,
        336.0,
        56.0,
        Color::hex(0x6f_a0_4c),
        Color::hex(0x7a_52_36),
    );
    band(
        pen,
        380.0,
        480.0,
        Paint::vertical(380.0, Color::hex(0xc8_8a_52), 480.0, Color::hex(0x9a_64_3c)),
    );
}

/// Bushes that pass by the jeep, and its frame.
pub(super) fn passing_bushes(pen: &mut Pen<'_>, time: f32) {
    for i in 0..7_u8 {
        let seed = f32::from(i);
        let x = LEFT + (seed * 140.0 + time * 190.0).rem_euclid(WIDTH + 120.0) - 60.0;
        let leaf = Color::hex(0x86_9c_46).darker(0.08 * (seed % 3.0));
        for (dx, dy, r) in [
            (-18.0_f32, 0.0_f32, 18.0_f32),
            (0.0, -12.0, 22.0),
            (20.0, 0.0, 17.0),
        ] {
            pen.fill(&Path::circle(x + dx, 376.0 + dy, r), leaf);
        }
    }
    let frame = Color::hex(0x5c_68_36);
    pen.shape(
        &Path::rect(LEFT, 0.0, WIDTH, 26.0),
        Paint::vertical(0.0, frame.darker(0.3), 26.0, frame),
        LINE,
        frame.line(),
    );
    for x in [-20.0_f32, 318.0, 656.0] {
        pen.shape(
            &Path::rect(x - 7.0, 20.0, 14.0, 400.0),
            frame,
            LINE,
            frame.line(),
        );
    }
}

/// The jeep's door, shaking with the track.
pub(super) fn jeep_door(pen: &mut Pen<'_>, time: f32) {
    let shake = (time * 17.0).sin() * 1.6;
    let paint = Color::hex(0x8a_9a_4e);
    let mut pen = pen.at(0.0, shake);
    band(
        &mut pen,
        396.0,
        490.0,
        Paint::vertical(396.0, paint.lighter(0.12), 480.0, paint.darker(0.25)),
    );
    pen.shape(
        &Path::round_rect(LEFT, 386.0, WIDTH, 18.0, 6.0),
        paint.darker(0.28),
        LINE,
        paint.line(),
    );
    for x in [40.0_f32, 318.0, 600.0] {
        pen.stroke(&Path::from(x, 404.0).line(x, 490.0), LINE, paint.line());
    }
    pen.shape(
        &Path::round_rect(250.0, 424.0, 44.0, 12.0, 5.0),
        Color::hex(0xd0_d4_d8),
        LINE,
        paint.line(),
    );
    // Zebra stripes, the pride of the tour.
    for i in 0..6_u8 {
        let x = 380.0 + f32::from(i) * 34.0;
        pen.fill(
            &Path::polygon(&[
                (x, 410.0),
                (x + 13.0, 410.0),
                (x + 1.0, 484.0),
                (x - 8.0, 484.0),
            ]),
            Color::hex(0xfa_f6_e6).alpha(0.85),
        );
    }
}

/// Sunset with a low sun and silhouettes.
pub(super) fn sunset(pen: &mut Pen<'_>) {
    band(
        pen,
        0.0,
        190.0,
        Paint::vertical(0.0, Color::hex(0x5a_3a_78), 190.0, Color::hex(0xe8_6a_4a)),
    );
    band(
        pen,
        190.0,
        350.0,
        Paint::vertical(190.0, Color::hex(0xe8_6a_4a), 350.0, Color::hex(0xff_d2_6a)),
    );
    glow(pen, 330.0, 268.0, 230.0, Color::hex(0xff_e8_90).alpha(0.8));
    pen.fill(
        &Path::circle(330.0, 268.0, 78.0),
        Paint::vertical(190.0, Color::hex(0xff_f2_b0), 346.0, Color::hex(0xff_a2_3c)),
    );
    for (x, y, w) in [
        (-40.0_f32, 120.0_f32, 190.0_f32),
        (200.0, 84.0, 150.0),
        (430.0, 140.0, 220.0),
        (120.0, 208.0, 130.0),
    ] {
        pen.brush(
            &Path::from(x, y).quad(x + w * 0.5, y - 8.0, x + w, y),
            15.0,
            Color::hex(0xff_b0_8a).alpha(0.6),
        );
    }
    let dark = Color::hex(0x4a_26_30);
    hills(pen, 330.0, 30.0, dark.lighter(0.12));
    band(
        pen,
        334.0,
        480.0,
        Paint::vertical(334.0, dark, 480.0, dark.darker(0.5)),
    );
    acacia(pen, 30.0, 362.0, 140.0, dark, dark);
    acacia(pen, 620.0, 352.0, 90.0, dark, dark);
    let mut giraffe = pen.with(|map| map.at(500.0, 350.0).scaled(26.0, 26.0));
    giraffe.fill(
        &Path::polygon(&[
            (-1.2, -1.0),
            (1.0, -1.2),
            (2.6, -4.4),
            (3.0, -4.3),
            (1.7, -0.9),
            (1.5, 0.2),
            (-1.2, 0.2),
        ]),
        dark,
    );
    giraffe.fill(&Path::ellipse(2.95, -4.5, 0.55, 0.3), dark);
    for x in [-1.1_f32, -0.7, 0.9, 1.3] {
        giraffe.fill(&Path::rect(x, 0.0, 0.22, 1.9), dark);
    }
}

/// Birds that cross the evening sky.
pub(super) fn birds(pen: &mut Pen<'_>, time: f32) {
    for i in 0..5_u8 {
        let seed = f32::from(i);
        let x = LEFT + (seed * 46.0 + time * 30.0).rem_euclid(WIDTH);
        let y = 90.0 + seed * 16.0 + (time * 1.3 + seed).sin() * 5.0;
        let flap = (time * 7.0 + seed * 1.9).sin() * 7.0;
        let wings = Path::from(x - 15.0, y - flap)
            .quad(x - 5.0, y - 8.0, x, y)
            .quad(x + 5.0, y - 8.0, x + 15.0, y - flap);
        pen.stroke(&wings, 3.0, Color::hex(0x3a_1c_2c));
    }
}

/// The camp under stars: a tent and the place of the fire.
pub(super) fn camp(pen: &mut Pen<'_>) {
    band(
        pen,
        0.0,
        350.0,
        Paint::vertical(0.0, Color::hex(0x0c_12_38), 350.0, Color::hex(0x3a_48_86)),
    );
    for i in 0..120_u8 {
        let seed = f32::from(i);
        let (x, y) = (
            LEFT + (seed * 127.1).rem_euclid(WIDTH),
            (seed * 71.3).rem_euclid(300.0),
        );
        pen.fill(
            &Path::circle(x, y, 0.8 + (seed * 0.37).fract() * 1.3),
            Color::WHITE.alpha(0.5 + 0.5 * (seed * 0.61).fract()),
        );
    }
    glow(pen, 520.0, 82.0, 110.0, Color::hex(0xfd_f6_d0).alpha(0.4));
    pen.fill(&Path::circle(520.0, 82.0, 38.0), Color::hex(0xfd_f6_d0));
    pen.fill(&Path::circle(508.0, 74.0, 7.0), Color::hex(0xe4_da_a8));
    pen.fill(&Path::circle(530.0, 94.0, 10.0), Color::hex(0xe4_da_a8));
    let dark = Color::hex(0x1c_24_40);
    hills(pen, 340.0, 34.0, dark.lighter(0.06));
    band(
        pen,
        342.0,
        480.0,
        Paint::vertical(342.0, Color::hex(0x3c_3a_3e), 480.0, Color::hex(0x22_22_30)),
    );
    acacia(pen, 680.0, 372.0, 130.0, dark, dark);
    let tent = Color::hex(0xd8_7a_3e);
    pen.shape(
        &Path::polygon(&[(-40.0, 400.0), (70.0, 214.0), (180.0, 400.0)]),
        Paint::horizontal(-40.0, tent.darker(0.25), 180.0, tent),
        LINE,
        tent.line(),
    );
    pen.shape(
        &Path::polygon(&[(40.0, 400.0), (70.0, 214.0), (104.0, 400.0)]),
        Paint::vertical(250.0, Color::hex(0xff_d8_8a), 400.0, Color::hex(0xc0_70_38)),
        LINE,
        tent.line(),
    );
}

/// The camp's fire.
pub(super) fn fire(pen: &mut Pen<'_>, time: f32) {
    let (x, y) = (560.0, 420.0);
    let flicker = (time * 11.0).sin() * 0.08 + (time * 17.3).sin() * 0.06;
    glow(
        pen,
        x,
        y - 26.0,
        190.0 * (1.0 + flicker),
        Color::hex(0xff_9a_3c).alpha(0.5),
    );
    for (size, color) in [
        (1.0_f32, 0xf0_60_2c),
        (0.68, 0xff_a8_38),
        (0.38, 0xff_ec_90),
    ] {
        let (w, h) = (38.0 * size, 84.0 * size * (1.0 + flicker));
        let lean = (time * 6.0 + size * 3.0).sin() * 8.0;
        pen.fill(
            &Path::from(x - w, y)
                .cubic(
                    (x - w * 1.1, y - h * 0.5),
                    (x - w * 0.1, y - h * 0.5),
                    (x + lean, y - h),
                )
                .cubic(
                    (x + w * 0.3, y - h * 0.5),
                    (x + w * 1.1, y - h * 0.5),
                    (x + w, y),
                ),
            Color::hex(color),
        );
    }
    let log = Color::hex(0x6a_42_2a);
    pen.stroke(
        &Path::from(x - 48.0, y + 8.0).line(x + 48.0, y - 6.0),
        13.0,
        log,
    );
    pen.stroke(
        &Path::from(x - 48.0, y - 6.0).line(x + 48.0, y + 8.0),
        13.0,
        log.lighter(0.1),
    );
}

/// Grass before the characters' feet.
pub(super) fn grass(pen: &mut Pen<'_>, time: f32, night: bool) {
    let color = if night {
        Color::hex(0x2c_1c_28)
    } else {
        Color::hex(0xb8_94_3a)
    };
    for i in 0..64_u8 {
        let seed = f32::from(i);
        let x = LEFT + (seed * 13.7 * 2.3).rem_euclid(WIDTH);
        let h = 26.0 + (seed * 7.9).rem_euclid(26.0);
        let lean = (time * 1.6 + x * 0.03).sin() * 6.0 + (seed % 3.0 - 1.0) * 6.0;
        let tone = color.lighter(0.10 * (seed % 3.0));
        pen.fill(
            &Path::from(x - 3.5, 482.0)
                .quad(x, 482.0 - h * 0.6, x + lean, 482.0 - h)
                .quad(x + 3.5, 482.0 - h * 0.5, x + 4.0, 482.0),
            tone,
        );
    }
}
