//! Outlines as a table of the Compact Font Format (Adobe Technical Note 5176), with drawing commands
//! of Type 2 (5177): the lines and curves as they are, nothing shared, nothing hinted.

use rustybuzz::ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::needed::Used;

/// The face's glyphs by their numbers; those that are not needed are empty.
pub(super) fn write(face: &Face<'_>, used: &Used) -> Vec<u8> {
    let drawings = (0..face.number_of_glyphs()).map(|id| {
        let mut drawing = Drawing::default();
        if used.glyphs.contains(&id) {
            face.outline_glyph(GlyphId(id), &mut drawing);
            drawing.bytes.push(operator::END);
        }
        drawing.bytes
    });
    let drawings = index(drawings.collect());
    let names: &[u8] = &[2, 0, 1]; // all glyphs but the first have a name, from number 1 on
    let count = face.number_of_glyphs();
    let names = [names, &count.saturating_sub(2).to_be_bytes()].concat();

    let mut start = vec![1, 0, 4, 4]; // version 1.0, sizes of the header and of offsets
    start.extend(index(vec![b"Subset".to_vec()]));
    // Its offsets are from the table's start, behind itself: their length is fixed.
    let top = |names_at, drawings_at, end| {
        let mut top = Vec::new();
        if face.units_per_em() != 1000 {
            let scale = real(1.0 / f64::from(face.units_per_em().max(1)));
            let zero = real(0.0);
            for number in [&scale, &zero, &zero, &scale, &zero, &zero] {
                top.extend(number);
            }
            top.extend([12, 7]); // FontMatrix
        }
        top.extend([offset(names_at), vec![15]].concat());
        top.extend([offset(drawings_at), vec![17]].concat());
        top.extend([offset(0), offset(end), vec![18]].concat()); // an empty Private
        index(vec![top])
    };
    let no_strings_and_procedures = [0; 4];
    let names_at = start.len() + top(0, 0, 0).len() + no_strings_and_procedures.len();
    let drawings_at = names_at + names.len();
    start.extend(top(names_at, drawings_at, drawings_at + drawings.len()));
    start.extend(no_strings_and_procedures);
    start.extend(names);
    start.extend(drawings);
    start
}

/// Commands of Type 2.
mod operator {
    pub(super) const LINE: u8 = 5;
    pub(super) const CURVE: u8 = 8;
    pub(super) const END: u8 = 14;
    pub(super) const MOVE: u8 = 21;
}

/// A glyph's commands. Points are kept as 65536ths, from which the way to the next is counted, so
/// that rounding does not add up.
#[derive(Default)]
struct Drawing {
    bytes: Vec<u8>,
    at: (i32, i32),
    at_point: (f32, f32),
}

impl Drawing {
    fn command<const N: usize>(&mut self, points: [(f32, f32); N], operator: u8) {
        for (x, y) in points {
            let next = (fixed(x), fixed(y));
            number(next.0.saturating_sub(self.at.0), &mut self.bytes);
            number(next.1.saturating_sub(self.at.1), &mut self.bytes);
            self.at = next;
            self.at_point = (x, y);
        }
        self.bytes.push(operator);
    }
}

impl OutlineBuilder for Drawing {
    fn move_to(&mut self, x: f32, y: f32) {
        self.command([(x, y)], operator::MOVE);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.command([(x, y)], operator::LINE);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        // The same curve of the third degree.
        let near = |end: f32, middle: f32| end + (middle - end) * 2.0 / 3.0;
        let start = self.at_point;
        let points = [
            (near(start.0, x1), near(start.1, y1)),
            (near(x, x1), near(y, y1)),
            (x, y),
        ];
        self.command(points, operator::CURVE);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.command([(x1, y1), (x2, y2), (x, y)], operator::CURVE);
    }

    fn close(&mut self) {} // contours are closed
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn fixed(at: f32) -> i32 {
    (f64::from(at) * 65536.0).round() as i32
}

/// A number of a drawing, given as 65536ths.
fn number(fixed: i32, bytes: &mut Vec<u8>) {
    if fixed & 0xFFFF != 0 {
        bytes.push(255);
        bytes.extend(fixed.to_be_bytes());
        return;
    }
    let whole = fixed >> 16;
    let [.., high, low] = (whole.abs() - 108).to_be_bytes();
    match whole {
        -107..=107 => bytes.push(u8::try_from(whole + 139).expect("32 to 246")),
        108..=1131 => bytes.extend([247 + high, low]),
        -1131..=-108 => bytes.extend([251 + high, low]),
        _ => {
            let [_, _, high, low] = whole.to_be_bytes();
            bytes.extend([28, high, low]);
        }
    }
}

/// A number of a dictionary, always 5 bytes long.
fn offset(at: usize) -> Vec<u8> {
    let at = u32::try_from(at).expect("a table is below 2 GiB");
    [&[29][..], &at.to_be_bytes()].concat()
}

/// A real number of a dictionary, in half bytes: digits, `a` the point, `c` for E-, `f` the end.
fn real(value: f64) -> Vec<u8> {
    let text = format!("{value:e}").replace("e-", "c");
    let text = text.strip_suffix("e0").unwrap_or(&text).replace('.', "a");
    let mut halves: Vec<u8> = text
        .chars()
        .filter_map(|c| u8::try_from(c.to_digit(16)?).ok())
        .collect();
    halves.push(15);
    if halves.len() % 2 == 1 {
        halves.push(15);
    }
    let pairs = halves.chunks(2).map(|pair| (pair[0] << 4) | pair[1]);
    std::iter::once(30).chain(pairs).collect()
}

/// A list of things of any length.
fn index(things: Vec<Vec<u8>>) -> Vec<u8> {
    let count = u16::try_from(things.len()).expect("there are at most 65,535 glyphs");
    let mut bytes = count.to_be_bytes().to_vec();
    bytes.push(4); // bytes of an offset
    let mut at = 1_u32;
    bytes.extend(at.to_be_bytes());
    for thing in &things {
        at += u32::try_from(thing.len()).expect("a drawing is short");
        bytes.extend(at.to_be_bytes());
    }
    bytes.extend(things.into_iter().flatten());
    bytes
}

#[cfg(test)]
mod tests {
    use rustybuzz::ttf_parser::cff;

    use super::*;

    /// Collects what is drawn, in 64ths.
    #[derive(Debug, Default, PartialEq)]
    struct Lines(Vec<(char, Vec<i64>)>);

    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    fn at(points: &[f32]) -> Vec<i64> {
        points.iter().map(|at| (at * 64.0).round() as i64).collect()
    }

    impl OutlineBuilder for Lines {
        fn move_to(&mut self, x: f32, y: f32) {
            self.0.push(('m', at(&[x, y])));
        }
        fn line_to(&mut self, x: f32, y: f32) {
            self.0.push(('l', at(&[x, y])));
        }
        fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
            self.0.push(('q', at(&[x1, y1, x, y])));
        }
        fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
            self.0.push(('c', at(&[x1, y1, x2, y2, x, y])));
        }
        fn close(&mut self) {
            self.0.push(('z', Vec::new()));
        }
    }

    fn used(glyphs: impl IntoIterator<Item = u16>) -> Used {
        Used {
            glyphs: glyphs.into_iter().collect(),
            ..Used::default()
        }
    }

    /// Every glyph of a real font comes out as it went in, and glyphs that were not asked for are
    /// empty.
    #[test]
    fn outlines_stay_as_they_are() {
        let font: &[u8] =
            include_bytes!("../../../tests/data/fonts/NotoCJKjp-Sans-Bold.subset.otf");
        let face = Face::parse(font, 0).unwrap();
        let count = face.number_of_glyphs();
        let table = write(&face, &used(0..count));
        let table = cff::Table::parse(&table).unwrap();
        let mut drawn = 0;
        for id in (0..count).map(GlyphId) {
            let (mut one, mut other) = (Lines::default(), Lines::default());
            face.outline_glyph(id, &mut one);
            let _ = table.outline(id, &mut other); // an error of glyphs without an outline
            drawn += usize::from(!one.0.is_empty());
            assert_eq!(one, other);
        }
        assert!(drawn > 100);
        let few = write(&face, &used([5]));
        let few = cff::Table::parse(&few).unwrap();
        assert!(few.outline(GlyphId(5), &mut Lines::default()).is_ok());
        assert!(few.outline(GlyphId(6), &mut Lines::default()).is_err());
    }

    /// Numbers of one, two, three and five bytes.
    #[test]
    fn numbers_take_as_few_bytes_as_they_can() {
        let bytes = |value: f32| {
            let mut bytes = Vec::new();
            number(fixed(value), &mut bytes);
            bytes
        };
        assert_eq!(bytes(0.0), [139]);
        assert_eq!((bytes(107.0), bytes(-107.0)), (vec![246], vec![32]));
        assert_eq!((bytes(108.0), bytes(-108.0)), (vec![247, 0], vec![251, 0]));
        assert_eq!(
            (bytes(1131.0), bytes(-1131.0)),
            (vec![250, 255], vec![254, 255])
        );
        assert_eq!(
            (bytes(1132.0), bytes(-1132.0)),
            (vec![28, 4, 108], vec![28, 251, 148])
        );
        assert_eq!(bytes(-0.25), [255, 255, 255, 192, 0]);
        assert_eq!(real(0.001), [30, 0x1C, 0x3F]);
        assert_eq!(real(0.0), [30, 0x0F]);
        assert_eq!(real(1.0 / 2048.0), [30, 0x4A, 0x88, 0x28, 0x12, 0x5C, 0x4F]);
    }
}
