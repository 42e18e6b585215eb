//! Cartoon characters, drawn from the waist up.
//!
//! Local coordinates: the origin is the middle of the face, a face is about 1.7 wide and reaches
//! from −1 to 0.95; `y` grows downwards. The body goes on to about 4 and is meant to leave the
//! picture or to stand behind something.

mod accessory;
mod character;
mod clothes;
mod face;
mod hair;
mod line;
#[cfg_attr(
    not(feature = "encoder"),
    expect(dead_code, reason = "random looks are drawn only to train the encoder")
)]
mod look;
mod pose;

pub(crate) use character::draw;
pub(crate) use look::{
    Accessory, Clothes, ClothesColor, EyeShape, Fringe, HairColor, HairStyle, Look,
};
pub(crate) use pose::{Expression, Held, Pose};
