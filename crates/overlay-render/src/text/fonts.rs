use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use memmap2::Mmap;
use nico_comments::Font;
use rustybuzz::ttf_parser;

use super::shaped::Shaped;
use crate::error::Error;

/// Families with Japanese characters, the wished one first, for `defont` and `gothic`.
const SANS: &[&str] = &[
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "Source Han Sans",
    "Hiragino Sans",
    "Hiragino Kaku Gothic ProN",
    "Yu Gothic",
    "Meiryo",
    "BIZ UDPGothic",
    "IPAexGothic",
    "IPAPGothic",
    "TakaoPGothic",
    "VL PGothic",
    "MS PGothic",
    "MS Gothic",
];
/// The same for `mincho`.
const SERIF: &[&str] = &[
    "Noto Serif CJK JP",
    "Noto Serif JP",
    "Source Han Serif JP",
    "Source Han Serif",
    "Hiragino Mincho ProN",
    "Yu Mincho",
    "BIZ UDPMincho",
    "IPAexMincho",
    "IPAPMincho",
    "TakaoPMincho",
    "MS PMincho",
];

/// The fonts that comments are measured and drawn with: for each family of the mail commands a chain of faces, of which the
/// first that has a character gives its glyph.
///
/// Files are mapped into memory when a face is first needed, and shared by everything that draws with this object, also
/// from other threads. Building it looks at the fonts of the system once; build it once and lend it.
///
/// ```no_run
/// use nico_comments::Font;
/// use overlay_render::Fonts;
///
/// let fonts = Fonts::system()?; // needs a Japanese font, for example Debian's fonts-noto-cjk
/// println!("defont is {}", fonts.names(Font::Defont)[0]);
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Clone)]
pub struct Fonts {
    faces: Arc<[FaceSource]>,
    chains: Arc<[Vec<u16>; 3]>, // of Defont, Gothic, Mincho
    shaped: Arc<Mutex<Shaped>>, // lent to one shaper at a time
}

struct FaceSource {
    name: String,
    family: String,
    weight: u16,
    upright: bool,
    file: Arc<FontFile>,
    index: u32, // in the collection
}

struct FontFile {
    path: PathBuf,
    map: OnceLock<Option<Mmap>>,
}

impl FontFile {
    fn bytes(&self) -> Option<&[u8]> {
        self.map
            .get_or_init(|| map_file(&self.path).ok())
            .as_deref()
    }
}

#[expect(
    unsafe_code,
    reason = "font files are 20 MB each and mapped by every program that draws text; installed fonts are replaced, not rewritten in place"
)]
fn map_file(path: &Path) -> std::io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the map is only read, and every offset in it is checked by the parser.
    unsafe { Mmap::map(&file) }
}

impl Fonts {
    /// The fonts installed on this system. `defont` is the bold face of a Japanese sans serif family (Noto Sans CJK JP if it
    /// is there), `gothic` its regular face, `mincho` a Japanese serif face; after them other Japanese faces, DejaVu, and
    /// every other installed face.
    ///
    /// # Errors
    ///
    /// [`Error::NoFont`] if no face has Japanese characters.
    pub fn system() -> Result<Self, Error> {
        let mut database = fontdb::Database::new();
        database.load_system_fonts();
        let faces = sources(&database);
        if !faces.iter().any(FaceSource::is_japanese) {
            return Err(Error::NoFont);
        }
        Ok(Self::build(faces, 0))
    }

    /// The faces of these files only, in this order; of a collection the Japanese faces first. Where a family comes in
    /// several weights, `defont` takes the one nearest to bold and the others the one nearest to regular; families with
    /// "Serif" or "Mincho" in their name go first for `mincho` and last for the others.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or holds no font, and an empty list ([`Error::NoFont`]).
    pub fn from_files<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, Error> {
        let faces = file_sources(paths)?;
        let given = faces.len();
        Ok(Self::build(faces, given))
    }

    /// As [`from_files`](Self::from_files), with the system's fonts behind them for missing characters.
    ///
    /// # Errors
    ///
    /// As [`from_files`](Self::from_files).
    pub fn from_files_and_system<P: AsRef<Path>>(
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Self, Error> {
        let mut faces = file_sources(paths)?;
        let given = faces.len();
        let mut database = fontdb::Database::new();
        database.load_system_fonts();
        faces.extend(sources(&database));
        Ok(Self::build(faces, given))
    }

    /// PostScript names of a family's faces, in the order they are asked for a glyph.
    #[must_use]
    pub fn names(&self, font: Font) -> Vec<&str> {
        self.chain(font)
            .iter()
            .map(|&face| self.faces[usize::from(face)].name.as_str())
            .collect()
    }

    /// The family name of the first face for `font`, as other programs know it ("Noto Sans CJK JP").
    #[must_use]
    pub fn family(&self, font: Font) -> &str {
        &self.faces[usize::from(self.chain(font)[0])].family
    }

    /// What shapers have shaped so far, for the next one to go on with. Empty while another one has it.
    pub(super) fn take_shaped(&self) -> Shaped {
        std::mem::take(&mut *self.shaped.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes back what a shaper has shaped, unless another one gave back more.
    pub(super) fn keep_shaped(&self, shaped: Shaped) {
        let mut kept = self.shaped.lock().unwrap_or_else(PoisonError::into_inner);
        if shaped.bytes() > kept.bytes() {
            *kept = shaped;
        }
    }

    pub(crate) fn num_faces(&self) -> usize {
        self.faces.len()
    }

    pub(crate) fn chain(&self, font: Font) -> &[u16] {
        &self.chains[slot(font)]
    }

    pub(crate) fn data(&self, face: u16) -> Option<(&[u8], u32)> {
        let source = self.faces.get(usize::from(face))?;
        Some((source.file.bytes()?, source.index))
    }

    /// `given` faces at the start stand in the order the caller wants, the rest are the system's.
    fn build(mut faces: Vec<FaceSource>, given: usize) -> Self {
        faces.truncate(usize::from(u16::MAX));
        let chains = [(700, SANS, false), (400, SANS, false), (400, SERIF, true)].map(
            |(weight, families, serif)| {
                let mut order: Vec<usize> = (0..faces.len()).collect();
                order.sort_by_cached_key(|&i| {
                    let face = &faces[i];
                    let distance = face.weight.abs_diff(weight);
                    if i < given {
                        let family = faces[..given].iter().position(|f| f.family == face.family);
                        let style = (face.is_serif() != serif, !face.name_is_japanese());
                        return (0, family, style, distance, i);
                    }
                    let rank = rank(face, families, serif);
                    (
                        1 + rank.0,
                        Some(rank.1),
                        (!face.upright, false),
                        distance,
                        i,
                    )
                });
                // Within the given faces the style goes before the order of families.
                let given_count = order.iter().take_while(|&&i| i < given).count();
                order[..given_count].sort_by_key(|&i| faces[i].is_serif() != serif);
                order
                    .into_iter()
                    .filter_map(|i| u16::try_from(i).ok())
                    .collect()
            },
        );
        Self {
            faces: faces.into(),
            chains: Arc::new(chains),
            shaped: Arc::default(),
        }
    }
}

/// Where a system face stands in a chain: the listed families, other Japanese faces, the other style's families, DejaVu, the rest.
fn rank(face: &FaceSource, families: &[&str], serif: bool) -> (u8, usize) {
    let position = |list: &[&str]| list.iter().position(|&name| name == face.family);
    let other = if serif { SANS } else { SERIF };
    if let Some(place) = position(families) {
        (0, place)
    } else if let Some(place) = position(other) {
        (if serif { 1 } else { 2 }, place)
    } else if face.name_is_japanese() {
        (2, families.len())
    } else if face.family.starts_with("DejaVu") {
        let wanted = if serif { "DejaVu Serif" } else { "DejaVu Sans" };
        (3, usize::from(face.family != wanted))
    } else {
        (4, usize::from(face.family.contains("Mono")))
    }
}

pub(crate) fn slot(font: Font) -> usize {
    match font {
        Font::Defont => 0,
        Font::Gothic => 1,
        Font::Mincho => 2,
    }
}

impl FaceSource {
    fn is_japanese(&self) -> bool {
        let Some(bytes) = self.file.bytes() else {
            return false;
        };
        ttf_parser::Face::parse(bytes, self.index)
            .is_ok_and(|face| face.glyph_index('あ').is_some())
    }

    fn name_is_japanese(&self) -> bool {
        SANS.contains(&self.family.as_str())
            || SERIF.contains(&self.family.as_str())
            || self.family.ends_with(" JP")
    }

    fn is_serif(&self) -> bool {
        let family = &self.family;
        ["Serif", "Mincho", "明朝"]
            .iter()
            .any(|word| family.contains(word))
    }
}

fn file_sources<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
) -> Result<Vec<FaceSource>, Error> {
    let mut faces = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let mut database = fontdb::Database::new();
        database
            .load_font_file(path)
            .map_err(|source| Error::io(path, source))?;
        let mut found = sources(&database);
        if found.is_empty() {
            return Err(Error::NotAFont {
                path: path.to_owned(),
            });
        }
        found.sort_by_key(|face| (!face.name_is_japanese(), face.family.contains("Mono")));
        faces.extend(found);
    }
    if faces.is_empty() {
        return Err(Error::NoFont);
    }
    Ok(faces)
}

fn sources(database: &fontdb::Database) -> Vec<FaceSource> {
    let mut files: Vec<Arc<FontFile>> = Vec::new();
    let mut faces: Vec<FaceSource> = database
        .faces()
        .filter_map(|info| {
            let (fontdb::Source::File(path) | fontdb::Source::SharedFile(path, _)) = &info.source
            else {
                return None;
            };
            let known = files.iter().find(|file| &file.path == path).map(Arc::clone);
            let file = known.unwrap_or_else(|| {
                let file = Arc::new(FontFile {
                    path: path.clone(),
                    map: OnceLock::new(),
                });
                files.push(Arc::clone(&file));
                file
            });
            Some(FaceSource {
                name: info.post_script_name.clone(),
                family: info.families.first()?.0.clone(),
                weight: info.weight.0,
                upright: info.style == fontdb::Style::Normal
                    && info.stretch == fontdb::Stretch::Normal,
                file,
                index: info.index,
            })
        })
        .collect();
    // Folders are read in no particular order; chains must not depend on it.
    faces.sort_by(|a, b| (&a.name, &a.file.path, a.index).cmp(&(&b.name, &b.file.path, b.index)));
    faces
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = |font| self.names(font).first().map(|&name| name.to_owned());
        f.debug_struct("Fonts")
            .field("defont", &first(Font::Defont))
            .field("gothic", &first(Font::Gothic))
            .field("mincho", &first(Font::Mincho))
            .field("faces", &self.faces.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILIES: [Font; 3] = [Font::Defont, Font::Gothic, Font::Mincho];

    #[test]
    fn a_file_is_used_for_every_family_its_japanese_face_first() {
        let Ok(system) = Fonts::system() else {
            eprintln!("skipped: no Japanese font");
            return;
        };
        let first = &system.faces[usize::from(system.chain(Font::Gothic)[0])];
        let fonts = Fonts::from_files([&first.file.path]).expect("a font");
        for font in FAMILIES {
            assert_eq!(fonts.names(font)[0], first.name);
            assert_eq!(fonts.family(font), first.family);
        }
        let more = Fonts::from_files_and_system([&first.file.path]).expect("a font");
        assert!(more.num_faces() > fonts.num_faces());
        assert_eq!(more.names(Font::Mincho)[0], first.name);
    }

    #[test]
    fn what_is_no_font_is_an_error() {
        let dir = tempfile::TempDir::new().expect("a folder");
        let path = dir.path().join("text.ttf");
        std::fs::write(&path, "no font").expect("writable");
        assert!(matches!(
            Fonts::from_files([&path]),
            Err(Error::NotAFont { .. })
        ));
        assert!(matches!(Fonts::from_files::<&str>([]), Err(Error::NoFont)));
    }
}
