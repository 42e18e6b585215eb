//! What a character looks like: a point of a large space of looks.

use rand::{Rng, RngExt};

use crate::draw::Color;

/// The cut of a character's hair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum HairStyle {
    Bob,
    Long,
    TwinTails,
    Ponytail,
    Spiky,
    Curly,
    Buns,
    Braid,
}

/// The colour of a character's hair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum HairColor {
    Black,
    Brown,
    Blond,
    Red,
    Pink,
    Blue,
    Green,
    Silver,
    Purple,
    Orange,
}

/// How the hair falls on the forehead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fringe {
    Straight,
    Swept,
    Parted,
    Jagged,
}

/// The shape of a character's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EyeShape {
    Round,
    Tall,
    Sleepy,
    Sharp,
}

/// The cut of a character's clothes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Clothes {
    Apron,
    Sailor,
    Hoodie,
    Shirt,
    Dress,
    Striped,
}

/// The main colour of a character's clothes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ClothesColor {
    Brown,
    Navy,
    Crimson,
    Green,
    Khaki,
    White,
    Violet,
    Yellow,
}

/// What a character wears besides clothes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Accessory {
    None,
    Glasses,
    Ribbon,
    Flower,
    Beret,
    StrawHat,
    Headphones,
    CatEars,
    Goggles,
}

macro_rules! all {
    ($type:ident: $($variant:ident),+) => {
        impl $type {
            /// Every variant, in the order of the declaration.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn random(random: &mut impl Rng) -> Self {
                Self::ALL[random.random_range(0..Self::ALL.len())]
            }
        }
    };
}
all!(HairStyle: Bob, Long, TwinTails, Ponytail, Spiky, Curly, Buns, Braid);
all!(HairColor: Black, Brown, Blond, Red, Pink, Blue, Green, Silver, Purple, Orange);
all!(Fringe: Straight, Swept, Parted, Jagged);
all!(EyeShape: Round, Tall, Sleepy, Sharp);
all!(Clothes: Apron, Sailor, Hoodie, Shirt, Dress, Striped);
all!(ClothesColor: Brown, Navy, Crimson, Green, Khaki, White, Violet, Yellow);
all!(Accessory: None, Glasses, Ribbon, Flower, Beret, StrawHat, Headphones, CatEars, Goggles);

impl HairColor {
    pub(crate) const fn color(self) -> Color {
        Color::hex(match self {
            Self::Black => 0x3a_36_46,
            Self::Brown => 0x85_54_38,
            Self::Blond => 0xf6_cf_6a,
            Self::Red => 0xbd_36_3f,
            Self::Pink => 0xf7_9c_bb,
            Self::Blue => 0x4f_83_d6,
            Self::Green => 0x7c_c4_8a,
            Self::Silver => 0xd3_d8_e6,
            Self::Purple => 0x92_6b_bd,
            Self::Orange => 0xf0_8a_3c,
        })
    }
}

impl ClothesColor {
    pub(crate) const fn color(self) -> Color {
        Color::hex(match self {
            Self::Brown => 0x8c_5a_41,
            Self::Navy => 0x38_4a_80,
            Self::Crimson => 0xc6_45_4f,
            Self::Green => 0x4f_93_68,
            Self::Khaki => 0xb9_a4_6b,
            Self::White => 0xf1_ee_e6,
            Self::Violet => 0x8d_72_b8,
            Self::Yellow => 0xf1_c2_4c,
        })
    }
}

/// Everything that tells one character from another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Look {
    pub(crate) hair_style: HairStyle,
    pub(crate) hair_color: HairColor,
    pub(crate) fringe: Fringe,
    pub(crate) eye_shape: EyeShape,
    /// Colour of the iris, `0xRRGGBB`.
    pub(crate) eyes: u32,
    /// Colour of the skin, `0xRRGGBB`.
    pub(crate) skin: u32,
    pub(crate) clothes: Clothes,
    pub(crate) clothes_color: ClothesColor,
    /// Colour of ribbons, scarves and hats, `0xRRGGBB`.
    pub(crate) accent: u32,
    pub(crate) accessory: Accessory,
}

/// Colours of irises.
const EYES: [u32; 7] = [
    0x7a_4a_2c, 0x3f_7f_c8, 0x3f_9b_62, 0xc8_42_4c, 0x8a_5a_c4, 0xd8_96_2e, 0x4a_4a_58,
];
/// Colours of skin.
const SKIN: [u32; 4] = [0xff_e6_d6, 0xfb_d8_bf, 0xe9_b9_94, 0xb9_80_5c];
/// Colours of accents.
const ACCENTS: [u32; 6] = [
    0xe2_4b_57, 0x3e_8e_d0, 0xf4_b5_3f, 0x5c_b3_6e, 0xb0_6f_cf, 0xf6_86_ae,
];

impl Look {
    /// A look drawn evenly from the whole space.
    pub(crate) fn random(random: &mut impl Rng) -> Self {
        fn any(random: &mut impl Rng, of: &[u32]) -> u32 {
            of[random.random_range(0..of.len())]
        }
        Self {
            hair_style: HairStyle::random(random),
            hair_color: HairColor::random(random),
            fringe: Fringe::random(random),
            eye_shape: EyeShape::random(random),
            eyes: any(random, &EYES),
            skin: any(random, &SKIN),
            clothes: Clothes::random(random),
            clothes_color: ClothesColor::random(random),
            accent: any(random, &ACCENTS),
            accessory: Accessory::random(random),
        }
    }

    /// Whether two looks would be taken for the same character: equal in at least two of hair
    /// colour, hair style and clothes colour together with either the accessory or the clothes.
    pub(crate) fn resembles(&self, other: &Self) -> bool {
        let hair = self.hair_color == other.hair_color && self.hair_style == other.hair_style;
        let dress = self.clothes_color == other.clothes_color && self.clothes == other.clothes;
        hair && (dress || self.accessory == other.accessory)
    }
}
