use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The text of a comment, LF between lines: a `str` that may lie in one block with those of other
/// comments, so that a million of them are few allocations.
///
/// ```
/// use overlay_render::CommentText;
///
/// let text = CommentText::from("うぽつ");
/// assert_eq!((text.chars().count(), text.as_str()), (3, "うぽつ"));
/// ```
#[derive(Clone, Default)]
pub struct CommentText {
    block: Arc<str>,
    start: u32,
    len: u32,
}

impl CommentText {
    /// A part of a block, in bytes. Both ends lie between characters.
    pub(super) fn of_block(block: Arc<str>, start: u32, len: u32) -> Self {
        let text = Self { block, start, len };
        debug_assert!(text.block.get(text.range()).is_some());
        text
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.block[self.range()]
    }

    fn range(&self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.len as usize
    }
}

impl From<&str> for CommentText {
    /// # Panics
    ///
    /// Panics if the text is 4 GiB long; comments are cut off long before.
    fn from(text: &str) -> Self {
        Self {
            block: text.into(),
            start: 0,
            len: u32::try_from(text.len()).expect("a comment is far below 4 GiB"),
        }
    }
}

impl Deref for CommentText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for CommentText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for CommentText {}

impl PartialEq<str> for CommentText {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for CommentText {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for CommentText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for CommentText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
