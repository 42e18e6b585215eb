//! Ground truth: which character is where in which frame of a video.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{boxes_error::BoxesError, error::Error};

/// Ground truth of a video: which character can be seen where, the contents of a `boxes.json`.
///
/// ```json
/// {"fps": [30000, 1001], "frames": 2698, "width": 640, "height": 480,
///  "characters": [{"id": "ruri", "names": ["ルリ", "ルリちゃん"]}],
///  "boxes": [{"character": "ruri", "frames": [274, 276], "box": [316, 110, 240, 302]}]}
/// ```
///
/// `frames` are the first frame and the one after the last; `box` is left, top, width and height in
/// pixels of what can be seen of the character. Several boxes may hold in one frame.
///
/// # Example
///
/// How often a name is written while its character can be seen, beside names at random moments:
///
/// ```
/// use nico_corpus::Boxes;
///
/// let boxes = Boxes::parse(
///     r#"{"fps": [30, 1], "frames": 4, "width": 64, "height": 48,
///         "characters": [{"id": "ruri", "names": ["ルリ"]}],
///         "boxes": [{"character": "ruri", "frames": [1, 3], "box": [8, 8, 20, 40]}]}"#,
/// )?;
/// let naming = boxes.naming([(0, "ルリまだ？"), (1, "ルリちゃんきた"), (2, "ルリ")]);
/// assert_eq!((naming.said, naming.seen), (3, 2));
/// assert_eq!(naming.chance(), 0.5); // she is in two of four frames
/// # Ok::<(), nico_corpus::BoxesError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// Bounding box of a character during some frames.
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
    /// Reads a `boxes.json`.
    ///
    /// # Errors
    ///
    /// The file cannot be read or holds no valid ground truth.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|source| Error::Boxes {
            path: path.to_owned(),
            source,
        })
    }

    /// Parses the text of a `boxes.json`.
    ///
    /// # Errors
    ///
    /// The text is not JSON of this form or has boxes outside of the video; the error says which.
    pub fn parse(text: &str) -> Result<Self, BoxesError> {
        let mut boxes: Self = serde_json::from_str(text)?;
        boxes.check()?;
        boxes.index();
        Ok(boxes)
    }

    /// All boxes, sorted by their first frame.
    #[must_use]
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
    #[must_use]
    pub fn is_present(&self, character: &str, frame: usize) -> bool {
        self.present(frame).any(|one| one.character == character)
    }

    /// The characters whose names occur in a text.
    pub fn mentioned(&self, text: &str) -> impl Iterator<Item = &BoxCharacter> {
        self.characters
            .iter()
            .filter(move |character| character.is_named_in(text))
    }

    /// What the characters are called: every name once.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.characters.iter().flat_map(|one| &one.names) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// Share of all frames in which a character can be seen: how often a name written at random
    /// would be right.
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits")]
    #[must_use]
    pub fn share_of_time(&self, character: &str) -> f64 {
        if self.frames == 0 {
            return 0.0;
        }
        let mut seen = 0;
        let mut reached = 0;
        for one in self.boxes.iter().filter(|one| one.character == character) {
            seen += one.frames[1].saturating_sub(one.frames[0].max(reached));
            reached = reached.max(one.frames[1]);
        }
        seen as f64 / self.frames as f64
    }

    /// The frame at a time, milliseconds of the video.
    #[must_use]
    pub fn frame_at(&self, millis: i64) -> usize {
        let [frames, seconds] = self.fps.map(i64::from);
        let frame = millis.saturating_mul(frames) / (seconds.saturating_mul(1_000)).max(1);
        usize::try_from(frame).unwrap_or(0)
    }

    /// Counts how many names are written while their character can be seen.
    ///
    /// `comments` are frames with what is written there. A comment that names two characters counts
    /// twice.
    #[must_use]
    pub fn naming<'a>(&self, comments: impl IntoIterator<Item = (usize, &'a str)>) -> Naming {
        let shares: Vec<_> = self
            .characters
            .iter()
            .map(|one| self.share_of_time(&one.id))
            .collect();
        let mut naming = Naming::default();
        for (frame, text) in comments {
            for (character, share) in self.characters.iter().zip(&shares) {
                if character.is_named_in(text) {
                    naming.said += 1;
                    naming.seen += u64::from(self.is_present(&character.id, frame));
                    naming.expected += share;
                }
            }
        }
        naming
    }

    /// Refuses boxes that contradict the rest.
    fn check(&self) -> Result<(), BoxesError> {
        for (index, one) in self.boxes.iter().enumerate() {
            if self.characters.iter().all(|who| who.id != one.character) {
                return Err(BoxesError::UnknownCharacter {
                    index,
                    character: one.character.clone(),
                });
            }
            if one.frames[0] >= one.frames[1] || one.frames[1] > self.frames {
                return Err(BoxesError::Frames {
                    index,
                    frames: one.frames,
                    num_frames: self.frames,
                });
            }
            let [left, top, width, height] = one.rect.map(u64::from);
            if left + width > self.width.into() || top + height > self.height.into() {
                return Err(BoxesError::OutsidePicture {
                    index,
                    rect: one.rect,
                    width: self.width,
                    height: self.height,
                });
            }
        }
        Ok(())
    }

    /// Sorts the boxes and notes how far they reach, for [`Self::present`].
    fn index(&mut self) {
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
    }
}

impl BoxCharacter {
    fn is_named_in(&self, text: &str) -> bool {
        self.names.iter().any(|name| text.contains(name.as_str()))
    }
}

/// Number of names written, and how many of them while their character could be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Naming {
    /// Names written.
    pub said: u64,
    /// Names written while their character could be seen.
    pub seen: u64,
    /// How many would have been if the same names had been written at random moments.
    pub expected: f64,
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more digits")]
impl Naming {
    /// Share of names written while their character could be seen; 0 where no name was written.
    #[must_use]
    pub fn share(&self) -> f64 {
        match self.said {
            0 => 0.0,
            said => self.seen as f64 / said as f64,
        }
    }

    /// The share that chance would give: the same names at random moments.
    #[must_use]
    pub fn chance(&self) -> f64 {
        match self.said {
            0 => 0.0,
            said => self.expected / said as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    const TEXT: &str = r#"{"fps":[30,1],"frames":9,"width":64,"height":48,
"characters":[{"id":"ruri","names":["ルリ","ルリちゃん"]},{"id":"kai","names":["カイ"]}],
"boxes":[
{"character":"kai","frames":[5,6],"box":[0,0,64,48]},
{"character":"ruri","frames":[0,8],"box":[8,8,20,40]},
{"character":"ruri","frames":[2,3],"box":[8,8,21,40]}
]}"#;

    /// A box that began long ago holds beside ones that began later; boxes of one character that
    /// overlap are no more time than they cover.
    #[test]
    fn boxes_hold_in_their_frames() {
        let boxes = Boxes::parse(TEXT).unwrap();
        let in_frame = |frame| {
            boxes
                .present(frame)
                .map(|one| one.rect[2])
                .collect::<Vec<_>>()
        };
        assert_eq!(in_frame(0), [20]);
        assert_eq!(in_frame(2), [21, 20]);
        assert_eq!(in_frame(5), [64, 20]);
        assert!(in_frame(8).is_empty());
        assert!(boxes.is_present("kai", 5) && !boxes.is_present("kai", 6));
        assert_eq!(boxes.share_of_time("ruri"), 8.0 / 9.0);
        assert_eq!(boxes.share_of_time("nobody"), 0.0);
    }

    #[test]
    fn names_are_counted_for_each_character() {
        let boxes = Boxes::parse(TEXT).unwrap();
        let ids = |text| {
            let named = boxes.mentioned(text);
            named.map(|one| one.id.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(ids("カイとルリちゃん"), ["ruri", "kai"]);
        let naming = boxes.naming([(5, "カイとルリちゃん"), (8, "ルリルリ"), (8, "草")]);
        assert_eq!((naming.said, naming.seen), (3, 2));
        assert!((naming.chance() - (8.0 + 1.0 + 8.0) / 27.0).abs() < 1e-12);
        assert_eq!(Naming::default().share(), 0.0);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let boxes = Boxes::parse(TEXT).unwrap();
        let text = serde_json::to_string(&boxes).unwrap();
        assert_eq!(Boxes::parse(&text).unwrap(), boxes);
    }

    #[test]
    fn faults_are_named_with_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("boxes.json");
        let message = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let error = Boxes::read(&path).unwrap_err();
            let cause = error.source().unwrap();
            let chain = format!("{error}: {cause}");
            match cause.source() {
                Some(deeper) => format!("{chain}: {deeper}"),
                None => chain,
            }
        };
        for (from, to, expected) in [
            (
                "\"kai\",\"frames\"",
                "\"mio\",\"frames\"",
                "boxes[0] is of the character \"mio\"",
            ),
            (
                "[0,8]",
                "[0,10]",
                "boxes[1] holds in frames [0, 10] of a video of 9 frames",
            ),
            ("[0,8]", "[3,3]", "boxes[1] holds in frames [3, 3]"),
            (
                "[8,8,21,40]",
                "[8,8,57,40]",
                "boxes[2] is [8, 8, 57, 40] in a picture of 64x48",
            ),
            ("[8,8,21,40]", "[8,8,4294967295,40]", "boxes[2] is"),
            (
                "\"fps\"",
                "\"seen\":1,\"fps\"",
                "unexpected JSON: unknown field `seen`",
            ),
            ("[5,6]", "[5,-6]", "line 4 column"),
        ] {
            assert!(TEXT.contains(from));
            let found = message(&TEXT.replacen(from, to, 1));
            assert!(
                found.contains("boxes.json: ") && found.contains(expected),
                "{found}"
            );
        }
        let found = message(&TEXT[..TEXT.len() / 2]);
        assert!(
            found.contains("boxes.json") && found.contains("line"),
            "{found}"
        );
        let missing = Boxes::read(folder.path().join("none.json")).unwrap_err();
        assert!(missing.to_string().contains("none.json"));
    }
}
