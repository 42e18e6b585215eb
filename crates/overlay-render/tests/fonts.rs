//! Which glyphs characters get, and how wide they are. Widths count with Noto's CJK fonts (Debian's
//! fonts-noto-cjk).

mod common;

use std::path::{Path, PathBuf};

use nico_comments::{Comment, Font, Vpos};
use overlay_render::{Error, Fonts, Layout, LayoutOptions, UNIT, draw_stage, layout};

/// Pixels of the font at unit scale for comments of medium size.
const EM: f64 = 27.0;

fn placed(fonts: &Fonts, text: &str) -> Layout {
    layout(
        &[Comment::new(Vpos(0), text)],
        fonts,
        &LayoutOptions::default(),
    )
}

/// Width in units, of 16 times a text with a letter on each side.
fn width(fonts: &Fonts, text: &str) -> f64 {
    placed(fonts, &format!("亜{}亜", text.repeat(16))).comments()[0].width / UNIT - 2.0 * EM
}

/// How many pixels a text paints.
fn coverage(fonts: &Fonts, text: &str) -> usize {
    let picture = draw_stage(&placed(fonts, text), 130.0, 960, 540).expect("a good size");
    picture.pixels().filter(|pixel| pixel.0[3] > 0).count()
}

/// The blanks that comment art is made of: U+3000 and U+2003 are an em wide, U+2002 a half, U+2004
/// a third and so on. U+2000 and U+2001 are the same as U+2002 and U+2003, a TAB is two em.
#[test]
fn blanks_have_the_widths_that_art_relies_on() {
    let Some(fonts) = common::noto() else { return };
    let shares = [
        ("\u{3000}", 1.0),
        ("\u{2000}", 0.5),
        ("\u{2001}", 1.0),
        ("\u{2002}", 0.5),
        ("\u{2003}", 1.0),
        ("\u{2004}", 1.0 / 3.0),
        ("\u{2005}", 0.25),
        ("\u{2006}", 1.0 / 6.0),
        ("\u{2009}", 0.2),
        ("\u{200A}", 1.0 / 16.0),
        ("\u{200B}", 0.0),
        ("\t", 2.0),
    ];
    for (blank, share) in shares {
        let units = width(&fonts, blank);
        assert!(
            (units - 16.0 * share * EM).abs() <= 1.5,
            "{blank:?}: {units} units"
        );
        assert!(placed(&fonts, blank).comments()[0].blank);
    }
    assert!((width(&fonts, "\u{A0}") - width(&fonts, " ")).abs() <= 1.0);
}

/// Half-width kana are half as wide as others; a combining mark adds nothing to its letter.
#[test]
fn kana_and_marks_have_their_widths() {
    let Some(fonts) = common::noto() else { return };
    assert!((width(&fonts, "ｱ") - 8.0 * EM).abs() <= 1.5);
    assert!((width(&fonts, "か") - 16.0 * EM).abs() <= 1.5);
    assert!((width(&fonts, "か\u{3099}") - width(&fonts, "が")).abs() <= 1.0);
    assert!((width(&fonts, "e\u{301}") - width(&fonts, "é")).abs() <= 1.0);
    assert!(coverage(&fonts, "か\u{3099}") > coverage(&fonts, "か"));
}

/// A character that the family's first face lacks comes from another one, and is drawn.
#[test]
fn missing_glyphs_come_from_other_faces() {
    let (Some(noto), Some(dejavu)) = (common::noto(), dejavu()) else {
        return;
    };
    let both = Fonts::from_files([dejavu]).expect("a font");
    assert!(!placed(&both, "☺").comments()[0].fallback);
    for text in ["\u{10A0}", "😀"] {
        let fallback = placed(&noto, text).comments()[0].fallback;
        if fallback {
            assert!(coverage(&noto, text) > 0, "{text} leaves no mark");
        }
    }
    assert!(!placed(&noto, "漢字").comments()[0].fallback);
}

fn dejavu() -> Option<PathBuf> {
    let folders = ["truetype/dejavu", "dejavu-sans-fonts", "TTF"]; // Debian's, Fedora's, Arch's
    let paths = folders.map(|folder| Path::new("/usr/share/fonts").join(folder));
    let mut paths = paths.iter().map(|folder| folder.join("DejaVuSans.ttf"));
    common::or_skip(
        paths.find(|path| path.exists()),
        "DejaVuSans.ttf (Debian: fonts-dejavu-core)",
    )
}

/// DejaVu with its outlines renamed is like a font of pictures: it has characters, and nothing to
/// draw. The next font gives the glyphs; alone, it draws nothing and breaks nothing.
#[test]
fn fonts_without_outlines_are_passed_over() {
    let Some(dejavu) = dejavu() else { return };
    let mut bytes = std::fs::read(&dejavu).expect("readable");
    let tag = bytes
        .windows(4)
        .position(|tag| tag == b"glyf")
        .expect("a table of outlines");
    bytes[tag + 3] = b'g';
    let dir = tempfile::TempDir::new().expect("a folder");
    let pictures = dir.path().join("pictures.ttf");
    std::fs::write(&pictures, bytes).expect("writable");
    let (alone, both) = (
        Fonts::from_files([&pictures]).expect("a font"),
        Fonts::from_files([&pictures, &dejavu]).expect("two fonts"),
    );
    assert_eq!(coverage(&alone, "abc☺"), 0);
    let plain = Fonts::from_files([dejavu]).expect("a font");
    assert_eq!(coverage(&both, "abc☺"), coverage(&plain, "abc☺"));
}

/// A collection is used for every family, its Japanese face first.
#[test]
fn of_a_collection_the_japanese_face_comes_first() {
    let path = Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc");
    let Some(path) = common::or_skip(path.exists().then_some(path), "NotoSansCJK-Regular.ttc")
    else {
        return;
    };
    let fonts = Fonts::from_files([path]).expect("a font");
    let more = Fonts::from_files_and_system([path]).expect("a font");
    let bytes = Fonts::from_bytes([std::fs::read(path).expect("readable")]).expect("a font");
    for font in Font::ALL.iter().copied() {
        for fonts in [&fonts, &more, &bytes] {
            assert_eq!(fonts.names(font)[0], "NotoSansCJKjp-Regular");
            assert_eq!(fonts.family(font), "Noto Sans CJK JP");
        }
        assert_eq!(fonts.names(font), bytes.names(font));
        assert!(more.names(font).len() > fonts.names(font).len());
    }
}

#[test]
fn weights_and_styles_are_told_apart_in_memory() {
    let fonts = common::subset();
    let first = |font| fonts.names(font)[0];
    assert_eq!(first(Font::Defont), "NotoSansCJKjp-Bold");
    assert_eq!(first(Font::Gothic), "NotoSansCJKjp-Regular");
    assert_eq!(first(Font::Mincho), "NotoSerifCJKjp-Regular");
}

#[test]
fn what_is_no_font_is_an_error() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let path = dir.path().join("text.ttf");
    std::fs::write(&path, "no font").expect("writable");
    let failed = Fonts::from_files([&path]);
    assert!(matches!(failed, Err(Error::NotAFont { path: named }) if named == path));
    let failed = Fonts::from_files([dir.path().join("none.ttf")]);
    assert!(matches!(failed, Err(Error::Read { .. })));
    assert!(matches!(Fonts::from_files::<&Path>([]), Err(Error::NoFont)));
    let failed = Fonts::from_bytes([&b"no font"[..]]);
    assert!(matches!(failed, Err(Error::NotAFontInMemory { index: 0 })));
    assert!(matches!(
        Fonts::from_bytes::<Vec<u8>>([]),
        Err(Error::NoFont)
    ));
}

/// Without a font full-width characters are an em wide and Latin ones half an em, and nothing is
/// drawn.
#[test]
fn widths_are_estimated_without_fonts() {
    let fonts = Fonts::estimated();
    assert!((width(&fonts, "か") - 16.0 * EM).abs() <= 1.0);
    assert!((width(&fonts, "a") - 8.0 * EM).abs() <= 1.0);
    assert!((width(&fonts, "\u{2004}") - 16.0 * EM / 3.0).abs() <= 1.0);
    assert!((width(&fonts, "か\u{3099}") - 16.0 * EM).abs() <= 1.0);
    assert!(!placed(&fonts, "あ").comments()[0].fallback);
    assert_eq!(coverage(&fonts, "あ"), 0);
    assert!(fonts.names(Font::Defont).is_empty());
    assert_eq!(fonts.family(Font::Mincho), "serif");
}

/// Hebrew and Arabic stand from right to left, numbers among them from left to right: the same
/// picture as of the letters in the order in which they are seen, written under an override from
/// left to right (U+202D).
#[test]
fn right_to_left_lines_are_drawn_as_they_are_read() {
    let Some(dejavu) = dejavu() else { return }; // it has Hebrew and Arabic
    let fonts = Fonts::from_files([dejavu]).expect("a font");
    let draw = |text: &str| {
        let comments = [Comment::new(Vpos(0), text).mail("ue")];
        let placed = layout(&comments, &fonts, &LayoutOptions::default());
        assert_eq!(placed.report().missing, [], "{text}");
        draw_stage(&placed, 100.0, 960, 540).expect("a good size")
    };
    for (written, seen) in [
        ("שלום עולם", "םלוע םולש"),
        ("abc שלום 123", "abc 123 םולש"),
        ("שלום (עולם)", "(םלוע) םולש"),
    ] {
        let (written, seen) = (draw(written), draw(&format!("\u{202D}{seen}")));
        assert!(written.pixels().any(|pixel| pixel.0[3] == 255));
        assert!(written == seen, "{seen:?}");
    }
    // Arabic letters join, so only the places of words can be compared.
    let ink = |text: &str| {
        let picture = draw(text);
        let columns = (0..960).map(|x| (0..540).any(|y| picture.get_pixel(x, y).0[3] > 0));
        columns.collect::<Vec<_>>()
    };
    let reversed: Vec<bool> = ink("ا ببببب").into_iter().rev().collect();
    let widest = |columns: &[bool]| {
        let runs = columns.split(|ink| !ink).map(<[bool]>::len);
        runs.filter(|&run| run > 0).collect::<Vec<_>>()
    };
    let (first, last) = (
        widest(&reversed)[0],
        *widest(&reversed).last().expect("ink"),
    );
    assert!(
        first < last / 2,
        "the first letter stands on the right: {first}, {last}"
    );
}
