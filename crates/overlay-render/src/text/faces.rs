//! Faces of fonts, and the bytes that they come from.

use std::path::Path;
use std::sync::Arc;

use fontdb::{Database, Source};
use rustybuzz::ttf_parser;

#[cfg(feature = "system-fonts")]
use super::mapped::MappedFile;
use crate::error::Error;

/// Families with Japanese characters, the wished one first, for `defont` and `gothic`.
pub(super) const SANS: &[&str] = &[
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
pub(super) const SERIF: &[&str] = &[
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

/// Families for the Flash player's Gulim, and for its SimSun, as Windows has them.
pub(super) const GULIM: &[&str] = &["Gulim", "굴림"];
pub(super) const SIMSUN: &[&str] = &["SimSun", "Batang", "PMingLiU", "MingLiU-ExtB"];

/// A face, what it calls itself, and where its glyphs are.
pub(super) struct FaceSource {
    pub(super) name: String,
    pub(super) family: String,
    pub(super) weight: u16,
    pub(super) upright: bool,
    data: FontData,
    index: u32, // in the collection
}

/// The bytes of a font, which its faces share.
#[derive(Clone)]
enum FontData {
    Memory(Arc<dyn AsRef<[u8]> + Send + Sync>),
    #[cfg(feature = "system-fonts")]
    File(Arc<MappedFile>),
}

impl FaceSource {
    /// The font's bytes, if its file can be read, and which of its faces this is.
    pub(super) fn data(&self) -> Option<(&[u8], u32)> {
        let bytes = match &self.data {
            FontData::Memory(bytes) => (**bytes).as_ref(),
            #[cfg(feature = "system-fonts")]
            FontData::File(file) => file.bytes()?,
        };
        Some((bytes, self.index))
    }

    /// The file that it lies in, if it lies in one.
    pub(super) fn path(&self) -> Option<&Path> {
        match &self.data {
            FontData::Memory(_) => None,
            #[cfg(feature = "system-fonts")]
            FontData::File(file) => Some(file.path()),
        }
    }

    /// Whether it has kana.
    #[cfg(feature = "system-fonts")]
    pub(super) fn is_japanese(&self) -> bool {
        let face = self
            .data()
            .and_then(|(bytes, index)| ttf_parser::Face::parse(bytes, index).ok());
        face.is_some_and(|face| face.glyph_index('あ').is_some())
    }

    /// Whether it has pictures and no letters.
    pub(super) fn is_pictures(&self) -> bool {
        let face = self
            .data()
            .and_then(|(bytes, index)| ttf_parser::Face::parse(bytes, index).ok());
        face.is_some_and(|face| has_pictures(&face) && !has_outlines(&face))
    }

    /// Whether its family's name says that it is Japanese.
    pub(super) fn name_is_japanese(&self) -> bool {
        SANS.contains(&self.family.as_str())
            || SERIF.contains(&self.family.as_str())
            || self.family.ends_with(" JP")
    }

    /// Whether its family's name says that it has serifs.
    pub(super) fn is_serif(&self) -> bool {
        let family = &self.family;
        ["Serif", "Mincho", "明朝"]
            .iter()
            .any(|word| family.contains(word))
    }
}

/// Whether it has letters to draw and to outline. Fonts of pictures, as emoji come in, have none.
pub(super) fn has_outlines(face: &ttf_parser::Face<'_>) -> bool {
    let tables = face.tables();
    tables.glyf.is_some() || tables.cff.is_some() || tables.cff2.is_some()
}

/// Whether it has glyphs in colour: bitmaps (CBDT, sbix) or layers (COLR).
pub(crate) fn has_pictures(face: &ttf_parser::Face<'_>) -> bool {
    let tables = face.tables();
    tables.cbdt.is_some() || tables.sbix.is_some() || tables.colr.is_some()
}

/// The faces of a font in memory, Japanese ones first; none if it is no font.
pub(super) fn in_memory(bytes: Arc<dyn AsRef<[u8]> + Send + Sync>) -> Vec<FaceSource> {
    let mut database = Database::new();
    database.load_font_source(Source::Binary(bytes));
    japanese_first(sources(&database))
}

/// The faces of a font file, Japanese ones first.
pub(super) fn in_file(path: &Path) -> Result<Vec<FaceSource>, Error> {
    #[cfg(feature = "system-fonts")]
    let faces = {
        let mut database = Database::new();
        database
            .load_font_file(path)
            .map_err(|error| Error::read(path, error))?;
        japanese_first(sources(&database))
    };
    #[cfg(not(feature = "system-fonts"))]
    let faces = in_memory(Arc::new(
        std::fs::read(path).map_err(|error| Error::read(path, error))?,
    ));
    if faces.is_empty() {
        let path = path.to_owned();
        return Err(Error::NotAFont { path });
    }
    Ok(faces)
}

/// The faces that are installed.
#[cfg(feature = "system-fonts")]
pub(super) fn installed() -> Vec<FaceSource> {
    let mut database = Database::new();
    database.load_system_fonts();
    sources(&database)
}

fn japanese_first(mut faces: Vec<FaceSource>) -> Vec<FaceSource> {
    faces.sort_by_key(|face| (!face.name_is_japanese(), face.family.contains("Mono")));
    faces
}

fn sources(database: &Database) -> Vec<FaceSource> {
    #[cfg(feature = "system-fonts")]
    let mut files: Vec<Arc<MappedFile>> = Vec::new();
    let mut faces = Vec::new();
    for info in database.faces() {
        let Some((family, _)) = info.families.first() else {
            continue;
        };
        let data = match &info.source {
            Source::Binary(bytes) => FontData::Memory(Arc::clone(bytes)),
            #[cfg(feature = "system-fonts")]
            Source::File(path) | Source::SharedFile(path, _) => {
                let known = files
                    .iter()
                    .find(|file| file.path() == path)
                    .map(Arc::clone);
                FontData::File(known.unwrap_or_else(|| {
                    let file = Arc::new(MappedFile::new(path));
                    files.push(Arc::clone(&file));
                    file
                }))
            }
        };
        faces.push(FaceSource {
            name: info.post_script_name.clone(),
            family: family.clone(),
            weight: info.weight.0,
            upright: info.style == fontdb::Style::Normal && info.stretch == fontdb::Stretch::Normal,
            data,
            index: info.index,
        });
    }
    // Folders are read in no particular order; chains must not depend on it.
    faces.sort_by(|a, b| (&a.name, a.path(), a.index).cmp(&(&b.name, b.path(), b.index)));
    faces
}
