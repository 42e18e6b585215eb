//! Comments in little memory.

use std::sync::Arc;

use nico_comments::{Comment, Fork, Mail, Vpos};

use super::text::CommentText;

/// Bytes of texts after which a new block begins.
const BLOCK: usize = 1 << 20;

const IS_DELETED: u8 = 1;
const IS_OWNERS: u8 = 2;
const HAS_DATE: u8 = 4;
const HAS_NO: u8 = 8;
const HAS_LAYER: u8 = 16;
const IS_OPERATORS: u8 = 32;

/// Comments as [`layout_packed`](crate::layout_packed) takes them: what a layout depends on, in 64
/// bytes each, and the texts of all one behind the other.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use nico_comments::{Comments, ReadOptions};
/// use overlay_render::{Fonts, LayoutOptions, PackedComments, layout_packed};
///
/// let file = "<chat vpos='120'>www</chat><chat vpos='340'>8888888</chat>"; // or a million
/// let mut packed = PackedComments::new();
/// for comment in Comments::new(file.as_bytes(), ReadOptions::default()) {
///     packed.push(&comment?);
/// }
/// let (fonts, options) = (Fonts::estimated(), LayoutOptions::default());
/// let placed = layout_packed(packed, &fonts, &options, &mut |_| ControlFlow::Continue(()))?;
/// assert_eq!(placed.comments()[1].text, "8888888");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PackedComments {
    entries: Vec<Entry>,
    blocks: Vec<Arc<str>>,
    open: String, // the block that is being filled
}

/// A comment without its texts.
#[derive(Clone, Copy, Debug)]
struct Entry {
    vpos: Vpos,
    date: i64,
    no: i64,
    /// As far as an `i32` goes.
    nicoru: i32,
    score: i32,
    date_usec: u32,
    layer: i32,
    /// Where body and mail lie, one behind the other: which block, where there, and their lengths.
    block: u32,
    start: u32,
    body: u32,
    mail: u32,
    premium: u8,
    flags: u8,
}

impl PackedComments {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a comment.
    ///
    /// # Panics
    ///
    /// Panics if its texts have 4 GiB; what reads comments limits them to far less.
    pub fn push(&mut self, comment: &Comment) {
        if self.open.len() >= BLOCK {
            self.close();
        }
        let length = |text: usize| u32::try_from(text).expect("comments are far below 4 GiB");
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let start = self.open.len();
        self.open.push_str(&comment.body);
        let mail = self.open.len();
        comment.mail.words().for_each(|word| {
            self.open.push_str(word);
            self.open.push(SEPARATOR);
        });
        self.entries.push(Entry {
            vpos: comment.vpos,
            date: comment.date.unwrap_or(0),
            no: comment.no.unwrap_or(0),
            nicoru: saturated(comment.nicoru),
            score: saturated(comment.score),
            date_usec: comment.date_usec.unwrap_or(0),
            layer: comment.layer.unwrap_or(0),
            block: length(self.blocks.len()),
            start: length(start),
            body: length(mail - start),
            mail: length(self.open.len() - mail),
            premium: comment.premium,
            flags: flag(comment.is_deleted(), IS_DELETED)
                | flag(comment.is_owner(), IS_OWNERS)
                | flag(comment.is_operator(), IS_OPERATORS)
                | flag(comment.date.is_some(), HAS_DATE)
                | flag(comment.no.is_some(), HAS_NO)
                | flag(comment.layer.is_some(), HAS_LAYER),
        });
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// No more are added: texts can be lent.
    pub(super) fn close(&mut self) {
        self.blocks.push(self.open.as_str().into());
        self.open.clear();
    }

    pub(super) fn is_deleted(&self, index: usize) -> bool {
        self.entries[index].flags & IS_DELETED != 0
    }

    pub(super) fn is_operators(&self, index: usize) -> bool {
        self.entries[index].flags & IS_OPERATORS != 0
    }

    /// What comments are sorted by.
    pub(super) fn moment(&self, index: usize) -> (Vpos, i64, u32) {
        let entry = &self.entries[index];
        (entry.vpos, entry.date, entry.date_usec)
    }

    /// How often somebody pressed "nicoru", and the NG score.
    pub(super) fn merits(&self, index: usize) -> (i64, i64) {
        let entry = &self.entries[index];
        (entry.nicoru.into(), entry.score.into())
    }

    /// What of a comment a layout depends on.
    ///
    /// # Panics
    ///
    /// Panics if its block is not closed.
    pub(super) fn get(&self, index: usize) -> Comment {
        let entry = &self.entries[index];
        let has = |flag: u8| entry.flags & flag != 0;
        let block = &self.blocks[entry.block as usize];
        let body = entry.start as usize;
        let mail = body + entry.body as usize;
        let end = mail + entry.mail as usize;
        let words = block[mail..end].split(SEPARATOR);
        let mut comment =
            Comment::new(entry.vpos, &block[body..mail]).mail(Mail::from_words(words));
        comment.date = has(HAS_DATE).then_some(entry.date);
        comment.date_usec = Some(entry.date_usec);
        comment.no = has(HAS_NO).then_some(entry.no);
        comment.layer = has(HAS_LAYER).then_some(entry.layer);
        comment.premium = entry.premium;
        if has(IS_OWNERS) {
            comment.fork = Fork::Owner;
        }
        comment
    }

    /// A comment's text as it was.
    pub(super) fn text(&self, index: usize) -> CommentText {
        let entry = &self.entries[index];
        let block = Arc::clone(&self.blocks[entry.block as usize]);
        CommentText::of_block(block, entry.start, entry.body)
    }
}

/// A count as far as 32 bits go, 0 where there is none.
fn saturated(count: Option<i64>) -> i32 {
    let count = count.unwrap_or(0);
    i32::try_from(count).unwrap_or(if count < 0 { i32::MIN } else { i32::MAX })
}

/// Stands behind each word of a mail. Words have none: it is deleted from them.
const SEPARATOR: char = '\u{1F}';

impl<'a> Extend<&'a Comment> for PackedComments {
    fn extend<I: IntoIterator<Item = &'a Comment>>(&mut self, comments: I) {
        comments.into_iter().for_each(|comment| self.push(comment));
    }
}

impl<'a> FromIterator<&'a Comment> for PackedComments {
    fn from_iter<I: IntoIterator<Item = &'a Comment>>(comments: I) -> Self {
        let mut packed = Self::new();
        packed.extend(comments);
        packed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_small() {
        assert_eq!(size_of::<Entry>(), 64);
    }

    #[test]
    fn what_a_layout_depends_on_is_kept() {
        let mut all = [
            Comment::new(Vpos(-7), "").mail("184 ue"),
            Comment::new(Vpos(1 << 50), "あ\nい")
                .mail(Mail::from_words(["a b", "big"]))
                .date(0)
                .date_usec(5)
                .no(-3)
                .premium(true)
                .fork(Fork::Owner),
        ];
        all[0].layer = Some(-1);
        let long = Comment::new(Vpos(0), "w".repeat(BLOCK)).no(1);
        let mut packed: PackedComments = all.iter().collect();
        let deleted = Comment::new(Vpos(1), "x").deleted(1);
        packed.extend([&long, &all[1], &deleted]);
        packed.close();
        assert_eq!(packed.blocks.len(), 2);
        for (index, comment) in [&all[0], &all[1], &long, &all[1]].into_iter().enumerate() {
            let mut expected = comment.clone();
            expected.date_usec = Some(comment.date_usec.unwrap_or(0));
            assert_eq!(packed.get(index), expected);
            assert_eq!(packed.text(index), comment.body.as_str());
        }
        assert!(packed.is_deleted(4) && !packed.is_deleted(0));
    }
}
