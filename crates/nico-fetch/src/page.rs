use serde::Deserialize;

use crate::answer::{Scalar, parse};
use crate::fault::Fault;
use crate::numbers::number;
use nico_comments::{Comment, Comments, ErrorKind, Fork, ReadOptions};

/// A page of one thread, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Page {
    /// In ascending order of number, as the service sends them; those without number where they
    /// stood.
    pub(crate) comments: Vec<Comment>,
    /// Comments of the thread as the service counts them.
    pub(crate) count: Option<u64>,
    /// Comments that could not be read.
    pub(crate) rejected: u64,
}

impl Page {
    /// Reads an answer; `Err` says why it is none, or none of this thread.
    pub(crate) fn read(body: &[u8], thread: &str, fork: &Fork) -> Result<Self, Fault> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Outer {
            data: Inner,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Inner {
            #[serde(deserialize_with = "crate::answer::first_elements")]
            threads: Vec<Thread>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        struct Thread {
            id: Scalar,
            fork: Scalar,
            comment_count: Scalar,
        }
        let ours = |thread_found: &Thread| {
            thread_found.id.text().as_deref() == Some(thread)
                && thread_found
                    .fork
                    .as_str()
                    .is_some_and(|found| Fork::parse(found) == *fork)
        };
        let outer: Option<Outer> = parse(body);
        let entry = outer
            .as_ref()
            .map(|outer| outer.data.threads.iter().find(|entry| ours(entry)));
        let mut page = Self {
            count: entry
                .flatten()
                .and_then(|entry| entry.comment_count.integer()),
            ..Self::default()
        };
        let mut comments = Comments::new(body, ReadOptions::default());
        for comment in comments.by_ref() {
            match comment {
                Ok(comment)
                    if comment.thread.as_deref() == Some(thread) && comment.fork == *fork =>
                {
                    page.comments.push(comment);
                }
                Ok(_) => {} // of a thread that was not asked for
                Err(error) if error.is_fatal() => {
                    return Err(fatal(&error));
                }
                Err(_) => page.rejected += 1,
            }
        }
        match entry {
            // Damaged JSON of which comments could be read all the same.
            None if page.comments.is_empty() => {
                return Err(Fault::Malformed);
            }
            Some(None) => {
                return Err(Fault::OtherThread);
            }
            None | Some(Some(_)) => {}
        }
        page.order();
        Ok(page)
    }

    /// Puts the numbered ones in order, those without a number behind what they followed.
    fn order(&mut self) {
        let mut last = 0;
        let place = |comment: Comment| {
            last = number(&comment).unwrap_or(last);
            (last, comment)
        };
        let mut placed: Vec<_> = self.comments.drain(..).map(place).collect();
        placed.sort_by_key(|&(place, _)| place);
        self.comments
            .extend(placed.into_iter().map(|(_, comment)| comment));
    }

    /// The comment with the lowest number, or the first if none has one.
    pub(crate) fn lowest(&self) -> Option<&Comment> {
        self.comments
            .iter()
            .find(|comment| number(comment).is_some())
            .or(self.comments.first())
    }
}

/// What a fatal error means, without text of the answer.
fn fatal(error: &nico_comments::Error) -> Fault {
    match error.kind() {
        ErrorKind::EndsEarly => Fault::CutOff,
        ErrorKind::Service(_) => Fault::ErrorMessage,
        _ => Fault::NoThreads,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Page, Fault> {
        Page::read(body.as_bytes(), "12", &Fork::Main)
    }

    #[test]
    fn only_the_thread_asked_for_is_taken() {
        let page = read(
            r#"{"meta":{"status":200},"data":{"threads":[
            {"id":"12","fork":"owner","comments":[{"no":1,"vposMs":1,"body":"o"}]},
            {"id":12,"fork":"main","commentCount":"7","comments":[{"no":3,"vposMs":1,"body":"b\ud83d"},{"no":2,"vposMs":1,"body":"a"},{"vposMs":"x"}]}]}}"#,
        )
        .unwrap();
        let numbers: Vec<_> = page.comments.iter().map(|comment| comment.no).collect();
        assert_eq!(
            (numbers, page.count, page.rejected),
            (vec![Some(2), Some(3)], Some(7), 1)
        );
    }

    #[test]
    fn comments_without_a_number_stay_behind_what_they_followed() {
        let comments = [
            (Some(3), "c"),
            (None, "after c"),
            (Some(1), "a"),
            (None, "after a"),
        ];
        let comment = |(no, body): (Option<i64>, &str)| {
            let mut comment = Comment::new(nico_comments::Vpos(0), body);
            comment.no = no;
            comment
        };
        let mut page = Page {
            comments: comments.map(comment).into(),
            ..Page::default()
        };
        page.order();
        let bodies: Vec<_> = page.comments.iter().map(|comment| &*comment.body).collect();
        assert_eq!(bodies, ["a", "after a", "c", "after c"]);
    }

    #[test]
    fn what_is_no_page_says_why() {
        let whole = r#"{"meta":{"status":200},"data":{"threads":[{"id":"12","fork":"main","commentCount":1,"comments":[{"no":1,"vposMs":1,"body":"a"}]}]}}"#;
        assert!(read(whole).is_ok());
        for len in 0..whole.len() {
            assert!(read(&whole[..len]).is_err(), "{}", &whole[..len]);
        }
        let other = whole.replace("\"12\"", "\"13\"");
        assert_eq!(read(&other).unwrap_err(), Fault::OtherThread);
        for body in [
            "<html>",
            "[]",
            "{}",
            "null",
            "{\"data\":[]}",
            "{\"data\":{\"threads\":{}}}",
        ] {
            assert!(read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn an_empty_page_is_one() {
        let page = read(
            r#"{"data":{"threads":[{"id":"12","fork":"main","commentCount":0,"comments":[]}]}}"#,
        );
        assert_eq!(
            page.unwrap(),
            Page {
                count: Some(0),
                ..Page::default()
            }
        );
    }
}
