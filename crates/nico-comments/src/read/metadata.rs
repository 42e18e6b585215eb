use std::borrow::Cow;

/// Metadata around the comments of a file (`docs/spec/comment-formats.md`, sections 1 to 3): an
/// element of message-server XML or an object of its JSON such as `thread` (`last_res`,
/// `server_time`, …), `leaf`, `view_counter`; of v1 a `thread` (`id`, `fork`, `commentCount`, …).
///
/// Kept on request, by [`ReadOptions::max_metadata`](crate::ReadOptions::max_metadata).
///
/// ```
/// use nico_comments::{Comments, ReadOptions};
///
/// let file = "<packet><thread resultcode='0' last_res='9'/><chat vpos='1'>w</chat></packet>";
/// let mut comments = Comments::new(file.as_bytes(), ReadOptions::default().max_metadata(100));
/// comments.by_ref().for_each(drop);
/// assert_eq!(comments.metadata()[0].name, "thread");
/// assert_eq!(comments.metadata()[0].get("last_res"), Some("9"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// What it is.
    pub name: String,
    /// Its attributes or members, at most 64, as name and text in file order.
    pub members: Vec<(String, String)>,
}

/// Members that are kept of one.
const MAX_MEMBERS: usize = 64;

impl Metadata {
    /// The text of a member, the first of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.members.iter().find(|(known, _)| known == name);
        found.map(|(_, text)| &**text)
    }

    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            members: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, name: &str, text: Cow<'_, str>) {
        if self.members.len() < MAX_MEMBERS {
            self.members.push((name.to_owned(), text.into_owned()));
        }
    }

    /// Whether an element or object of this name is of the message server.
    pub(super) fn is_name(name: &[u8]) -> bool {
        let names = [
            "thread",
            "leaf",
            "view_counter",
            "global_num_res",
            "num_click",
            "chat_result",
        ];
        names.iter().any(|known| known.as_bytes() == name)
    }
}
