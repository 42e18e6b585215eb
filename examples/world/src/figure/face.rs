//! Head, eyes and mouth.

use super::line::LINE;
use super::look::{EyeShape, HairStyle, Look};
use super::pose::{Expression, Pose};
use crate::draw::{Color, Paint, Path, Pen};

const EYE_X: f32 = 0.40;
const EYE_Y: f32 = 0.20;

/// The outline of the face.
pub(super) fn outline() -> Path {
    Path::from(-0.86, -0.15)
        .cubic((-0.89, 0.40), (-0.52, 0.80), (0.0, 0.95))
        .cubic((0.52, 0.80), (0.89, 0.40), (0.86, -0.15))
        .cubic((0.84, -0.75), (0.45, -1.0), (0.0, -1.0))
        .cubic((-0.45, -1.0), (-0.84, -0.75), (-0.86, -0.15))
}

/// Draws the bare head.
pub(super) fn head(pen: &mut Pen<'_>, look: &Look, skin: Color) {
    if matches!(
        look.hair_style,
        HairStyle::Spiky | HairStyle::Ponytail | HairStyle::Buns
    ) {
        for side in [-1.0, 1.0] {
            let ear = Path::ellipse(side * 0.87, 0.18, 0.13, 0.2);
            pen.shape(&ear, skin, LINE, skin.line());
            pen.stroke(
                &Path::from(side * 0.92, 0.1).quad(side * 0.84, 0.16, side * 0.9, 0.28),
                0.03,
                skin.darker(0.35),
            );
        }
    }
    let paint = Paint::vertical(-0.6, skin, 1.0, skin.mix(Color::hex(0xff_b9_a0), 0.22));
    pen.shape(&outline(), paint, LINE, skin.line());
}

/// Draws eyes, nose, mouth and cheeks.
pub(super) fn features(pen: &mut Pen<'_>, look: &Look, pose: &Pose, skin: Color) {
    let blush = Color::hex(0xff_6f_7d);
    for side in [-1.0, 1.0] {
        pen.fill(
            &Path::ellipse(side * 0.56, 0.50, 0.19, 0.11),
            Paint::radial(side * 0.56, 0.50, 0.19, blush.alpha(0.5), blush.alpha(0.0)),
        );
        eye(
            &mut pen.at(side * EYE_X, EYE_Y).facing(side < 0.0),
            look,
            pose,
            side,
        );
    }
    pen.brush(
        &Path::from(-0.03, 0.42).quad(0.03, 0.47, 0.045, 0.44),
        0.045,
        skin.darker(0.45),
    );
    mouth(&mut pen.at(0.0, 0.62), pose);
    if pose.expression == Expression::Sad {
        let tear = Color::hex(0x9f_dc_ff);
        for side in [-1.0, 1.0] {
            let drop = Path::from(side * 0.52, 0.40)
                .quad(side * 0.66, 0.62, side * 0.55, 0.68)
                .quad(side * 0.44, 0.62, side * 0.52, 0.40);
            pen.shape(&drop, tear.alpha(0.9), 0.02, tear.darker(0.4));
        }
    }
}

/// Draws one eye; the outer corner is on the positive side.
fn eye(pen: &mut Pen<'_>, look: &Look, pose: &Pose, side: f32) {
    let lash = look.hair_color.color().darker(0.82);
    if pose.expression == Expression::Laugh {
        let arc = Path::from(-0.22, 0.08).quad(0.0, -0.24, 0.23, 0.08);
        pen.brush(&arc, 0.10, lash);
        pen.brush(&arc, 0.07, lash);
        return;
    }
    if pose.blink > 0.75 {
        pen.brush(
            &Path::from(-0.23, 0.02).quad(0.0, 0.20, 0.25, -0.01),
            0.09,
            lash,
        );
        return;
    }
    let (rx, ry) = match look.eye_shape {
        EyeShape::Round => (0.215, 0.25),
        EyeShape::Tall => (0.19, 0.30),
        EyeShape::Sleepy => (0.215, 0.23),
        EyeShape::Sharp => (0.23, 0.215),
    };
    let wide = if pose.expression == Expression::Surprised {
        1.15
    } else {
        1.0
    };
    let open = (1.0 - pose.blink * 0.7) * wide;
    let ry = ry * open;
    let slant = if look.eye_shape == EyeShape::Sharp {
        -0.07
    } else {
        0.0
    };
    let lid = if look.eye_shape == EyeShape::Sleepy {
        0.42
    } else {
        0.85
    };
    // The white of the eye, with its upper edge where the lid is.
    let white = Path::from(-rx, 0.0)
        .cubic(
            (-rx, -ry * lid),
            (-rx * 0.5, -ry * lid - 0.04),
            (0.0, -ry * lid),
        )
        .cubic(
            (rx * 0.6, -ry * lid - 0.02),
            (rx, -ry * lid + slant),
            (rx, slant),
        )
        .cubic((rx, ry * 0.8), (rx * 0.5, ry), (0.0, ry))
        .cubic((-rx * 0.6, ry), (-rx, ry * 0.7), (-rx, 0.0));
    pen.fill(
        &white,
        Paint::vertical(-ry, Color::hex(0xdc_da_ea), 0.0, Color::WHITE),
    );
    // The iris is cut off by the lid: its top is drawn flat where the lid lies low.
    let small = if pose.expression == Expression::Surprised {
        0.72
    } else {
        1.0
    };
    let (ix, iy) = (rx * 0.80 * small, ry * 0.93 * small);
    let gaze = pose.gaze * 0.06 * side;
    let iris = Color::hex(look.eyes);
    let top = -ry * lid + 0.01;
    let disc = if lid < 0.5 {
        Path::from(gaze - ix, top * 0.6)
            .line(gaze + ix, top * 0.6)
            .cubic((gaze + ix, iy * 0.8), (gaze + ix * 0.5, iy), (gaze, iy))
            .cubic(
                (gaze - ix * 0.5, iy),
                (gaze - ix, iy * 0.8),
                (gaze - ix, top * 0.6),
            )
    } else {
        Path::ellipse(gaze, 0.0, ix, iy)
    };
    pen.shape(
        &disc,
        Paint::vertical(-iy, iris.darker(0.55), iy, iris.lighter(0.35)),
        0.025,
        iris.darker(0.75),
    );
    pen.fill(
        &Path::ellipse(gaze, 0.01, ix * 0.42, iy * 0.48),
        iris.darker(0.86),
    );
    pen.fill(
        &Path::ellipse(gaze, iy * 0.62, ix * 0.55, iy * 0.22),
        iris.lighter(0.65).alpha(0.6),
    );
    // Both eyes have their lights on the same side of the picture.
    let light = -side;
    pen.fill(
        &Path::ellipse(gaze + light * ix * 0.40, -iy * 0.36, ix * 0.36, iy * 0.28),
        Color::WHITE,
    );
    pen.fill(
        &Path::circle(gaze - light * ix * 0.42, iy * 0.40, ix * 0.18),
        Color::WHITE.alpha(0.9),
    );
    // The upper lashes, thick, with a wing at the outer corner, and a hint of the lower ones.
    let lashes = Path::from(-rx - 0.02, 0.02)
        .cubic(
            (-rx * 0.9, -ry * lid),
            (-rx * 0.5, -ry * lid - 0.05),
            (0.0, -ry * lid - 0.02),
        )
        .cubic(
            (rx * 0.6, -ry * lid - 0.02),
            (rx, -ry * lid + 0.02 + slant),
            (rx + 0.07, slant + 0.01),
        );
    pen.brush(&lashes, 0.115, lash);
    pen.brush(
        &Path::from(rx * 0.7, -ry * 0.5 * lid).quad(rx + 0.05, -ry * 0.3, rx + 0.10, slant - 0.10),
        0.06,
        lash,
    );
    pen.brush(
        &Path::from(-rx * 0.3, ry + 0.015).quad(rx * 0.3, ry + 0.03, rx * 0.85, ry * 0.62),
        0.03,
        lash.alpha(0.7),
    );
}

/// Draws the eyebrows, over the fringe as cartoons do.
pub(super) fn brows(pen: &mut Pen<'_>, look: &Look, pose: &Pose) {
    let color = look.hair_color.color().darker(0.55);
    let (inner, outer, lift) = match pose.expression {
        Expression::Angry => (0.10, -0.06, 0.0),
        Expression::Sad => (-0.10, 0.06, 0.0),
        Expression::Surprised => (0.0, 0.0, -0.10),
        Expression::Laugh => (0.0, 0.0, -0.04),
        Expression::Smile | Expression::Calm => (0.0, 0.02, 0.0),
    };
    for side in [-1.0_f32, 1.0] {
        let brow = Path::from(side * 0.20, -0.22 + inner + lift).quad(
            side * 0.42,
            -0.32 + lift,
            side * 0.62,
            -0.20 + outer + lift,
        );
        pen.brush(&brow, 0.06, color);
    }
}

/// Draws the mouth around the origin.
fn mouth(pen: &mut Pen<'_>, pose: &Pose) {
    let line = Color::hex(0x8a_3b_3b);
    let inside = Color::hex(0x9c_34_40);
    let tongue = Color::hex(0xf5_8a_8a);
    let open = pose.talk;
    match pose.expression {
        Expression::Laugh => {
            let path = Path::from(-0.24, -0.06).quad(0.0, 0.0, 0.24, -0.06).cubic(
                (0.22, 0.26),
                (-0.22, 0.26),
                (-0.24, -0.06),
            );
            pen.shape(&path, inside, 0.03, line);
            pen.fill(&Path::ellipse(0.0, 0.12, 0.12, 0.055), tongue);
        }
        Expression::Surprised => {
            pen.shape(
                &Path::ellipse(0.0, 0.05, 0.085, 0.11 + open * 0.05),
                inside,
                0.03,
                line,
            );
        }
        Expression::Sad => {
            let wave = Path::from(-0.15, 0.05)
                .quad(-0.08, -0.03, 0.0, 0.02)
                .quad(0.08, 0.06, 0.15, 0.02);
            pen.brush(&wave, 0.055, line);
        }
        Expression::Angry if open < 0.2 => {
            pen.brush(
                &Path::from(-0.16, 0.06).quad(0.0, -0.06, 0.16, 0.06),
                0.06,
                line,
            );
        }
        _ if open > 0.2 => {
            let height = 0.10 + 0.16 * open;
            let path = Path::from(-0.17, -0.02).quad(0.0, 0.02, 0.17, -0.02).cubic(
                (0.15, height),
                (-0.15, height),
                (-0.17, -0.02),
            );
            pen.shape(&path, inside, 0.03, line);
            pen.fill(
                &Path::ellipse(0.0, height * 0.58, 0.08, height * 0.18),
                tongue,
            );
        }
        Expression::Calm => pen.brush(
            &Path::from(-0.10, 0.01).quad(0.0, 0.03, 0.10, 0.01),
            0.05,
            line,
        ),
        _ => pen.brush(
            &Path::from(-0.17, -0.02).quad(0.0, 0.10, 0.17, -0.02),
            0.06,
            line,
        ),
    }
}
