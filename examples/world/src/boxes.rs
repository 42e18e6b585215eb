//! Ground truth: which character is where in which frame.

use std::io::{self, Write};

use serde::Serialize;

/// Ground truth of a show: which character can be seen where, what is written to its `boxes.json`.
/// `nico_corpus::Boxes` reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Boxes {
    /// Frames a second as a fraction.
    pub fps: [u32; 2],
    /// Number of frames of the video.
    pub frames: usize,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// Who may be in the picture.
    pub characters: Vec<BoxCharacter>,
    /// Sorted by their first frame.
    pub boxes: Vec<CharacterBox>,
}

/// A character and what comments call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BoxCharacter {
    /// What boxes call it.
    pub id: String,
    /// What comments call it: the name and its variants, the plain name first.
    pub names: Vec<String>,
}

/// Bounding box of a character during some frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CharacterBox {
    /// The character's id.
    pub character: String,
    /// The first frame and the one after the last.
    pub frames: [usize; 2],
    /// Left, top, width and height in pixels of what can be seen of the character.
    #[serde(rename = "box")]
    pub rect: [u32; 4],
}

impl Boxes {
    /// Writes a `boxes.json`, one box a line.
    ///
    /// # Errors
    ///
    /// `out` fails.
    ///
    /// # Example
    ///
    /// ```
    /// use world::{Show, WorldOptions, write_comments};
    ///
    /// let options = WorldOptions::default().seconds(5.0).comments(50);
    /// let folder = tempfile::tempdir()?;
    /// let boxes = write_comments(Show::Cafe, &folder.path().join("comments.xml"), &options)?;
    /// let mut json = Vec::new();
    /// boxes.write_to(&mut json)?;
    /// assert!(json.starts_with(br#"{"fps":[30000,1001],"frames":150,"width":640,"height":480,"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_to(&self, mut out: impl Write) -> io::Result<()> {
        let Self {
            fps: [frames, seconds],
            width,
            height,
            ..
        } = self;
        write!(
            out,
            "{{\"fps\":[{frames},{seconds}],\"frames\":{},",
            self.frames
        )?;
        writeln!(out, "\"width\":{width},\"height\":{height},")?;
        let characters = serde_json::to_string(&self.characters)?;
        write!(out, "\"characters\":{characters},\n\"boxes\":[")?;
        for (i, one) in self.boxes.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(out, "{comma}\n{}", serde_json::to_string(one)?)?;
        }
        writeln!(out, "\n]}}")
    }
}
