//! A captioner that looks at the latest picture.

use std::collections::VecDeque;

use caption_metrics::folded_text;
use caption_model::{
    Captioner, EncodedPictures, GenerateOptions,
    commenter::{CommentStyle, StreamComment},
};
use frame_features::Picture;

use crate::{error::Error, writer::Choice};

/// Comments that are remembered, so that no viewer repeats itself.
const REMEMBERED: usize = 500;
/// Drafts of a comment.
const DRAFTS: u64 = 3;

/// Writes about the latest picture.
#[derive(Debug)]
pub(crate) struct PictureWriter<'a> {
    captioner: &'a Captioner,
    options: GenerateOptions,
    seed: u64,
    asked: u64,
    latest: Option<Owned>,
    /// The latest picture as the network gets it, once a comment on it was asked for.
    encoded: Option<EncodedPictures>,
    written: VecDeque<(u32, String)>,
}

#[derive(Debug)]
struct Owned {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl<'a> PictureWriter<'a> {
    pub(crate) fn new(captioner: &'a Captioner, options: GenerateOptions, seed: u64) -> Self {
        Self {
            captioner,
            options,
            seed,
            asked: 0,
            latest: None,
            encoded: None,
            written: VecDeque::new(),
        }
    }

    pub(crate) fn look(&mut self, picture: &Picture<'_>) {
        let latest = self.latest.get_or_insert_with(|| Owned {
            width: 0,
            height: 0,
            rgb: Vec::new(),
        });
        (latest.width, latest.height) = (picture.width(), picture.height());
        latest.rgb.clear();
        latest.rgb.extend_from_slice(picture.rgb());
        self.encoded = None;
    }

    /// A comment on the latest picture that may be given.
    pub(crate) fn choose(
        &mut self,
        viewer: u32,
        mut keeps: impl FnMut(&StreamComment) -> bool,
    ) -> Result<Choice, Error> {
        let Some(encoded) = self.encoded()? else {
            return Ok(Choice::NoPicture);
        };
        self.asked += 1;
        let mut choice = Choice::Unwritten;
        for attempt in 0..DRAFTS {
            let drawn = self.asked.wrapping_mul(DRAFTS).wrapping_add(attempt);
            let options = self.options.clone().seed(self.seed.wrapping_add(drawn));
            let captions = self.captioner.caption_encoded(&encoded, &options)?;
            let Some(text) = captions.into_iter().next().map(|caption| caption.text) else {
                continue;
            };
            let folded = folded_text(&text);
            let is_repeat = |one: &(u32, String)| one.0 == viewer && one.1 == folded;
            if folded.is_empty() || self.written.iter().any(is_repeat) {
                continue;
            }
            let draft = StreamComment {
                text,
                style: CommentStyle::default(),
                score: 0.0,
            };
            if keeps(&draft) {
                return Ok(Choice::Written(draft));
            }
            choice = Choice::Refused;
        }
        Ok(choice)
    }

    /// The latest picture; the encoder looks at it once.
    fn encoded(&mut self) -> Result<Option<EncodedPictures>, Error> {
        if self.encoded.is_none() {
            let latest = self.latest.as_ref();
            let picture = latest.and_then(|of| Picture::new(of.width, of.height, &of.rgb));
            let encode = |picture| self.captioner.encode(std::slice::from_ref(&picture));
            self.encoded = picture.map(encode).transpose()?;
        }
        Ok(self.encoded.clone())
    }

    /// Remembers what a viewer wrote.
    pub(crate) fn note(&mut self, viewer: u32, text: &str) {
        if self.written.len() == REMEMBERED {
            self.written.pop_front();
        }
        self.written.push_back((viewer, folded_text(text)));
    }

    /// Forgets the picture and what was written.
    pub(crate) fn clear(&mut self) {
        self.latest = None;
        self.encoded = None;
        self.written.clear();
    }
}
