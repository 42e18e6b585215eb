use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use nico_comments::Font;

use super::faces::{self, FaceSource, GULIM, SANS, SERIF, SIMSUN};
use super::family::Family;
use super::prepared::Prepared;
use super::shaped::Shaped;
use crate::error::Error;

/// The fonts that comments are measured and drawn with: for each family of the mail commands a
/// chain of faces, of which the first that has a character gives its glyph.
///
/// Everything that draws with this object shares its fonts, also from other threads; files are
/// mapped into memory when a face of them is first needed. Build it once and lend it.
///
/// ```
/// use nico_comments::Font;
/// use overlay_render::Fonts;
///
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fonts");
/// # let read = |name: &str| std::fs::read(format!("{folder}/{name}"));
/// // Files, what `include_bytes!` gives, or what a page fetched.
/// let bold: Vec<u8> = read("NotoCJKjp-Sans-Bold.subset.otf")?;
/// let serif: Vec<u8> = read("NotoCJKjp-Serif-Regular.subset.otf")?;
/// let fonts = Fonts::from_bytes([bold, serif])?;
/// assert_eq!(fonts.family(Font::Defont), "Noto Sans CJK JP");
/// assert_eq!(fonts.family(Font::Mincho), "Noto Serif CJK JP");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Fonts {
    faces: Arc<[FaceSource]>,
    chains: Arc<[Vec<u16>; Family::ALL.len()]>, // by slot; empty if widths are estimated
    prepared: Arc<Prepared>,
    shaped: Arc<Mutex<Shaped>>, // lent to one shaper at a time
}

impl Fonts {
    /// Fonts in memory, in this order: whole font files (TrueType, OpenType or collections of
    /// them), of a collection the Japanese faces first.
    ///
    /// Where a family comes in several weights, `defont` takes the one nearest to bold and the
    /// others the one nearest to regular; families with "Serif" or "Mincho" in their name go first
    /// for `mincho` and last for the others.
    ///
    /// # Errors
    ///
    /// [`Error::NotAFontInMemory`] for bytes that are no font, [`Error::NoFont`] without any.
    pub fn from_bytes<B: Into<Cow<'static, [u8]>>>(
        fonts: impl IntoIterator<Item = B>,
    ) -> Result<Self, Error> {
        let mut all = Vec::new();
        for (index, bytes) in fonts.into_iter().enumerate() {
            let bytes: Cow<'static, [u8]> = bytes.into();
            let found = faces::in_memory(Arc::new(bytes));
            if found.is_empty() {
                return Err(Error::NotAFontInMemory { index });
            }
            all.extend(found);
        }
        Self::given(all)
    }

    /// The fonts of these files only, in this order; see [`from_bytes`](Self::from_bytes). With
    /// the feature `system-fonts` files are mapped into memory, without it they are read.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] for a file that cannot be read, [`Error::NotAFont`] for one that holds no
    /// font, [`Error::NoFont`] without any.
    pub fn from_files<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, Error> {
        Self::given(in_files(paths)?)
    }

    /// The fonts installed on this system. `defont` is the bold face of a Japanese sans serif
    /// family (Noto Sans CJK JP if it is there), `gothic` its regular face, `mincho` a Japanese
    /// serif face; after them other Japanese faces, DejaVu, and every other installed face.
    ///
    /// # Errors
    ///
    /// [`Error::NoJapaneseFont`] if no face has Japanese characters. macOS and Windows come with
    /// some; Debian's package is `fonts-noto-cjk`, Fedora's `google-noto-sans-cjk-fonts`, Arch's
    /// `noto-fonts-cjk`.
    #[cfg(feature = "system-fonts")]
    pub fn system() -> Result<Self, Error> {
        let faces = faces::installed();
        if !faces.iter().any(FaceSource::is_japanese) {
            return Err(Error::NoJapaneseFont);
        }
        Ok(Self::build(faces, 0))
    }

    /// As [`from_files`](Self::from_files), with the system's fonts behind them for missing
    /// characters.
    ///
    /// # Errors
    ///
    /// As [`from_files`](Self::from_files).
    #[cfg(feature = "system-fonts")]
    pub fn from_files_and_system<P: AsRef<Path>>(
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Self, Error> {
        let mut faces = in_files(paths)?;
        let given = faces.len();
        if given == 0 {
            return Err(Error::NoFont);
        }
        faces.extend(faces::installed());
        Ok(Self::build(faces, given))
    }

    /// No font at all: widths are estimated, half an em for Latin and half-width characters and an
    /// em for others.
    ///
    /// Enough to lay comments out and to write them as ASS or JSON where no font is at hand; lanes
    /// can be a little too narrow or wide. What is drawn with it has no letters.
    #[must_use]
    pub fn estimated() -> Self {
        Self {
            faces: Arc::default(),
            chains: Arc::default(),
            prepared: Arc::default(),
            shaped: Arc::default(),
        }
    }

    /// PostScript names of a family's faces, in the order they are asked for a glyph.
    #[must_use]
    pub fn names(&self, font: Font) -> Vec<&str> {
        self.chain(font.into())
            .iter()
            .map(|&face| self.faces[usize::from(face)].name.as_str())
            .collect()
    }

    /// The family name of the first face for `font`, as other programs know it ("Noto Sans CJK
    /// JP"); the generic name if widths are [estimated](Self::estimated).
    #[must_use]
    pub fn family(&self, font: Font) -> &str {
        self.first_family(font.into())
    }

    /// What shapers have shaped so far, for the next one to go on with. Empty while another one has
    /// it.
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

    /// A family's faces in the order they are asked for a glyph; empty if widths are estimated.
    pub(crate) fn chain(&self, family: Family) -> &[u16] {
        &self.chains[family.slot()]
    }

    /// The name of a family's first face's family, or the generic one.
    pub(crate) fn first_family(&self, family: Family) -> &str {
        match self.chain(family).first() {
            Some(&face) => &self.faces[usize::from(face)].family,
            None if family.has_serifs() => "serif",
            None => "sans-serif",
        }
    }

    pub(crate) fn data(&self, face: u16) -> Option<(&[u8], u32)> {
        self.faces.get(usize::from(face))?.data()
    }

    /// Tokens that need not be shaped.
    pub(super) fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Faces in the order in which each family asks them, and tokens that need not be shaped.
    pub(super) fn in_order(
        faces: Vec<FaceSource>,
        chains: [Vec<u16>; Family::ALL.len()],
        prepared: Prepared,
    ) -> Self {
        Self {
            faces: faces.into(),
            chains: Arc::new(chains),
            prepared: Arc::new(prepared),
            shaped: Arc::default(),
        }
    }

    fn given(faces: Vec<FaceSource>) -> Result<Self, Error> {
        match faces.len() {
            0 => Err(Error::NoFont),
            given => Ok(Self::build(faces, given)),
        }
    }

    /// `given` faces at the start stand in the order the caller wants, the rest are the system's.
    fn build(mut faces: Vec<FaceSource>, given: usize) -> Self {
        faces.truncate(usize::from(u16::MAX));
        let pictures: Vec<bool> = faces
            .iter()
            .take(given)
            .map(FaceSource::is_pictures)
            .collect();
        let chains = Family::ALL.map(|family| {
            let serif = family.has_serifs();
            let families = if serif { SERIF } else { SANS };
            let own = match family {
                Family::Gulim => GULIM,
                Family::SimSun => SIMSUN,
                Family::Defont | Family::Gothic | Family::Mincho => &[],
            };
            let weight = match family {
                Family::Defont | Family::Gulim => 700,
                Family::Gothic | Family::Mincho | Family::SimSun => 400,
            };
            let mut order: Vec<usize> = (0..faces.len()).collect();
            order.sort_by_cached_key(|&i| {
                let face = &faces[i];
                let distance = face.weight.abs_diff(weight);
                if let Some(place) = own.iter().position(|&name| name == face.family) {
                    return (0, Some(place), (false, false), distance, i);
                }
                if pictures.get(i) == Some(&true) {
                    // Behind all letters, before other pictures.
                    return (6, None, (false, false), 0, i);
                }
                if i < given {
                    let family = faces[..given].iter().position(|f| f.family == face.family);
                    let style = (face.is_serif() != serif, !face.name_is_japanese());
                    return (1, family, style, distance, i);
                }
                let rank = rank(face, families, serif);
                (
                    2 + rank.0,
                    Some(rank.1),
                    (!face.upright, false),
                    distance,
                    i,
                )
            });
            // Within the given faces the style goes before the order of families.
            let is_letters = |&&i: &&usize| i < given && !pictures[i];
            let is_own = |&&i: &&usize| own.contains(&faces[i].family.as_str());
            let own_count = order.iter().take_while(is_own).count();
            let others = &mut order[own_count..];
            let given_count = others.iter().take_while(is_letters).count();
            others[..given_count].sort_by_key(|&i| faces[i].is_serif() != serif);
            order
                .into_iter()
                .filter_map(|i| u16::try_from(i).ok())
                .collect()
        });
        Self {
            faces: faces.into(),
            chains: Arc::new(chains),
            prepared: Arc::default(),
            shaped: Arc::default(),
        }
    }
}

fn in_files<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Vec<FaceSource>, Error> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(faces::in_file(path.as_ref())?);
    }
    Ok(all)
}

/// Where a system face stands in a chain: the listed families, other Japanese faces, the other
/// style's families, DejaVu, the rest.
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
