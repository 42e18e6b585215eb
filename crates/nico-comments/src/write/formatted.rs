use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use super::json::{Object, commands, deleted, shows_deleted};
use super::{WriteOptions, number};
use crate::Comment;

/// Writer of the "formatted" JSON of niconicomments, a comment at a time
/// (`docs/spec/comment-formats.md`, section 4).
///
/// Users become running numbers unless they are numbers already that no other user was given, below
/// 2⁵³: of larger ones JavaScript, which reads these files, would make others. Deleted comments
/// have a member `deleted` that niconicomments does not know: filled in, those with a text gain the
/// command `invisible`, and so does an owner's program (a body beginning with `/`). What the format
/// cannot hold, [`Comment::lost_in`] says.
///
/// ```
/// use nico_comments::{Comment, FormattedWriter, Vpos, WriteOptions};
///
/// let mut writer = FormattedWriter::new(Vec::new(), WriteOptions::default());
/// writer.write(&Comment::new(Vpos(512), "こんにちは").mail("184 red").user("Yg_6"))?;
/// let file = String::from_utf8(writer.finish()?).expect("JSON is text");
/// assert!(file.starts_with(r#"[{"id":1,"vpos":512,"content":"こんにちは","date":0,"#));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct FormattedWriter<W> {
    out: W,
    options: WriteOptions,
    written: i64,
    users: HashMap<String, i64>,
    /// The numbers in `users`.
    given: HashSet<i64>,
    /// The users that stayed the numbers that they are.
    kept: HashSet<i64>,
    next_user: i64,
}

impl<W: Write> FormattedWriter<W> {
    /// A writer to `out`, which should be buffered. Nothing is written before the first comment.
    #[must_use]
    pub fn new(out: W, options: WriteOptions) -> Self {
        Self {
            out,
            options,
            written: 0,
            users: HashMap::new(),
            given: HashSet::new(),
            kept: HashSet::new(),
            next_user: 0,
        }
    }

    /// Writes a comment.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn write(&mut self, comment: &Comment) -> io::Result<()> {
        self.out
            .write_all(if self.written == 0 { b"[" } else { b"," })?;
        self.written += 1;
        let fill = self.options.fill;
        let user = comment
            .user
            .as_deref()
            .map(|user| self.user(user))
            .or(fill.then_some(0));
        let written = self.written;
        let mut object = Object::begin(&mut self.out)?;
        if let Some(no) = number(comment).or(fill.then_some(written)) {
            object.integer("id", no)?;
        }
        object.integer("vpos", comment.vpos.0)?;
        object.text("content", &comment.body)?;
        if let Some(date) = comment.date.or(fill.then_some(0)) {
            object.integer("date", date)?;
        }
        if let Some(usec) = comment
            .date_usec
            .filter(|&usec| usec < 1_000_000)
            .or(fill.then_some(0))
        {
            object.integer("date_usec", usec.into())?;
        }
        object.truth("owner", comment.is_owner())?;
        object.truth("premium", comment.is_premium())?;
        let program = comment.is_owner() && comment.body.starts_with('/');
        let hide = fill && (program || shows_deleted(comment));
        object.texts("mail", commands(comment, hide))?;
        if let Some(user) = user {
            object.integer("user_id", user)?;
        }
        object.integer("layer", comment.layer.unwrap_or(-1).into())?;
        object.truth(
            "is_my_post",
            comment
                .extra
                .iter()
                .any(|(name, value)| name == "mine" && value == "1"),
        )?;
        deleted(&mut object, comment)?;
        object.end()
    }

    /// Closes the list, flushes and gives the output back.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.out
            .write_all(if self.written == 0 { b"[]" } else { b"]" })?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// The number of a user: its own if it is one and nobody else has it, else the next that nobody
    /// has, in order of first appearance.
    fn user(&mut self, user: &str) -> i64 {
        if let Some(&number) = self.users.get(user) {
            return number;
        }
        if let Some(number) = number_of(user)
            && !self.given.contains(&number)
        {
            self.kept.insert(number);
            return number;
        }
        while self.kept.contains(&self.next_user) {
            self.next_user += 1;
        }
        let number = self.next_user;
        self.next_user += 1;
        self.given.insert(number);
        self.users.insert(user.to_owned(), number);
        number
    }
}

/// From here on not every integer is a number of JavaScript's.
const MAX_NUMBER: i64 = 1 << 53;

/// The number that a user is, if it is written as JSON would and JavaScript keeps it.
pub(super) fn number_of(user: &str) -> Option<i64> {
    user.parse()
        .ok()
        .filter(|number: &i64| (-1..MAX_NUMBER).contains(number) && number.to_string() == user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fork, Vpos};

    /// What users become in the file.
    fn numbers(users: &[&str]) -> Vec<i64> {
        let mut writer = FormattedWriter::new(Vec::new(), WriteOptions::default().fill(false));
        for &user in users {
            writer.write(&Comment::new(Vpos(0), "").user(user)).unwrap();
        }
        let file: serde_json::Value = serde_json::from_slice(&writer.finish().unwrap()).unwrap();
        let comments = file.as_array().unwrap().iter();
        comments.map(|c| c["user_id"].as_i64().unwrap()).collect()
    }

    #[test]
    fn users_are_numbered() {
        let users = ["x", "y", "x", "3", "z", "1", "1", "3", "-1"];
        assert_eq!(numbers(&users), [0, 1, 0, 3, 2, 4, 4, 3, -1]); // 1 is y's
    }

    /// A double holds every integer up to 2⁵³, of which the next one becomes the same.
    #[test]
    fn numbers_that_javascript_does_not_keep_are_none() {
        let users = [
            "9223372036854775807",
            "9007199254740992",
            "9007199254740991",
            "x",
            "y",
            "9223372036854775807",
        ];
        assert_eq!(numbers(&users), [0, 1, MAX_NUMBER - 1, 2, 3, 0]);
        let comment = |user: &str| Comment::new(Vpos(0), "").user(user);
        let lost = |user: &str| comment(user).lost_in(crate::Format::FormattedJson);
        assert_eq!(lost("9007199254740992"), ["user"]);
        assert!(lost("9007199254740991").is_empty());
    }

    #[test]
    fn programs_become_invisible() {
        let mut writer = FormattedWriter::new(Vec::new(), WriteOptions::default());
        writer
            .write(&Comment::new(Vpos(0), "/play").fork(Fork::Owner))
            .unwrap();
        let file: serde_json::Value = serde_json::from_slice(&writer.finish().unwrap()).unwrap();
        assert_eq!(file[0]["mail"][0], "invisible");
        assert_eq!(
            FormattedWriter::new(Vec::new(), WriteOptions::default())
                .finish()
                .unwrap(),
            b"[]"
        );
    }
}
