//! The comments of an episode: a crowd that listens, looks, and reads itself.

use std::collections::HashMap;
use std::io::{self, Write};

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::lines::Line;
use super::words;
use crate::chat::choice::any;
use crate::chat::grammar::{self, Moment};
use crate::chat::saccubus::{self, Chat};
use crate::chat::timing::Timing;
use crate::chat::viewers::Viewer;
use crate::chat::{to_f64, to_i64, to_u64, to_usize};
use crate::options::WorldOptions;
use crate::show::Script;

/// Shares of the comments that answer a line and another comment; the others are about the
/// picture.
const ABOUT_LINES: f64 = 0.3;
const ABOUT_COMMENTS: f64 = 0.25;
/// Share of the answers to a comment that say the same.
const SAME: f64 = 0.55;
/// Share of comments that a viewer who has written before says again.
const AGAIN: f64 = 0.08;
/// Comments of a viewer, on average.
const PER_VIEWER: usize = 8;
/// When the first comment was posted, unix seconds.
const FIRST_DATE: i64 = 1_500_000_000;

/// What a comment answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    /// What is seen, or nothing.
    Picture,
    /// A line, by its number from 0.
    Line(usize),
    /// Another viewer's comment, by its number from 0.
    Comment(usize),
    /// An earlier comment of the same viewer, which it repeats.
    Own(usize),
}

/// A comment of an episode.
#[derive(Clone, Debug)]
struct Written {
    /// 1/100 s.
    vpos: i64,
    viewer: u64,
    body: String,
    answered: Answered,
}

/// The comments of an episode, in order of time.
#[derive(Debug)]
pub(crate) struct EpisodeChat {
    seed: u64,
    comments: Vec<Written>,
}

impl EpisodeChat {
    /// Writes as many comments as the options say for a script with dialogue.
    pub(crate) fn write(script: &Script, lines: &[Line], options: &WorldOptions) -> Self {
        let seed = options.seed ^ ((script.show as u64) << 32);
        let mut writer = Writer {
            random: ChaCha8Rng::seed_from_u64(seed ^ 0xa0_53_e5),
            script,
            options,
            viewers: (options.comments / PER_VIEWER).max(2),
            seed,
        };
        let share = |share: f64| to_usize(to_f64(options.comments) * share);
        let of_lines = if lines.is_empty() {
            0
        } else {
            share(ABOUT_LINES)
        };
        let of_comments = share(ABOUT_COMMENTS);
        let mut drafts = writer.about_pictures(options.comments - of_lines - of_comments);
        writer.about_lines(lines, of_lines, &mut drafts);
        writer.about_comments(of_comments, &mut drafts);
        let mut comments = in_order_of_time(drafts);
        writer.say_again(&mut comments);
        Self { seed, comments }
    }

    /// Number of comments.
    pub(crate) fn len(&self) -> usize {
        self.comments.len()
    }

    /// Writes them as Saccubus XML.
    pub(crate) fn write_xml(&self, out: &mut impl Write) -> io::Result<()> {
        let thread = format!("{}", 1_500_000_000 + self.seed % 100_000_000);
        let mut random = ChaCha8Rng::seed_from_u64(self.seed ^ 0x3a_11);
        saccubus::begin(out, &thread, self.comments.len())?;
        for (comment, no) in self.comments.iter().zip(1..) {
            let viewer = Viewer::new(self.seed, comment.viewer);
            let mail = viewer.mail(&mut random, comment.body.contains('！'));
            let chat = Chat {
                thread: &thread,
                owner: false,
                no,
                vpos: comment.vpos,
                date: FIRST_DATE + i64::try_from(no).unwrap_or(0) * 60,
                mail: &mail,
                user: Some(&viewer.id),
                premium: viewer.premium,
                body: Some(&comment.body),
            };
            saccubus::chat(out, &chat)?;
        }
        saccubus::end(out)
    }

    /// Writes what each comment answers: its number, `picture`, `line`, `comment` or `own`, and the
    /// number of the line or comment, all from 1.
    pub(crate) fn write_answers(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "no\tanswers\tnumber")?;
        for (comment, no) in self.comments.iter().zip(1..) {
            let (what, number) = match comment.answered {
                Answered::Picture => ("picture", String::new()),
                Answered::Line(line) => ("line", format!("{}", line + 1)),
                Answered::Comment(other) => ("comment", format!("{}", other + 1)),
                Answered::Own(other) => ("own", format!("{}", other + 1)),
            };
            writeln!(out, "{no}\t{what}\t{number}")?;
        }
        Ok(())
    }
}

struct Writer<'a> {
    random: ChaCha8Rng,
    script: &'a Script,
    options: &'a WorldOptions,
    viewers: usize,
    seed: u64,
}

impl Writer<'_> {
    /// A few viewers write much, most write once or twice.
    fn viewer(&mut self) -> u64 {
        let eager: f64 = self.random.random_range(0.0..1.0);
        to_u64(eager.powi(2) * to_f64(self.viewers))
    }

    fn about_pictures(&mut self, number: usize) -> Vec<Written> {
        let rate = self.options.rate();
        let timing = Timing::new(self.script, self.seed, rate);
        let comments = (0..number).map(|_| {
            let vpos = timing.draw(&mut self.random, self.script).max(0);
            let number = self.viewer();
            let viewer = Viewer::new(self.seed, number);
            // Reading and typing take a second or two.
            let seen = (vpos_seconds(vpos) - delay(&mut self.random, 0.5, 0.7)).max(0.0);
            let frame = to_usize(seen * rate);
            let point = self.script.joke;
            let moment = Moment {
                show: self.script.show,
                scene: self.script.scene_at(frame),
                at_joke: (point..point + to_usize(rate * 1.5)).contains(&frame),
                unseen_names: self.options.unseen_names,
                color_told: self.options.costumes,
                recent: &[],
            };
            Written {
                vpos,
                viewer: number,
                body: grammar::comment(&mut self.random, &moment, &viewer),
                answered: Answered::Picture,
            }
        });
        comments.collect()
    }

    /// Some lines are answered by many, most by a few, 1.5 s to some seconds after they begin.
    fn about_lines(&mut self, lines: &[Line], number: usize, drafts: &mut Vec<Written>) {
        let appeal: Vec<f64> = lines
            .iter()
            .map(|_| -(1.0 - self.random.random_range(0.0..1.0_f64)).ln())
            .collect();
        for _ in 0..number {
            let chosen = weighted(&mut self.random, &appeal);
            let number = self.viewer();
            let viewer = Viewer::new(self.seed, number);
            let line = &lines[chosen];
            let body = if self.random.random_bool(0.12) {
                format!("「{}」", line.text)
            } else {
                let template = any(&mut self.random, words::ANSWERS).replace("<K>", line.about);
                grammar::filled(&mut self.random, &template, &viewer)
            };
            let late = delay(&mut self.random, 1.5, 1.3);
            drafts.push(Written {
                vpos: line.start_ms / 10 + to_i64(late * 100.0),
                viewer: number,
                body,
                answered: Answered::Line(chosen),
            });
        }
    }

    /// Some comments are repeated and answered by others, and the answers are too.
    fn about_comments(&mut self, number: usize, drafts: &mut Vec<Written>) {
        if drafts.is_empty() {
            return;
        }
        for _ in 0..number {
            // Who was answered is answered again: of three that come into question, the one who
            // answers somebody.
            let mut chosen = self.random.random_range(0..drafts.len());
            for _ in 0..2 {
                let other = self.random.random_range(0..drafts.len());
                if matches!(
                    drafts[other].answered,
                    Answered::Comment(_) | Answered::Line(_)
                ) {
                    chosen = other;
                }
            }
            let said = drafts[chosen].clone();
            let mut number = self.viewer();
            if number == said.viewer {
                number = (number + 1) % to_u64(to_f64(self.viewers));
            }
            let viewer = Viewer::new(self.seed, number);
            let is_short = said.body.chars().count() <= 14 && !said.body.starts_with('↑');
            let body = match self.random.random_bool(SAME) {
                true => said.body.clone(),
                false if is_short && self.random.random_bool(0.5) => format!("{}は草", said.body),
                false => format!("↑{}", grammar::agreement(&mut self.random, &viewer)),
            };
            let late = delay(&mut self.random, 0.8, 1.5);
            drafts.push(Written {
                vpos: said.vpos + to_i64(late * 100.0),
                viewer: number,
                body,
                answered: Answered::Comment(chosen),
            });
        }
    }

    /// Viewers repeat themselves, but for what somebody answered, who would answer something else.
    fn say_again(&mut self, comments: &mut [Written]) {
        let mut is_answered = vec![false; comments.len()];
        for comment in comments.iter() {
            if let Answered::Comment(other) = comment.answered {
                is_answered[other] = true;
            }
        }
        let mut written = HashMap::<u64, Vec<usize>>::new();
        for at in 0..comments.len() {
            let own = written.entry(comments[at].viewer).or_default();
            let again = !own.is_empty() && self.random.random_bool(AGAIN);
            if again && !is_answered[at] {
                let earlier = own[self.random.random_range(0..own.len())];
                comments[at].body = comments[earlier].body.clone();
                comments[at].answered = Answered::Own(earlier);
            }
            own.push(at);
        }
    }
}

/// Puts comments in order of time; numbers of answered comments follow.
fn in_order_of_time(drafts: Vec<Written>) -> Vec<Written> {
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|&at| drafts[at].vpos); // stable
    let mut place = vec![0; drafts.len()];
    for (now, &before) in order.iter().enumerate() {
        place[before] = now;
    }
    let moved = order.iter().map(|&at| {
        let mut comment = drafts[at].clone();
        if let Answered::Comment(other) = comment.answered {
            comment.answered = Answered::Comment(place[other]);
        }
        comment
    });
    moved.collect()
}

/// A number of the list, by weight.
fn weighted(random: &mut impl Rng, weights: &[f64]) -> usize {
    let mut at = random.random_range(0.0..1.0) * weights.iter().sum::<f64>();
    for (number, weight) in weights.iter().enumerate() {
        at -= weight;
        if at < 0.0 {
            return number;
        }
    }
    weights.len().saturating_sub(1)
}

/// Seconds that a reaction takes: at least `least`, by `more` longer on average, and 8 s at most.
fn delay(random: &mut impl Rng, least: f64, more: f64) -> f64 {
    let longer = -more * (1.0 - random.random_range(0.0..1.0_f64)).ln();
    (least + longer).min(8.0)
}

#[expect(clippy::cast_precision_loss, reason = "hours of hundredths")]
fn vpos_seconds(vpos: i64) -> f64 {
    vpos as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::super::lines::write_lines;
    use super::*;
    use crate::show::Show;

    fn episode(seed: u64) -> (Vec<Line>, EpisodeChat) {
        let options = WorldOptions::default()
            .seconds(120.0)
            .comments(1_200)
            .seed(seed);
        let script = Script::write(Show::Cafe, seed, options.num_frames(), options.rate());
        let lines = write_lines(&script, seed, options.rate());
        let chat = EpisodeChat::write(&script, &lines, &options);
        (lines, chat)
    }

    #[test]
    fn lines_comments_and_oneself_are_answered_within_seconds() {
        let (lines, chat) = episode(5);
        let comments = &chat.comments;
        assert_eq!(comments.len(), 1_200);
        let mut numbers = [0; 4];
        for comment in comments {
            match comment.answered {
                Answered::Picture => numbers[0] += 1,
                Answered::Line(line) => {
                    numbers[1] += 1;
                    let late = comment.vpos * 10 - lines[line].start_ms;
                    assert!((1_400..=8_100).contains(&late), "{late} ms");
                    assert!(comment.body.contains(lines[line].about), "{}", comment.body);
                }
                Answered::Comment(other) => {
                    numbers[2] += 1;
                    let other = &comments[other];
                    assert_ne!(other.viewer, comment.viewer);
                    assert!((70..=810).contains(&(comment.vpos - other.vpos)));
                    let same = comment.body == other.body;
                    let is_answer = comment.body == format!("{}は草", other.body);
                    assert!(same || is_answer || comment.body.starts_with('↑'));
                }
                Answered::Own(other) => {
                    numbers[3] += 1;
                    assert_eq!(comments[other].viewer, comment.viewer);
                    assert_eq!(comments[other].body, comment.body);
                    assert!(comments[other].vpos <= comment.vpos);
                }
            }
        }
        assert!(numbers.iter().all(|number| *number > 40), "{numbers:?}");
        assert!(comments.is_sorted_by_key(|comment| comment.vpos));
    }

    #[test]
    fn a_film_without_words_has_comments_too() {
        let options = WorldOptions::default().seconds(20.0).comments(100);
        let script = Script::write(Show::Safari, 1, options.num_frames(), options.rate());
        let chat = EpisodeChat::write(&script, &[], &options);
        assert_eq!(chat.comments.len(), 100);
        let is_of_line = |one: &Written| matches!(one.answered, Answered::Line(_));
        assert!(!chat.comments.iter().any(is_of_line));
        let none = EpisodeChat::write(&script, &[], &options.comments(0));
        assert!(none.comments.is_empty());
    }
}
