//! Ground truth: which character is where in which frame.

use std::io::{BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::whole::write_whole;

/// Which character is where: the contents of a show's `boxes.json`.
///
/// ```json
/// {"fps": [30000, 1001], "frames": 2698, "width": 640, "height": 480,
///  "characters": [{"id": "ruri", "names": ["ルリ", "ルリちゃん"]}],
///  "boxes": [{"character": "ruri", "frames": [274, 276], "box": [316, 110, 240, 302]}]}
/// ```
///
/// `frames` are the first frame and the one after the last; `box` is left, top, width and height in pixels of what
/// can be seen of the character. Several boxes may hold in one frame, one for each character in the picture.
///
/// # Example
///
/// ```
/// use world::Boxes;
///
/// let boxes = Boxes::parse(
///     r#"{"fps": [30, 1], "frames": 4, "width": 64, "height": 48,
///         "characters": [{"id": "ruri", "names": ["ルリ"]}],
///         "boxes": [{"character": "ruri", "frames": [1, 3], "box": [8, 8, 20, 40]}]}"#,
/// )?;
/// assert!(boxes.is_present("ruri", 2));
/// assert!(!boxes.is_present("ruri", 3));
/// assert_eq!(boxes.share_of_time("ruri"), 0.5);
/// assert_eq!(boxes.mentioned("ルリちゃんだ").count(), 1);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boxes {
    /// Frames a second as a fraction.
    pub fps: [u32; 2],
    /// How many frames the video has.
    pub frames: usize,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// Who may be in the picture.
    pub characters: Vec<BoxCharacter>,
    /// Sorted by their first frame.
    boxes: Vec<CharacterBox>,
    /// For each box, the latest end among it and all before it.
    #[serde(skip)]
    ends: Vec<usize>,
}

/// A character and what comments call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoxCharacter {
    /// What boxes call it.
    pub id: String,
    /// What comments call it: the name and its variants, the plain name first.
    pub names: Vec<String>,
}

/// Where a character is during some frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharacterBox {
    /// The character's id.
    pub character: String,
    /// The first frame and the one after the last.
    pub frames: [usize; 2],
    /// Left, top, width and height in pixels.
    #[serde(rename = "box")]
    pub rect: [u32; 4],
}

impl Boxes {
    pub(crate) fn new(
        fps: [u32; 2],
        frames: usize,
        [width, height]: [u32; 2],
        characters: Vec<BoxCharacter>,
        boxes: Vec<CharacterBox>,
    ) -> Self {
        Self {
            fps,
            frames,
            width,
            height,
            characters,
            boxes,
            ends: Vec::new(),
        }
        .indexed()
    }

    /// Reads a `boxes.json`.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is not JSON of this form or has boxes outside of the video.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, source))?;
        let boxes: Self = serde_json::from_str(&text).map_err(|source| Error::Json {
            path: path.to_owned(),
            source,
        })?;
        match boxes.fault() {
            Some(what) => Err(Error::Boxes {
                path: path.to_owned(),
                what,
            }),
            None => Ok(boxes.indexed()),
        }
    }

    /// Reads boxes from the text of a `boxes.json`.
    ///
    /// # Errors
    ///
    /// The text is not JSON of this form or has boxes outside of the video; the message says which.
    pub fn parse(text: &str) -> Result<Self, String> {
        let boxes: Self = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
        boxes.fault().map_or_else(|| Ok(boxes.indexed()), Err)
    }

    /// Writes a `boxes.json`, one box a line.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        write_whole(path, |file| {
            let mut out = BufWriter::new(file);
            self.write_to(&mut out)
                .and_then(|()| out.flush())
                .map_err(|source| Error::io(path, source))
        })
    }

    pub(crate) fn write_to(&self, out: &mut impl Write) -> std::io::Result<()> {
        let [rate, per] = self.fps;
        write!(
            out,
            "{{\"fps\":[{rate},{per}],\"frames\":{},\"width\":{},\"height\":{},",
            self.frames, self.width, self.height
        )?;
        write!(
            out,
            "\n\"characters\":{},\n\"boxes\":[",
            serde_json::to_string(&self.characters)?
        )?;
        for (i, one) in self.boxes.iter().enumerate() {
            write!(
                out,
                "{}\n{}",
                if i == 0 { "" } else { "," },
                serde_json::to_string(one)?
            )?;
        }
        writeln!(out, "\n]}}")
    }

    /// All boxes, sorted by their first frame.
    pub fn boxes(&self) -> &[CharacterBox] {
        &self.boxes
    }

    /// The boxes that hold in a frame.
    pub fn present(&self, frame: usize) -> impl Iterator<Item = &CharacterBox> {
        let begun = self.boxes.partition_point(|one| one.frames[0] <= frame);
        (0..begun)
            .rev()
            .take_while(move |&i| self.ends[i] > frame)
            .map(|i| &self.boxes[i])
            .filter(move |one| one.frames[1] > frame)
    }

    /// Whether a character can be seen in a frame.
    pub fn is_present(&self, character: &str, frame: usize) -> bool {
        self.present(frame).any(|one| one.character == character)
    }

    /// The characters whose names occur in a text.
    pub fn mentioned(&self, text: &str) -> impl Iterator<Item = &BoxCharacter> {
        self.characters.iter().filter(move |character| {
            character
                .names
                .iter()
                .any(|name| text.contains(name.as_str()))
        })
    }

    /// The share of all frames in which a character can be seen: how often a name said at random would be right.
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits")]
    pub fn share_of_time(&self, character: &str) -> f64 {
        let mut seen = 0;
        let mut reached = 0;
        for one in self.boxes.iter().filter(|one| one.character == character) {
            seen += one.frames[1].saturating_sub(one.frames[0].max(reached));
            reached = reached.max(one.frames[1]);
        }
        if self.frames == 0 {
            0.0
        } else {
            seen as f64 / self.frames as f64
        }
    }

    /// Counts how many names are said while their character can be seen.
    ///
    /// `comments` are frames with what is written there. A comment that names two characters counts twice.
    pub fn naming<'a>(&self, comments: impl IntoIterator<Item = (usize, &'a str)>) -> Naming {
        let shares: Vec<_> = self
            .characters
            .iter()
            .map(|one| self.share_of_time(&one.id))
            .collect();
        let mut naming = Naming::default();
        for (frame, text) in comments {
            for (character, share) in self.characters.iter().zip(&shares) {
                if character
                    .names
                    .iter()
                    .any(|name| text.contains(name.as_str()))
                {
                    naming.said += 1;
                    naming.seen += u64::from(self.is_present(&character.id, frame));
                    naming.expected += share;
                }
            }
        }
        naming
    }

    fn indexed(mut self) -> Self {
        self.boxes.sort_by_key(|one| one.frames[0]);
        let mut latest = 0;
        self.ends = self
            .boxes
            .iter()
            .map(|one| {
                latest = latest.max(one.frames[1]);
                latest
            })
            .collect();
        self
    }

    fn fault(&self) -> Option<String> {
        for one in &self.boxes {
            let [left, top, width, height] = one.rect.map(u64::from);
            if !self
                .characters
                .iter()
                .any(|character| character.id == one.character)
            {
                return Some(format!(
                    "a box is of the character {:?}, which is not listed",
                    one.character
                ));
            }
            if one.frames[0] >= one.frames[1] || one.frames[1] > self.frames {
                return Some(format!(
                    "a box holds in frames {:?} of a video of {} frames",
                    one.frames, self.frames
                ));
            }
            if left + width > u64::from(self.width) || top + height > u64::from(self.height) {
                return Some(format!(
                    "the box {:?} is not in a picture of {}x{}",
                    one.rect, self.width, self.height
                ));
            }
        }
        None
    }
}

/// How many names were said, and how many of them while their character could be seen.
///
/// # Example
///
/// ```
/// let naming = world::Naming { said: 8, seen: 6, expected: 2.0 };
/// assert_eq!((naming.share(), naming.chance()), (0.75, 0.25));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Naming {
    /// Names said.
    pub said: u64,
    /// Names said while their character could be seen.
    pub seen: u64,
    /// How many would have been if the same names had been said at random moments.
    pub expected: f64,
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more digits")]
impl Naming {
    /// The share of names said while their character could be seen; 0 where no name was said.
    pub fn share(&self) -> f64 {
        if self.said == 0 {
            0.0
        } else {
            self.seen as f64 / self.said as f64
        }
    }

    /// The share that chance would give: the same names at random moments.
    pub fn chance(&self) -> f64 {
        if self.said == 0 {
            0.0
        } else {
            self.expected / self.said as f64
        }
    }
}
