//! Pictures to learn from: characters drawn at random before backgrounds drawn at random, and what
//! can be seen in them.

use image::RgbImage;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tiny_skia::Pixmap;

use crate::draw::{Canvas, Color, Paint, Path, Pen};
use crate::figure::{
    self, Accessory, ClothesColor, Expression, HairColor, HairStyle, Held, Look, Pose,
};
use crate::scenery::props;
use crate::show::EVERYBODY;

/// A question about a picture, with as many answers as it has outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) first: usize,
    pub(super) count: usize,
    /// Whether exactly one answer is right; else each answer is right or wrong by itself.
    pub(super) exclusive: bool,
    /// Whether it is the background, of which each phase says how much it counts.
    pub(super) is_background: bool,
}

const HAIR_COLORS: usize = HairColor::ALL.len();
const HAIR_STYLES: usize = HairStyle::ALL.len();
const CLOTHES: usize = ClothesColor::ALL.len();
const ACCESSORIES: usize = Accessory::ALL.len();
const NUMBERS: usize = 4;
const BACKGROUNDS: usize = 8;

/// What the encoder learns to tell, output after output.
pub(super) const ATTRIBUTES: [Attribute; 6] = [
    Attribute {
        name: "hair colour",
        first: 0,
        count: HAIR_COLORS,
        exclusive: false,
        is_background: false,
    },
    Attribute {
        name: "hair style",
        first: HAIR_COLORS,
        count: HAIR_STYLES,
        exclusive: false,
        is_background: false,
    },
    Attribute {
        name: "clothes colour",
        first: HAIR_COLORS + HAIR_STYLES,
        count: CLOTHES,
        exclusive: false,
        is_background: false,
    },
    Attribute {
        name: "accessory",
        first: HAIR_COLORS + HAIR_STYLES + CLOTHES,
        count: ACCESSORIES,
        exclusive: false,
        is_background: false,
    },
    Attribute {
        name: "number of characters",
        first: MULTIPLE,
        count: NUMBERS,
        exclusive: true,
        is_background: false,
    },
    Attribute {
        name: "background",
        first: MULTIPLE + NUMBERS,
        count: BACKGROUNDS,
        exclusive: true,
        is_background: true,
    },
];
/// How many outputs are right or wrong by themselves.
pub(super) const MULTIPLE: usize = HAIR_COLORS + HAIR_STYLES + CLOTHES + ACCESSORIES;
/// How many outputs there are.
pub(super) const OUTPUTS: usize = MULTIPLE + NUMBERS + BACKGROUNDS;
/// The number of characters, which is a question about the whole picture.
const NUMBER_ATTRIBUTE: usize = 4;
/// What a single cell is asked, output after output: what a picture is, and whether anybody is
/// there.
pub(super) const CELL_OUTPUTS: usize = OUTPUTS + 1;
/// Which output of a cell says whether anybody is there.
pub(super) const SOMEBODY: usize = OUTPUTS;

/// What the cells are asked.
pub(super) fn cell_attributes() -> impl Iterator<Item = &'static Attribute> {
    let all = ATTRIBUTES.iter().enumerate();
    all.filter_map(|(i, attribute)| (i != NUMBER_ATTRIBUTE).then_some(attribute))
}

/// A picture with the answers: 1 for what can be seen in it.
#[derive(Clone, Debug)]
pub(super) struct Example {
    pub(super) picture: RgbImage,
    pub(super) labels: [f32; OUTPUTS],
    pub(super) num_characters: usize,
    background: usize,
    figures: Vec<Figure>,
}

/// A character in a picture: where its face is, in a picture of 640x480, and its four answers.
#[derive(Clone, Debug)]
struct Figure {
    x: f32,
    y: f32,
    scale: f32,
    answers: [usize; 4],
}

/// Which attribute is that of the clothes; the others are seen at the head.
const CLOTHES_ATTRIBUTE: usize = 2;

impl Example {
    /// What can be seen where: for each cell of a grid the answers of the character whose head or
    /// body is at the cell's middle and that somebody is there, and where nobody is the background.
    ///
    /// Returned as `[CELL_OUTPUTS, grid, grid]`, row by row.
    pub(super) fn cells(&self, grid: usize) -> Vec<f32> {
        let mut cells = vec![0.0; CELL_OUTPUTS * grid * grid];
        for row in 0..grid {
            for column in 0..grid {
                let x = (to_f32(column) + 0.5) / to_f32(grid) * 640.0;
                let y = (to_f32(row) + 0.5) / to_f32(grid) * 480.0;
                let mut set = |output: usize| cells[(output * grid + row) * grid + column] = 1.0;
                // The last one drawn is in front.
                let Some((figure, at_head)) =
                    self.figures.iter().rev().find_map(|figure| figure.at(x, y))
                else {
                    set(MULTIPLE + NUMBERS + self.background);
                    continue;
                };
                set(SOMEBODY);
                for (attribute, answer) in figure.answers.iter().enumerate() {
                    if at_head == (attribute != CLOTHES_ATTRIBUTE) {
                        set(ATTRIBUTES[attribute].first + answer);
                    }
                }
            }
        }
        cells
    }
}

impl Figure {
    /// The figure and whether its head is there, if a point lies on it.
    fn at(&self, x: f32, y: f32) -> Option<(&Self, bool)> {
        let (dx, dy) = ((x - self.x).abs() / self.scale, (y - self.y) / self.scale);
        match dy {
            -1.35..0.95 if dx < 1.15 => Some((self, true)),
            1.15..3.3 if dx < 1.0 => Some((self, false)),
            _ => None,
        }
    }
}

/// Draws the picture with this number, `size` pixels a side. Numbers of training and of testing do
/// not overlap.
pub(super) fn example(number: u64, size: u32) -> Example {
    let mut random = ChaCha8Rng::seed_from_u64(number ^ 0x00e4_c0de_0000_0000);
    let mut labels = [0.0; OUTPUTS];
    let mut canvas = Canvas::new(size, size);
    // As a frame of a video is: 640x480, squeezed to a square.
    let side = f32::from(u16::try_from(size).unwrap_or(u16::MAX));
    let (sx, sy) = (side / 640.0, side / 480.0);
    let mut pen = Pen::new(&mut canvas);
    let mut pen = pen.with(|map| map.scaled(sx, sy));
    let kind = random.random_range(0..BACKGROUNDS);
    labels[MULTIPLE + NUMBERS + kind] = 1.0;
    background(&mut pen, kind, &mut random);
    if random.random_bool(0.3) {
        something(&mut pen, &mut random);
    }
    let num_characters = [0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3][random.random_range(0..12_usize)];
    labels[MULTIPLE + num_characters] = 1.0;
    let mut figures = Vec::new();
    for i in 0..num_characters {
        let look = look(&mut random);
        let place = (to_f32(i) + 0.5) / to_f32(num_characters) * 640.0;
        let figure = character(&mut pen, &look, place, num_characters, &mut random);
        for (attribute, answer) in ATTRIBUTES.iter().zip(figure.answers) {
            labels[attribute.first + answer] = 1.0;
        }
        figures.push(figure);
    }
    front(&mut pen, &mut random);
    Example {
        picture: rgb(&canvas.into_pixmap()),
        labels,
        num_characters,
        background: kind,
        figures,
    }
}

/// The same picture without its opacity, which is full everywhere.
pub(super) fn rgb(picture: &Pixmap) -> RgbImage {
    let bytes = picture.pixels().iter();
    let bytes = bytes.flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]);
    RgbImage::from_raw(picture.width(), picture.height(), bytes.collect())
        .expect("three bytes for each pixel")
}

/// A look that nobody of the shows has, nor one that could be taken for it.
fn look(random: &mut impl Rng) -> Look {
    loop {
        let look = Look::random(random);
        if !EVERYBODY
            .iter()
            .any(|character| character.look.resembles(&look))
        {
            return look;
        }
    }
}

fn character(
    pen: &mut Pen<'_>,
    look: &Look,
    place: f32,
    of: usize,
    random: &mut impl Rng,
) -> Figure {
    let scale = match of {
        1 => random.random_range(70.0..140.0),
        2 => random.random_range(60.0..100.0),
        _ => random.random_range(52.0..76.0),
    };
    let aside = if of == 1 { 150.0 } else { 26.0 };
    let (x, y) = (
        place + random.random_range(-aside..aside),
        random.random_range(200.0..290.0),
    );
    let held = if random.random_bool(0.3) {
        [Held::Cup, Held::Cake, Held::Camera, Held::Binoculars][random.random_range(0..4_usize)]
    } else {
        Held::Nothing
    };
    let pose = Pose {
        expression: Expression::ALL[random.random_range(0..Expression::ALL.len())],
        blink: if random.random_bool(0.08) { 1.0 } else { 0.0 },
        talk: random.random_range(0.0..1.0),
        gaze: random.random_range(-1.0..1.0),
        tilt: random.random_range(-0.12..0.12),
        sway: random.random_range(-1.0..1.0),
        wave: (held == Held::Nothing && random.random_bool(0.25))
            .then(|| random.random_range(-0.2..0.4)),
        held,
    };
    let side = if random.random_bool(0.5) {
        scale
    } else {
        -scale
    };
    figure::draw(
        &mut pen.with(|map| map.at(x, y).scaled(side, scale)),
        look,
        &pose,
    );
    let answers = [
        look.hair_color as usize,
        look.hair_style as usize,
        look.clothes_color as usize,
        look.accessory as usize,
    ];
    Figure {
        x,
        y,
        scale,
        answers,
    }
}

fn any_color(random: &mut impl Rng) -> Color {
    let mut part = || random.random_range(0.0..1.0);
    Color {
        r: part(),
        g: part(),
        b: part(),
        a: 1.0,
    }
}

/// Fills the picture with a background of one of the kinds.
fn background(pen: &mut Pen<'_>, kind: usize, random: &mut impl Rng) {
    let (first, second) = (any_color(random), any_color(random));
    let whole = Path::rect(0.0, 0.0, 640.0, 480.0);
    let edge = random.random_range(180.0..400.0);
    match kind {
        // A gradient.
        0 => pen.fill(&whole, Paint::vertical(0.0, first, 480.0, second)),
        // Stripes, upright or leaning.
        1 => {
            pen.fill(&whole, first);
            let (step, lean) = (
                random.random_range(30.0..90.0),
                random.random_range(-160.0..160.0),
            );
            let mut x = -200.0;
            while x < 840.0 {
                pen.fill(
                    &Path::polygon(&[
                        (x, 0.0),
                        (x + step * 0.5, 0.0),
                        (x + step * 0.5 + lean, 480.0),
                        (x + lean, 480.0),
                    ]),
                    second,
                );
                x += step;
            }
        }
        // Discs.
        2 => {
            pen.fill(&whole, first);
            for _ in 0..random.random_range(10..40) {
                let (x, y, r) = (
                    random.random_range(0.0..640.0),
                    random.random_range(0.0..480.0),
                    random.random_range(8.0..60.0),
                );
                pen.fill(
                    &Path::circle(x, y, r),
                    second.mix(first, random.random_range(0.0..0.6)),
                );
            }
        }
        // Sky and hills.
        3 => {
            let sky = Color::hex(0x7c_c4_f0).mix(first, 0.5);
            pen.fill(&whole, Paint::vertical(0.0, sky, edge, sky.lighter(0.6)));
            for layer in 0..3 {
                let base = edge + to_f32(layer) * 40.0;
                let tone = second
                    .mix(Color::hex(0x6a_a0_50), 0.5)
                    .darker(0.12 * to_f32(layer));
                let mut path = Path::from(0.0, 480.0).line(0.0, base);
                for i in 0..5 {
                    let x = to_f32(i) * 128.0;
                    path = path.quad(
                        x + 64.0,
                        base - random.random_range(10.0..90.0),
                        x + 128.0,
                        base,
                    );
                }
                pen.fill(&path.line(640.0, 480.0), tone);
            }
        }
        // A room with shelves or windows.
        4 => {
            pen.fill(
                &whole,
                Paint::vertical(0.0, first.lighter(0.4), edge, first.lighter(0.2)),
            );
            pen.fill(&Path::rect(0.0, edge, 640.0, 480.0), second.darker(0.2));
            for _ in 0..random.random_range(2..7) {
                let (x, y) = (
                    random.random_range(-40.0..600.0),
                    random.random_range(0.0..edge - 40.0),
                );
                let frame = Path::rect(
                    x,
                    y,
                    random.random_range(40.0..180.0),
                    random.random_range(20.0..140.0),
                );
                pen.shape(&frame, any_color(random), 4.0, second.darker(0.5));
            }
        }
        // Night with stars.
        5 => {
            let night = first.mix(Color::hex(0x0c_12_38), 0.8);
            pen.fill(
                &whole,
                Paint::vertical(0.0, night, 480.0, night.lighter(0.2)),
            );
            for _ in 0..random.random_range(20..70) {
                let (x, y) = (
                    random.random_range(0.0..640.0),
                    random.random_range(0.0..edge),
                );
                pen.fill(
                    &Path::circle(x, y, random.random_range(1.0..3.5)),
                    Color::WHITE,
                );
            }
            pen.fill(&Path::rect(0.0, edge, 640.0, 480.0), second.darker(0.8));
        }
        // Houses.
        6 => {
            pen.fill(
                &whole,
                Paint::vertical(0.0, first.lighter(0.3), 480.0, first.lighter(0.7)),
            );
            let mut x = -20.0;
            while x < 640.0 {
                let (width, top) = (
                    random.random_range(40.0..130.0),
                    random.random_range(60.0..380.0),
                );
                let wall = second.mix(any_color(random), 0.3);
                pen.fill(&Path::rect(x, top, width, 480.0), wall);
                let mut y = top + 14.0;
                while y < 470.0 {
                    pen.fill(
                        &Path::rect(x + width * 0.2, y, width * 0.2, 16.0),
                        wall.lighter(0.5),
                    );
                    pen.fill(
                        &Path::rect(x + width * 0.6, y, width * 0.2, 16.0),
                        wall.lighter(0.5),
                    );
                    y += 36.0;
                }
                x += width + random.random_range(0.0..30.0);
            }
        }
        // Soft blots, as out of focus.
        _ => {
            pen.fill(&whole, Paint::vertical(0.0, first, 480.0, second));
            for _ in 0..random.random_range(6..16) {
                let (x, y, r) = (
                    random.random_range(0.0..640.0),
                    random.random_range(0.0..480.0),
                    random.random_range(40.0..190.0),
                );
                let color = any_color(random);
                pen.fill(
                    &Path::circle(x, y, r),
                    Paint::radial(x, y, r, color.alpha(0.7), color.alpha(0.0)),
                );
            }
        }
    }
}

/// Puts a thing or an animal somewhere, so that not everything coloured is a character.
fn something(pen: &mut Pen<'_>, random: &mut impl Rng) {
    let (x, y, size) = (
        random.random_range(0.0..640.0),
        random.random_range(120.0..420.0),
        random.random_range(20.0..90.0),
    );
    let time = random.random_range(0.0..5.0);
    let mut pen = pen.with(|map| map.at(x, y).scaled(size, size));
    match random.random_range(0..6) {
        0 => props::cup(&mut pen, any_color(random).lighter(0.5)),
        1 => props::cake(&mut pen),
        2 => props::cat(&mut pen, any_color(random), time),
        3 => props::lion(&mut pen, time, random.random_bool(0.5)),
        4 => props::elephant(&mut pen, time),
        _ => props::jeep(&mut pen, time),
    }
}

/// Puts a table or grass before the characters and changes the light, sometimes.
fn front(pen: &mut Pen<'_>, random: &mut impl Rng) {
    if random.random_bool(0.5) {
        let edge = random.random_range(390.0..470.0);
        let color = any_color(random);
        pen.fill(
            &Path::rect(0.0, edge, 640.0, 480.0),
            Paint::vertical(edge, color.lighter(0.2), 480.0, color.darker(0.2)),
        );
    }
    if random.random_bool(0.25) {
        let strength = random.random_range(0.05..0.25);
        pen.fill(
            &Path::rect(0.0, 0.0, 640.0, 480.0),
            any_color(random).alpha(strength),
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "a handful")]
fn to_f32(i: usize) -> f32 {
    i as f32
}
