//! A whole character, part after part.

use super::look::Look;
use super::pose::Pose;
use super::{accessory, clothes, face, hair};
use crate::draw::{Color, Pen};

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
