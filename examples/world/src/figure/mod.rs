//! Cartoon characters, drawn from the waist up.
//!
//! Local coordinates: the origin is the middle of the face, a face is about 1.7 wide and reaches from −1 to 0.95;
//! `y` grows downwards. The body goes on to about 4 and is meant to leave the picture or to stand behind something.

mod accessory;
mod clothes;
mod face;
mod hair;
#[cfg_attr(
    not(feature = "encoder"),
    expect(dead_code, reason = "random looks are drawn only to train the encoder")
)]
mod look;
mod pose;

pub(crate) use look::{
    Accessory, Clothes, ClothesColor, EyeShape, Fringe, HairColor, HairStyle, Look,
};
pub(crate) use pose::{Expression, Held, Pose};

use crate::draw::{Color, Pen};

/// Width of outlines in local units.
const LINE: f32 = 0.035;

/// Draws a character; `pen` has the face's middle as its origin.
pub(crate) fn draw(pen: &mut Pen<'_>, look: &Look, pose: &Pose) {
    let skin = Color::hex(look.skin);
    {
        let mut head = pen.with(|map| map.at(0.0, 0.9).rotated(pose.tilt).at(0.0, -0.9));
        accessory::behind(&mut head, look);
        hair::behind(&mut head, look, pose);
    }
    clothes::body(pen, look, pose, skin);
    let mut head = pen.with(|map| map.at(0.0, 0.9).rotated(pose.tilt).at(0.0, -0.9));
    face::head(&mut head, look, skin);
    hair::shadow(&mut head, look, skin);
    face::features(&mut head, look, pose, skin);
    hair::front(&mut head, look, pose);
    face::brows(&mut head, look, pose);
    accessory::front(&mut head, look, pose);
    clothes::arm(pen, look, pose, skin);
}
