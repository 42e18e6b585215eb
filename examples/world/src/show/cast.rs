//! The two shows and who plays in them.

use crate::figure::{
    Accessory, Clothes, ClothesColor, EyeShape, Fringe, HairColor, HairStyle, Look,
};
use crate::scenery::Place;

/// One of the two demo shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Show {
    /// A day in a small café: the show to learn from.
    Cafe,
    /// A tour over the savanna: the show to comment on.
    Safari,
}

/// A character of the shows. The name is written in comments only, never in a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Character {
    /// Its name in files of ground truth.
    pub(crate) id: &'static str,
    /// What comments call it.
    pub(crate) name: &'static str,
    pub(crate) look: Look,
}

impl Show {
    /// Both shows.
    pub const ALL: [Self; 2] = [Self::Cafe, Self::Safari];

    /// The name of the show's folder.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Cafe => "cafe",
            Self::Safari => "safari",
        }
    }

    /// The title on the opening's card and the line under it.
    pub(crate) fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Cafe => ("こもれび喫茶", "KOMOREBI CAFE"),
            Self::Safari => ("わくわくサファリ号", "WAKUWAKU SAFARI"),
        }
    }

    /// Who plays; the first two play in both shows.
    pub(crate) fn cast(self) -> &'static [&'static Character] {
        match self {
            Self::Cafe => &[&KOHAKU, &RURI, &MINT, &AZUKI, &MARRON, &SUMI],
            Self::Safari => &[&KOHAKU, &RURI, &LEO, &MOMO, &TSUBAKI, &SHIRO],
        }
    }

    pub(crate) fn places(self) -> &'static [Place] {
        match self {
            Self::Cafe => &[
                Place::Counter,
                Place::Window,
                Place::Kitchen,
                Place::RainyWindow,
            ],
            Self::Safari => &[
                Place::Plain,
                Place::Jeep,
                Place::Waterhole,
                Place::Sunset,
                Place::Camp,
            ],
        }
    }
}

/// Every character of both shows.
#[cfg(any(test, feature = "encoder"))]
pub(crate) const EVERYBODY: [&Character; 10] = [
    &KOHAKU, &RURI, &MINT, &AZUKI, &MARRON, &SUMI, &LEO, &MOMO, &TSUBAKI, &SHIRO,
];

const KOHAKU: Character = Character {
    id: "kohaku",
    name: "コハク",
    look: Look {
        hair_style: HairStyle::TwinTails,
        hair_color: HairColor::Blond,
        fringe: Fringe::Swept,
        eye_shape: EyeShape::Round,
        eyes: 0xd8_86_2e,
        skin: 0xff_e6_d6,
        clothes: Clothes::Apron,
        clothes_color: ClothesColor::Brown,
        accent: 0xe2_4b_57,
        accessory: Accessory::None,
    },
};
const RURI: Character = Character {
    id: "ruri",
    name: "ルリ",
    look: Look {
        hair_style: HairStyle::Long,
        hair_color: HairColor::Blue,
        fringe: Fringe::Straight,
        eye_shape: EyeShape::Tall,
        eyes: 0x3f_7f_c8,
        skin: 0xff_e6_d6,
        clothes: Clothes::Dress,
        clothes_color: ClothesColor::Violet,
        accent: 0xf4_b5_3f,
        accessory: Accessory::Ribbon,
    },
};
const MINT: Character = Character {
    id: "mint",
    name: "ミント",
    look: Look {
        hair_style: HairStyle::Bob,
        hair_color: HairColor::Green,
        fringe: Fringe::Jagged,
        eye_shape: EyeShape::Sleepy,
        eyes: 0x3f_9b_62,
        skin: 0xff_e6_d6,
        clothes: Clothes::Hoodie,
        clothes_color: ClothesColor::Yellow,
        accent: 0x3e_8e_d0,
        accessory: Accessory::Glasses,
    },
};
const AZUKI: Character = Character {
    id: "azuki",
    name: "アズキ",
    look: Look {
        hair_style: HairStyle::Buns,
        hair_color: HairColor::Red,
        fringe: Fringe::Parted,
        eye_shape: EyeShape::Sharp,
        eyes: 0xc8_42_4c,
        skin: 0xfb_d8_bf,
        clothes: Clothes::Sailor,
        clothes_color: ClothesColor::Navy,
        accent: 0xe2_4b_57,
        accessory: Accessory::None,
    },
};
const MARRON: Character = Character {
    id: "marron",
    name: "マロン",
    look: Look {
        hair_style: HairStyle::Curly,
        hair_color: HairColor::Brown,
        fringe: Fringe::Swept,
        eye_shape: EyeShape::Round,
        eyes: 0x8a_5a_c4,
        skin: 0xe9_b9_94,
        clothes: Clothes::Striped,
        clothes_color: ClothesColor::Green,
        accent: 0xe2_4b_57,
        accessory: Accessory::Beret,
    },
};
const SUMI: Character = Character {
    id: "sumi",
    name: "スミ",
    look: Look {
        hair_style: HairStyle::Spiky,
        hair_color: HairColor::Black,
        fringe: Fringe::Jagged,
        eye_shape: EyeShape::Sharp,
        eyes: 0x4a_4a_58,
        skin: 0xfb_d8_bf,
        clothes: Clothes::Shirt,
        clothes_color: ClothesColor::White,
        accent: 0x5c_b3_6e,
        accessory: Accessory::Headphones,
    },
};
const LEO: Character = Character {
    id: "leo",
    name: "レオ",
    look: Look {
        hair_style: HairStyle::Spiky,
        hair_color: HairColor::Orange,
        fringe: Fringe::Jagged,
        eye_shape: EyeShape::Round,
        eyes: 0x3f_9b_62,
        skin: 0xe9_b9_94,
        clothes: Clothes::Shirt,
        clothes_color: ClothesColor::Khaki,
        accent: 0x3e_8e_d0,
        accessory: Accessory::Goggles,
    },
};
const MOMO: Character = Character {
    id: "momo",
    name: "モモ",
    look: Look {
        hair_style: HairStyle::Ponytail,
        hair_color: HairColor::Pink,
        fringe: Fringe::Swept,
        eye_shape: EyeShape::Tall,
        eyes: 0xc8_42_4c,
        skin: 0xff_e6_d6,
        clothes: Clothes::Striped,
        clothes_color: ClothesColor::Navy,
        accent: 0xf6_86_ae,
        accessory: Accessory::StrawHat,
    },
};
const TSUBAKI: Character = Character {
    id: "tsubaki",
    name: "ツバキ",
    look: Look {
        hair_style: HairStyle::Braid,
        hair_color: HairColor::Black,
        fringe: Fringe::Parted,
        eye_shape: EyeShape::Sleepy,
        eyes: 0x8a_5a_c4,
        skin: 0xfb_d8_bf,
        clothes: Clothes::Sailor,
        clothes_color: ClothesColor::Crimson,
        accent: 0xe2_4b_57,
        accessory: Accessory::Flower,
    },
};
const SHIRO: Character = Character {
    id: "shiro",
    name: "シロ",
    look: Look {
        hair_style: HairStyle::Bob,
        hair_color: HairColor::Silver,
        fringe: Fringe::Jagged,
        eye_shape: EyeShape::Round,
        eyes: 0x3f_7f_c8,
        skin: 0xb9_80_5c,
        clothes: Clothes::Hoodie,
        clothes_color: ClothesColor::Green,
        accent: 0xf4_b5_3f,
        accessory: Accessory::CatEars,
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_characters_look_alike_and_no_name_is_part_of_another() {
        for (i, one) in EVERYBODY.iter().enumerate() {
            for other in &EVERYBODY[i + 1..] {
                assert!(
                    !one.look.resembles(&other.look),
                    "{} and {}",
                    one.id,
                    other.id
                );
                assert!(!one.name.contains(other.name) && !other.name.contains(one.name));
            }
        }
    }
}
