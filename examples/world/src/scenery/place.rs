//! The places of the shows.

use super::{cafe, safari};
use crate::draw::{Color, Pen};

/// Where a scene is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// The café's counter with its shelves.
    Counter,
    /// A table at the café's window on a sunny day.
    Window,
    /// The same table while it rains.
    RainyWindow,
    /// The café's kitchen.
    Kitchen,
    /// The plain at noon.
    Plain,
    /// A waterhole with an elephant.
    Waterhole,
    /// In the jeep.
    Jeep,
    /// The plain at sunset.
    Sunset,
    /// The camp at night.
    Camp,
}

impl Place {
    /// Draws what stays still and lies behind the characters.
    pub(crate) fn draw(self, pen: &mut Pen<'_>) {
        match self {
            Self::Counter => cafe::counter(pen),
            Self::Window => cafe::window(pen, false),
            Self::RainyWindow => cafe::window(pen, true),
            Self::Kitchen => cafe::kitchen(pen),
            Self::Plain => safari::plain(pen),
            Self::Waterhole => safari::waterhole(pen),
            Self::Jeep => safari::road(pen),
            Self::Sunset => safari::sunset(pen),
            Self::Camp => safari::camp(pen),
        }
    }

    /// Draws what moves behind the characters.
    pub(crate) fn draw_moving(self, pen: &mut Pen<'_>, time: f32) {
        match self {
            Self::RainyWindow => cafe::rain(pen, time),
            Self::Plain => safari::grazing_giraffe(pen, time),
            Self::Waterhole => safari::bathing_elephant(pen, time),
            Self::Sunset => safari::birds(pen, time),
            Self::Camp => safari::fire(pen, time),
            Self::Jeep => safari::passing_bushes(pen, time),
            Self::Counter | Self::Window | Self::Kitchen => {}
        }
    }

    /// Draws what lies in front of the characters; they are hidden below [`Place::front_edge`].
    pub(crate) fn draw_front(self, pen: &mut Pen<'_>, time: f32) {
        match self {
            Self::Counter => cafe::counter_top(pen, time),
            Self::Window | Self::RainyWindow => cafe::table(pen, time),
            Self::Kitchen => cafe::worktop(pen),
            Self::Jeep => safari::jeep_door(pen, time),
            Self::Plain | Self::Waterhole => safari::grass(pen, time, false),
            Self::Sunset | Self::Camp => safari::grass(pen, time, true),
        }
    }

    /// The height below which characters are hidden.
    pub(crate) fn front_edge(self) -> f32 {
        match self {
            Self::Counter => 412.0,
            Self::Window | Self::RainyWindow => 424.0,
            Self::Kitchen => 420.0,
            Self::Jeep => 392.0,
            Self::Plain | Self::Waterhole | Self::Sunset | Self::Camp => 480.0,
        }
    }

    /// What light there is: laid over the characters.
    pub(crate) fn light(self) -> Option<Color> {
        match self {
            Self::Sunset => Some(Color::hex(0xff_7a_30).alpha(0.16)),
            Self::Camp => Some(Color::hex(0x18_1c_58).alpha(0.30)),
            Self::RainyWindow => Some(Color::hex(0x5a_70_90).alpha(0.12)),
            _ => None,
        }
    }
}
