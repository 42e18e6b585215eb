use std::borrow::Cow;
use std::collections::HashSet;

use super::formatted::number_of;
use super::v1::posted_at;
use super::xml::{is_allowed, is_extra_name};
use crate::read::clean;
use crate::{Comment, Fork, Format, Mail, bilibili};

impl Comment {
    /// Names of the fields of this comment that `format` cannot hold: writing it leaves these out
    /// or changes them. Nothing lost means that reading what
    /// [`WriteOptions::fill`](crate::WriteOptions::fill)`(false)` wrote gives the same comment. Of
    /// formats that are not both written and read (owner lists, …) it is `everything`.
    ///
    /// ```
    /// use nico_comments::{Comment, Format, Vpos};
    ///
    /// let comment = Comment::new(Vpos(7), "草").user("Yg_6").score(-100);
    /// assert!(comment.lost_in(Format::Xml).is_empty());
    /// assert_eq!(comment.lost_in(Format::FormattedJson), ["score", "user"]);
    /// ```
    #[must_use]
    pub fn lost_in(&self, format: Format) -> Vec<&'static str> {
        let mut lost = Lost(Vec::new());
        self.lost_in_any(&mut lost);
        match format {
            Format::Xml => self.lost_in_xml(&mut lost),
            Format::V1Json => self.lost_in_v1(&mut lost),
            Format::FormattedJson => self.lost_in_formatted(&mut lost),
            Format::BilibiliXml => self.lost_in_bilibili(&mut lost),
            Format::Ass => self.lost_in_ass(&mut lost),
            _ => return vec!["everything"],
        }
        lost.0
    }

    /// How many characters of its texts `format` does not allow; they are left out.
    pub(super) fn characters_lost_in(&self, format: Format) -> u64 {
        let is_lost = |c: char| match format {
            Format::Xml | Format::BilibiliXml => !is_allowed(c),
            _ => c < ' ' && !matches!(c, '\t' | '\n' | '\r'),
        };
        let of = |text: &str| text.chars().filter(|&c| is_lost(c)).count() as u64;
        let optional = [&self.thread, &self.user, &self.id];
        let extra = self.extra.iter().map(|(_, value)| of(value));
        let texts = optional.into_iter().flatten().map(|text| of(text));
        of(&self.body)
            + texts
                .chain(extra)
                .chain(self.mail.words().map(of))
                .sum::<u64>()
    }

    /// Values that no format takes: control characters, empty names, numbers out of range.
    fn lost_in_any(&self, lost: &mut Lost) {
        lost.when("body", !is_clean(&self.body));
        lost.when(
            "thread",
            self.thread
                .as_deref()
                .is_some_and(|text| text.is_empty() || !is_clean(text)),
        );
        lost.when(
            "fork",
            Fork::parse(self.fork.as_str()) != self.fork || !is_clean(self.fork.as_str()),
        );
        lost.when("no", self.no.is_some_and(|no| no < 0));
        lost.when(
            "date_usec",
            self.date_usec.is_some_and(|usec| usec > 999_999),
        );
        lost.when("vpos_rest_ms", self.vpos_rest_ms > 9);
    }

    /// What neither XML takes: characters that it does not allow.
    fn lost_in_markup(&self, lost: &mut Lost) {
        let is_lost = |text: &str| !is_clean(text) || !text.chars().all(is_allowed);
        lost.when("body", is_lost(&self.body));
        lost.when("user", self.user.as_deref().is_some_and(is_lost));
        lost.when("mail", self.mail.words().any(is_lost));
        lost.when("extra", self.extra.iter().any(|(_, text)| is_lost(text)));
    }

    fn lost_in_xml(&self, lost: &mut Lost) {
        self.lost_in_markup(lost);
        lost.when(
            "thread",
            self.thread
                .as_deref()
                .is_some_and(|text| !text.chars().all(is_allowed)),
        );
        lost.when("fork", !self.fork.as_str().chars().all(is_allowed));
        lost.when("id", self.id.is_some());
        lost.when("vpos_rest_ms", self.vpos_rest_ms != 0);
        lost.when("layer", self.layer.is_some());
        lost.when(
            "mail",
            Mail::parse(&clean(Cow::Owned(self.mail.to_string()))) != self.mail,
        );
        lost.when(
            "user",
            self.user
                .as_deref()
                .is_some_and(|user| user.is_empty() || !is_clean(user) || self.is_owner()),
        );
        lost.when(
            "extra",
            self.extra
                .iter()
                .any(|(name, value)| !is_extra_name(name) || !is_clean(value))
                || self.repeats(),
        );
    }

    fn lost_in_v1(&self, lost: &mut Lost) {
        self.lost_in_json(lost);
        let mut back = Self::default();
        back.set_vpos_millis(self.vpos_millis());
        lost.when("vpos", back.vpos != self.vpos);
        lost.when("vpos_rest_ms", back.vpos_rest_ms != self.vpos_rest_ms);
        lost.when(
            "id",
            self.id
                .as_deref()
                .is_some_and(|id| id.is_empty() || !is_clean(id)),
        );
        lost.when(
            "user",
            self.user
                .as_deref()
                .is_some_and(|user| user.is_empty() || !is_clean(user)),
        );
        let date = self.date.map(|date| posted_at(date, self.date_usec));
        lost.when("date", date == Some(None));
        lost.when(
            "date_usec",
            self.date_usec
                .is_some_and(|usec| usec == 0 || date.flatten().is_none()),
        );
        lost.when("layer", self.layer.is_some());
        let held = ["nicoruId", "source", "mine"];
        let in_order = self
            .extra
            .iter()
            .map(|(name, _)| held.iter().position(|held| held == name))
            .is_sorted();
        let kept = |(name, value): &(String, String)| {
            held.contains(&&**name) && is_clean(value) && (name != "mine" || value == "1")
        };
        lost.when(
            "extra",
            !in_order || !self.extra.iter().all(kept) || self.repeats(),
        );
    }

    fn lost_in_formatted(&self, lost: &mut Lost) {
        self.lost_in_json(lost);
        lost.when("thread", self.thread.is_some());
        lost.when("fork", !matches!(self.fork, Fork::Main | Fork::Owner));
        lost.when("id", self.id.is_some());
        lost.when("vpos_rest_ms", self.vpos_rest_ms != 0);
        lost.when("score", self.score.is_some());
        lost.when("nicoru", self.nicoru.is_some());
        lost.when(
            "user",
            self.user
                .as_deref()
                .is_some_and(|user| number_of(user).is_none()),
        );
        lost.when("layer", self.layer == Some(-1));
        let mine = |(name, value): &(String, String)| name == "mine" && value == "1";
        lost.when("extra", !self.extra.iter().all(mine) || self.repeats());
    }

    /// What does not come back from an entry of Bilibili's.
    fn lost_in_bilibili(&self, lost: &mut Lost) {
        self.lost_in_markup(lost);
        self.lost_where_shown(lost);
        let entry = bilibili::p(self, None);
        let Some(back) = bilibili::comment(&entry, self.body.clone()) else {
            return lost.when("vpos", true);
        };
        lost.when("thread", self.thread.is_some());
        lost.when("fork", self.fork != Fork::Main);
        lost.when("no", self.no.is_some());
        lost.when("id", back.id != self.id);
        lost.when("vpos", back.vpos != self.vpos);
        lost.when("vpos_rest_ms", back.vpos_rest_ms != self.vpos_rest_ms);
        lost.when("date", back.date != self.date);
        lost.when("date_usec", back.date_usec != self.date_usec);
        lost.when("mail", back.mail != self.mail);
        lost.when("body", back.body != self.body);
        lost.when("user", back.user != self.user);
        lost.when("premium", back.premium != self.premium);
        lost.when("anonymous", self.anonymous);
        lost.when("score", self.score.is_some());
        lost.when("nicoru", self.nicoru.is_some());
        lost.when("leaf", self.leaf.is_some());
        lost.when("layer", self.layer.is_some());
        lost.when("extra", back.extra != self.extra);
    }

    /// What formats leave out that know nothing but comments that are shown.
    fn lost_where_shown(&self, lost: &mut Lost) {
        let hidden = self.mail.is_invisible() || self.is_script();
        lost.when("deleted", self.is_deleted());
        lost.when("script", hidden && !bilibili::is_programmed(self));
    }

    /// Subtitles show a text for some time in a place, size and colour; they say nothing else.
    fn lost_in_ass(&self, lost: &mut Lost) {
        let shown = Mail::of_looks(self.mail.position(), self.mail.size(), self.mail.color());
        self.lost_where_shown(lost);
        lost.when("script", bilibili::is_programmed(self));
        lost.when("thread", self.thread.is_some());
        lost.when("fork", self.fork != Fork::Main);
        lost.when("no", self.no.is_some());
        lost.when("id", self.id.is_some());
        lost.when("vpos_rest_ms", self.vpos_rest_ms != 0);
        lost.when("date", self.date.is_some());
        lost.when("date_usec", self.date_usec.is_some());
        lost.when("mail", shown != self.mail);
        lost.when("user", self.user.is_some());
        lost.when("premium", self.premium != 0);
        lost.when("anonymous", self.anonymous);
        lost.when("score", self.score.is_some());
        lost.when("nicoru", self.nicoru.is_some());
        lost.when("leaf", self.leaf.is_some());
        lost.when("layer", self.layer.is_some());
        lost.when("extra", !self.extra.is_empty());
    }

    /// What both kinds of JSON lack.
    fn lost_in_json(&self, lost: &mut Lost) {
        lost.when("anonymous", self.anonymous);
        lost.when("premium", self.premium > 1);
        lost.when("leaf", self.leaf.is_some());
        lost.when("mail", self.mail.words().any(|word| !is_clean(word)));
    }

    /// Whether a name of an extra comes twice.
    fn repeats(&self) -> bool {
        let mut seen = HashSet::new();
        !self.extra.iter().all(|(name, _)| seen.insert(name))
    }
}

struct Lost(Vec<&'static str>);

impl Lost {
    fn when(&mut self, name: &'static str, lost: bool) {
        if lost && !self.0.contains(&name) {
            self.0.push(name);
        }
    }
}

fn is_clean(text: &str) -> bool {
    matches!(clean(Cow::Borrowed(text)), Cow::Borrowed(_))
}
