//! What a character does at a moment.

/// The feeling a face shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Expression {
    Smile,
    Laugh,
    Surprised,
    Sad,
    Angry,
    Calm,
}

impl Expression {
    pub(crate) const ALL: [Self; 6] = [
        Self::Smile,
        Self::Laugh,
        Self::Surprised,
        Self::Sad,
        Self::Angry,
        Self::Calm,
    ];
}

/// What a character holds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Held {
    Nothing,
    Cup,
    Cake,
    Camera,
    Binoculars,
}

/// A character's attitude at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pose {
    pub(crate) expression: Expression,
    /// How far the eyes are shut: 0 open, 1 closed.
    pub(crate) blink: f32,
    /// How far the mouth is open while talking, 0 to 1.
    pub(crate) talk: f32,
    /// Where the eyes look: −1 left to 1 right.
    pub(crate) gaze: f32,
    /// Tilt of the head in radians, clockwise.
    pub(crate) tilt: f32,
    /// Swing of hair and ribbons, −1 to 1.
    pub(crate) sway: f32,
    /// A raised, waving hand: its angle in radians.
    pub(crate) wave: Option<f32>,
    pub(crate) held: Held,
}

impl Default for Pose {
    fn default() -> Self {
        Self {
            expression: Expression::Smile,
            blink: 0.0,
            talk: 0.0,
            gaze: 0.0,
            tilt: 0.0,
            sway: 0.0,
            wave: None,
            held: Held::Nothing,
        }
    }
}
