//! The rooms of the café.

use super::props;
use super::span::{LEFT, LINE, RIGHT, WIDTH, band, glow};
use crate::draw::{Color, Paint, Path, Pen};

const WALL: Color = Color::hex(0xf6_e3_c4);
const WOOD: Color = Color::hex(0xa8_6b_43);
const DARK_WOOD: Color = Color::hex(0x6e_42_2c);

fn wall(pen: &mut Pen<'_>) {
    band(
        pen,
        0.0,
        480.0,
        Paint::vertical(0.0, WALL.darker(0.10), 260.0, WALL),
    );
    let mut x = LEFT;
    while x < RIGHT {
        pen.fill(&Path::rect(x, 0.0, 18.0, 320.0), Color::WHITE.alpha(0.10));
        x += 46.0;
    }
    band(
        pen,
        312.0,
        480.0,
        Paint::vertical(312.0, WOOD, 480.0, WOOD.darker(0.25)),
    );
    band(pen, 306.0, 318.0, DARK_WOOD.lighter(0.12));
    let mut x = LEFT;
    while x < RIGHT {
        pen.fill(&Path::rect(x, 318.0, 2.5, 162.0), DARK_WOOD.alpha(0.6));
        x += 38.0;
    }
}

fn lamp(pen: &mut Pen<'_>, x: f32, length: f32, color: Color) {
    glow(
        pen,
        x,
        length + 36.0,
        130.0,
        Color::hex(0xff_ee_b0).alpha(0.55),
    );
    pen.fill(
        &Path::rect(x - 1.2, 0.0, 2.4, length),
        DARK_WOOD.darker(0.4),
    );
    let shade = Path::from(x - 12.0, length)
        .line(x + 12.0, length)
        .quad(x + 36.0, length + 14.0, x + 42.0, length + 34.0)
        .line(x - 42.0, length + 34.0)
        .quad(x - 36.0, length + 14.0, x - 12.0, length);
    pen.fill(
        &Path::ellipse(x, length + 36.0, 16.0, 12.0),
        Color::hex(0xff_f8_d8),
    );
    pen.shape(
        &shade,
        Paint::horizontal(x - 42.0, color.lighter(0.2), x + 42.0, color.darker(0.2)),
        LINE,
        color.line(),
    );
}

fn jar(pen: &mut Pen<'_>, x: f32, y: f32, color: Color) {
    pen.shape(
        &Path::round_rect(x - 11.0, y - 32.0, 22.0, 32.0, 5.0),
        Paint::horizontal(x - 11.0, color.lighter(0.25), x + 11.0, color.darker(0.1)),
        1.6,
        color.line(),
    );
    pen.shape(
        &Path::rect(x - 9.0, y - 38.0, 18.0, 7.0),
        DARK_WOOD,
        1.6,
        DARK_WOOD.line(),
    );
    pen.fill(
        &Path::rect(x - 7.0, y - 22.0, 14.0, 11.0),
        Color::WHITE.alpha(0.85),
    );
}

fn little_cup(pen: &mut Pen<'_>, x: f32, y: f32, color: Color) {
    pen.stroke(
        &Path::from(x + 9.0, y - 14.0).quad(x + 18.0, y - 10.0, x + 8.0, y - 4.0),
        2.6,
        color.line(),
    );
    pen.shape(
        &Path::from(x - 11.0, y - 18.0)
            .line(x + 11.0, y - 18.0)
            .quad(x + 10.0, y, x + 5.0, y)
            .line(x - 5.0, y)
            .quad(x - 10.0, y, x - 11.0, y - 18.0),
        color,
        1.6,
        color.line(),
    );
}

fn shelf(pen: &mut Pen<'_>, x: f32, y: f32, width: f32) {
    pen.fill(
        &Path::rect(x + 4.0, y + 8.0, width, 8.0),
        Color::BLACK.alpha(0.14),
    );
    pen.shape(&Path::rect(x, y, width, 9.0), WOOD, 1.8, WOOD.line());
}

fn leafy(pen: &mut Pen<'_>, x: f32, y: f32, size: f32) {
    let leaf = Color::hex(0x5c_a0_58);
    for i in 0..9_u8 {
        let angle = -2.9 + f32::from(i) * 0.33;
        let (dx, dy) = (angle.cos() * size, angle.sin() * size * 1.2);
        let blade = Path::from(x, y)
            .quad(x + dx * 0.3 - dy * 0.3, y + dy * 0.6, x + dx, y + dy)
            .quad(x + dx * 0.7 + dy * 0.2, y + dy * 0.4, x, y);
        pen.shape(
            &blade,
            leaf.lighter(if i % 2 == 0 { 0.12 } else { 0.0 }),
            1.6,
            leaf.line(),
        );
    }
    let pot = Color::hex(0xd0_7a_52);
    pen.shape(
        &Path::polygon(&[
            (x - size * 0.45, y - 4.0),
            (x + size * 0.45, y - 4.0),
            (x + size * 0.32, y + size * 0.7),
            (x - size * 0.32, y + size * 0.7),
        ]),
        pot,
        LINE,
        pot.line(),
    );
}

/// The counter with shelves, lamps, a blackboard and the coffee machine.
pub(super) fn counter(pen: &mut Pen<'_>) {
    wall(pen);
    // The menu: writing is only hinted at.
    pen.shape(
        &Path::rect(-82.0, 70.0, 132.0, 150.0),
        Color::hex(0x36_4a_40),
        7.0,
        DARK_WOOD,
    );
    for (i, y) in [92.0_f32, 116.0, 134.0, 152.0, 170.0, 188.0]
        .into_iter()
        .enumerate()
    {
        let width = if i == 0 {
            70.0
        } else {
            92.0 - 12.0 * f32::from(u8::from(i % 2 == 0))
        };
        pen.brush(
            &Path::from(-66.0, y).quad(-66.0 + width * 0.5, y - 3.0, -66.0 + width, y),
            if i == 0 { 5.0 } else { 3.0 },
            Color::WHITE.alpha(0.75),
        );
    }
    for (row, y) in [(0_u8, 120.0_f32), (1, 196.0)] {
        shelf(pen, 120.0, y, 230.0);
        shelf(pen, 420.0, y, 270.0);
        for i in 0..6_u8 {
            let x = 142.0 + f32::from(i) * 37.0;
            if (i + row) % 3 == 0 {
                little_cup(pen, x, y, Color::hex(0xe8_f0_f4));
            } else {
                jar(
                    pen,
                    x,
                    y,
                    Color::hex(
                        [0x8a_5a_38, 0xc8_8a_4a, 0x5d_3a_2a, 0xb0_c0_88]
                            [usize::from((i + row) % 4)],
                    ),
                );
            }
        }
        for i in 0..7_u8 {
            let x = 442.0 + f32::from(i) * 37.0;
            if (i + row) % 2 == 0 {
                little_cup(
                    pen,
                    x,
                    y,
                    Color::hex([0xf4_b8_b0, 0xa8_d0_e8, 0xf4_e2_a0][usize::from(i % 3)]),
                );
            } else {
                jar(
                    pen,
                    x,
                    y,
                    Color::hex([0x7c_a0_6a, 0x9a_5a_40][usize::from(row)]),
                );
            }
        }
    }
    // The coffee machine.
    let steel = Color::hex(0xc4_cc_d6);
    pen.shape(
        &Path::round_rect(520.0, 286.0, 150.0, 130.0, 12.0),
        Paint::vertical(286.0, steel.lighter(0.3), 420.0, steel.darker(0.3)),
        LINE,
        steel.line(),
    );
    pen.shape(
        &Path::round_rect(536.0, 302.0, 118.0, 30.0, 8.0),
        Color::hex(0xb8_3a_3c),
        LINE,
        steel.line(),
    );
    for x in [562.0_f32, 626.0] {
        pen.fill(&Path::rect(x - 10.0, 346.0, 20.0, 16.0), steel.darker(0.6));
        pen.fill(&Path::circle(x, 317.0, 7.0), Color::WHITE);
    }
    leafy(pen, 700.0, 286.0, 36.0);
    for (x, length) in [(60.0, 26.0), (250.0, 44.0), (440.0, 26.0), (630.0, 44.0)] {
        lamp(pen, x, length, Color::hex(0xd8_6a_4a));
    }
}

/// The counter's top with cups and a cake under glass.
pub(super) fn counter_top(pen: &mut Pen<'_>, time: f32) {
    band(
        pen,
        412.0,
        480.0,
        Paint::vertical(
            412.0,
            DARK_WOOD.lighter(0.10),
            480.0,
            DARK_WOOD.darker(0.25),
        ),
    );
    band(
        pen,
        406.0,
        422.0,
        Paint::vertical(406.0, WOOD.lighter(0.35), 422.0, WOOD),
    );
    band(pen, 422.0, 425.0, Color::BLACK.alpha(0.25));
    let mut cup = pen.with(|map| map.at(70.0, 392.0).scaled(26.0, 26.0));
    props::cup(&mut cup, Color::hex(0xff_f7_ea));
    props::steam(&mut cup, time);
    let mut glass = pen.with(|map| map.at(590.0, 388.0).scaled(30.0, 30.0));
    props::cake(&mut glass);
    glass.shape(
        &Path::from(-1.3, 0.78).cubic((-1.3, -1.6), (1.3, -1.6), (1.3, 0.78)),
        Color::hex(0xd8_f0_ff).alpha(0.25),
        0.06,
        Color::hex(0x88_a4_b4),
    );
}

/// A seat at the window; the weather outside is fine or wet.
pub(super) fn window(pen: &mut Pen<'_>, wet: bool) {
    wall(pen);
    let (top, low) = if wet {
        (0x7c_8a_9e, 0xb4_bf_cc)
    } else {
        (0x7c_c4_f4, 0xe4_f6_ff)
    };
    for x in [-60.0_f32, 220.0, 500.0] {
        let pane = Path::rect(x, 40.0, 220.0, 262.0);
        pen.shape(
            &pane,
            Paint::vertical(40.0, Color::hex(top), 300.0, Color::hex(low)),
            12.0,
            Color::hex(0xfd_f6_ea),
        );
        // The street outside.
        let houses = if wet {
            Color::hex(0x7c_84_94)
        } else {
            Color::hex(0xd8_a8_84)
        };
        for (i, (dx, width, height)) in [
            (0.0_f32, 70.0_f32, 90.0_f32),
            (74.0, 60.0, 122.0),
            (140.0, 80.0, 76.0),
        ]
        .into_iter()
        .enumerate()
        {
            let tone = houses.mix(
                Color::hex(0x6a_88_b8),
                0.18 * f32::from(u8::try_from(i).unwrap_or(0)),
            );
            pen.fill(&Path::rect(x + dx, 302.0 - height, width, height), tone);
            pen.fill(
                &Path::polygon(&[
                    (x + dx - 4.0, 302.0 - height),
                    (x + dx + width * 0.5, 278.0 - height),
                    (x + dx + width + 4.0, 302.0 - height),
                ]),
                tone.darker(0.3),
            );
            for wy in [16.0_f32, 46.0] {
                for wx in [12.0_f32, 38.0] {
                    pen.fill(
                        &Path::rect(x + dx + wx, 302.0 - height + wy, 14.0, 18.0),
                        if wet {
                            Color::hex(0xff_e4_90)
                        } else {
                            Color::hex(0xf8_f4_e0)
                        },
                    );
                }
            }
        }
        if !wet {
            for (cx, cy, r) in [
                (x + 60.0, 86.0, 20.0),
                (x + 84.0, 80.0, 26.0),
                (x + 112.0, 88.0, 18.0),
            ] {
                pen.fill(&Path::circle(cx, cy, r), Color::WHITE.alpha(0.9));
            }
        }
        pen.stroke(
            &Path::from(x + 110.0, 40.0)
                .line(x + 110.0, 302.0)
                .and_from(x, 170.0)
                .line(x + 220.0, 170.0),
            7.0,
            Color::hex(0xfd_f6_ea),
        );
        pen.shape(
            &Path::rect(x - 12.0, 302.0, 244.0, 14.0),
            Color::hex(0xfd_f6_ea),
            LINE,
            WOOD.line(),
        );
        let curtain = Color::hex(0xe8_8a_7a);
        for (edge, dir) in [(x - 10.0, 1.0_f32), (x + 230.0, -1.0)] {
            let cloth = Path::from(edge, 26.0)
                .line(edge + dir * 52.0, 26.0)
                .cubic(
                    (edge + dir * 54.0, 110.0),
                    (edge + dir * 40.0, 170.0),
                    (edge + dir * 14.0, 200.0),
                )
                .quad(edge + dir * 30.0, 250.0, edge + dir * 24.0, 300.0)
                .line(edge, 300.0);
            pen.shape(
                &cloth,
                Paint::horizontal(
                    edge,
                    curtain.darker(0.12),
                    edge + dir * 50.0,
                    curtain.lighter(0.2),
                ),
                LINE,
                curtain.line(),
            );
        }
    }
    pen.shape(
        &Path::rect(LEFT, 20.0, WIDTH, 8.0),
        DARK_WOOD,
        1.5,
        DARK_WOOD.line(),
    );
    leafy(pen, 190.0, 282.0, 30.0);
    leafy(pen, 470.0, 282.0, 30.0);
    if wet {
        band(pen, 0.0, 480.0, Color::hex(0x30_44_66).alpha(0.22));
    } else {
        for x in [-40.0_f32, 240.0, 520.0] {
            pen.fill(
                &Path::polygon(&[
                    (x, 40.0),
                    (x + 180.0, 40.0),
                    (x + 60.0, 480.0),
                    (x - 190.0, 480.0),
                ]),
                Color::hex(0xff_f6_c8).alpha(0.16),
            );
        }
    }
}

/// Rain on the panes.
pub(super) fn rain(pen: &mut Pen<'_>, time: f32) {
    for pane in [-60.0_f32, 220.0, 500.0] {
        for i in 0..16_u8 {
            let seed = f32::from(i);
            let x = pane + 6.0 + (seed * 61.7 + pane).rem_euclid(204.0);
            let y = 46.0 + (seed * 97.3 + time * (260.0 + seed * 13.0)).rem_euclid(224.0);
            pen.brush(
                &Path::from(x + 4.0, y).line(x, y + 26.0),
                2.4,
                Color::WHITE.alpha(0.6),
            );
        }
    }
}

/// The table before the window.
pub(super) fn table(pen: &mut Pen<'_>, time: f32) {
    let cloth = Color::hex(0xfd_f3_e4);
    band(
        pen,
        424.0,
        480.0,
        Paint::vertical(424.0, cloth, 480.0, cloth.darker(0.18)),
    );
    let mut x = LEFT;
    while x < RIGHT {
        pen.fill(
            &Path::polygon(&[
                (x, 424.0),
                (x + 20.0, 424.0),
                (x + 14.0, 480.0),
                (x - 12.0, 480.0),
            ]),
            Color::hex(0xd8_5c_58).alpha(0.5),
        );
        x += 44.0;
    }
    pen.stroke(
        &Path::from(LEFT, 424.0).line(RIGHT, 424.0),
        LINE,
        cloth.line(),
    );
    let mut cup = pen.with(|map| map.at(94.0, 404.0).scaled(30.0, 30.0));
    props::cup(&mut cup, Color::hex(0xcf_e6_f4));
    props::steam(&mut cup, time);
    props::cake(&mut pen.with(|map| map.at(556.0, 402.0).scaled(30.0, 30.0)));
}

/// The kitchen with tiles, pans and an oven.
pub(super) fn kitchen(pen: &mut Pen<'_>) {
    let tile = Color::hex(0xd4_e8_ea);
    band(
        pen,
        0.0,
        480.0,
        Paint::vertical(0.0, tile.lighter(0.4), 480.0, tile),
    );
    let mut y = 0.0;
    while y < 480.0 {
        band(pen, y, y + 1.8, tile.darker(0.18));
        y += 34.0;
    }
    let mut x = LEFT;
    while x < RIGHT {
        pen.fill(&Path::rect(x, 0.0, 1.8, 480.0), tile.darker(0.18));
        x += 34.0;
    }
    // A rail with pans.
    pen.fill(&Path::rect(LEFT, 54.0, WIDTH, 6.0), Color::hex(0x8a_8e_98));
    for (i, x) in [-60.0_f32, 20.0, 96.0, 470.0, 550.0, 640.0, 706.0]
        .into_iter()
        .enumerate()
    {
        let color = Color::hex([0xc8_7a_48, 0x5a_60_70, 0xb8_3a_3c][i % 3]);
        pen.stroke(&Path::from(x, 58.0).line(x, 104.0), 6.0, color.line());
        pen.shape(&Path::circle(x, 132.0, 30.0), color, LINE, color.line());
        pen.fill(&Path::circle(x, 132.0, 21.0), color.darker(0.25));
    }
    // The hood and the oven with a fire behind its glass.
    let steel = Color::hex(0xb8_c0_cc);
    pen.shape(
        &Path::polygon(&[(200.0, 0.0), (380.0, 0.0), (430.0, 96.0), (150.0, 96.0)]),
        Paint::horizontal(150.0, steel.lighter(0.3), 430.0, steel.darker(0.15)),
        LINE,
        steel.line(),
    );
    pen.shape(
        &Path::rect(150.0, 240.0, 280.0, 240.0),
        Paint::vertical(240.0, steel.lighter(0.2), 480.0, steel.darker(0.2)),
        LINE,
        steel.line(),
    );
    pen.shape(
        &Path::round_rect(186.0, 300.0, 208.0, 120.0, 10.0),
        Paint::radial(
            290.0,
            380.0,
            130.0,
            Color::hex(0xff_b0_50),
            Color::hex(0x7a_2e_20),
        ),
        LINE,
        steel.line(),
    );
    for x in [200.0_f32, 250.0, 330.0, 380.0] {
        pen.shape(
            &Path::circle(x, 268.0, 11.0),
            Color::hex(0x38_3c_48),
            LINE,
            Color::BLACK,
        );
    }
    // A refrigerator and a shelf of flour.
    let ice = Color::hex(0xf0_a8_a0);
    pen.shape(
        &Path::round_rect(520.0, 190.0, 140.0, 300.0, 14.0),
        Paint::horizontal(520.0, ice.lighter(0.25), 660.0, ice.darker(0.1)),
        LINE,
        ice.line(),
    );
    pen.stroke(
        &Path::from(520.0, 300.0).line(660.0, 300.0),
        LINE,
        ice.line(),
    );
    pen.stroke(
        &Path::from(536.0, 220.0).line(536.0, 274.0),
        6.0,
        ice.darker(0.5),
    );
    shelf(pen, -90.0, 250.0, 190.0);
    for i in 0..5_u8 {
        jar(
            pen,
            -66.0 + f32::from(i) * 38.0,
            250.0,
            Color::hex([0xff_f6_e4, 0xf0_d2_88, 0xc8_8a_4a][usize::from(i % 3)]),
        );
    }
}

/// The kitchen's table with a bowl and dough.
pub(super) fn worktop(pen: &mut Pen<'_>) {
    let stone = Color::hex(0xe8_e2_da);
    band(
        pen,
        420.0,
        480.0,
        Paint::vertical(420.0, stone, 480.0, stone.darker(0.25)),
    );
    pen.stroke(
        &Path::from(LEFT, 420.0).line(RIGHT, 420.0),
        LINE,
        stone.line(),
    );
    let bowl = Color::hex(0x7a_b0_d0);
    pen.shape(
        &Path::ellipse(86.0, 398.0, 50.0, 13.0),
        Color::hex(0xff_f4_d8),
        LINE,
        bowl.line(),
    );
    pen.shape(
        &Path::from(36.0, 398.0)
            .quad(86.0, 424.0, 136.0, 398.0)
            .cubic((130.0, 448.0), (42.0, 448.0), (36.0, 398.0)),
        Paint::horizontal(36.0, bowl.lighter(0.3), 136.0, bowl.darker(0.15)),
        LINE,
        bowl.line(),
    );
    props::cake(&mut pen.with(|map| map.at(560.0, 400.0).scaled(34.0, 34.0)));
}
