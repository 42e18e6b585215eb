//! The tables as text.

use std::fmt::{Result, Write};

use super::{
    frame_tables::{Distinct, FrameTables},
    report::CommentTables,
};

impl CommentTables {
    /// The tables as text, without a line break at the end.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text)
            .expect("a String takes all that is written to it");
        text.truncate(text.trim_end().len());
        text
    }

    fn write(&self, out: &mut String) -> Result {
        self.write_files(out)?;
        self.write_viewers(out)?;
        self.write_words(out)?;
        if let Some(time) = &self.time {
            self.write_time(out, time)?;
        }
        self.write_splits(out)
    }

    fn write_files(&self, out: &mut String) -> Result {
        let head = "  comments  deleted    owner rejected  format          file";
        writeln!(out, "{head}")?;
        for file in &self.files {
            writeln!(
                out,
                "{:>10} {:>8} {:>8} {:>8}  {:<14}  {}{}",
                file.comments,
                file.deleted,
                file.owner,
                file.rejected,
                file.format.unwrap_or("-"),
                visible(&file.path),
                if file.ends_early { " (ends early)" } else { "" }
            )?;
        }
        let totals = &self.totals;
        if self.files.len() > 1 {
            let (deleted, owner, rejected) = (totals.deleted, totals.owner, totals.rejected);
            let comments = totals.comments;
            writeln!(
                out,
                "{comments:>10} {deleted:>8} {owner:>8} {rejected:>8}  all"
            )?;
        }
        if let Some(filters) = &self.filters {
            let (kept, all) = (filters.kept, totals.comments);
            write!(out, "\n{kept} of {all} comments kept; taken away:")?;
            for (number, (name, taken)) in filters.taken.iter().enumerate() {
                let comma = if number > 0 { "," } else { "" };
                write!(out, "{comma} {} {taken}", visible(name))?;
            }
            writeln!(out)?;
        }
        writeln!(
            out,
            "\n{} comments speak, {} are empty, {} scripts, {} posted by one tap",
            totals.speech, totals.empty, totals.scripts, totals.easy
        )
    }

    fn write_viewers(&self, out: &mut String) -> Result {
        let viewers = &self.viewers;
        let all = viewers.comments;
        writeln!(
            out,
            "{all} of them by viewers: {} Premium, {} with 184, {} comment art",
            share(viewers.premium, all),
            share(viewers.anonymous, all),
            share(viewers.comment_art, all)
        )?;
        for (title, rows) in [
            ("position", &viewers.positions),
            ("size", &viewers.sizes),
            ("colour", &viewers.colors),
        ] {
            let mut rows: Vec<_> = rows.iter().filter(|&&(_, count)| count > 0).collect();
            rows.sort_by_key(|&&(_, count)| std::cmp::Reverse(count));
            let rows: Vec<_> = rows
                .iter()
                .map(|&&(name, count)| format!("{name} {}", share(count, all)))
                .collect();
            writeln!(out, "{title}: {}", rows.join(", "))?;
        }
        let lengths = &viewers.lengths;
        writeln!(
            out,
            "characters: mean {:.1}, median {}, 90 % below {}, 99 % below {}, longest {}",
            lengths.mean, lengths.median, lengths.p90, lengths.p99, lengths.longest
        )
    }

    fn write_words(&self, out: &mut String) -> Result {
        let (totals, cut) = (&self.totals, &self.vocabulary);
        writeln!(
            out,
            "\n{} words, {} distinct, {} of these nouns",
            totals.words, totals.distinct_words, totals.distinct_nouns
        )?;
        writeln!(
            out,
            "the {} most frequent, said {} times or more, are {:.2} % of what is said",
            cut.words,
            cut.count_at_cut.unwrap_or(0),
            100.0 * cut.coverage
        )?;
        for (title, table) in [("words", &self.words), ("nouns", &self.nouns)] {
            writeln!(out, "\n{title}")?;
            for (word, count) in table {
                writeln!(out, "{count:>10}  {}", visible(word))?;
            }
        }
        Ok(())
    }

    fn write_time(&self, out: &mut String, time: &FrameTables) -> Result {
        writeln!(out, "\n  comments   frame  time")?;
        for (count, frame, at) in &self.frames {
            writeln!(out, "{count:>10} {frame:>7}  {at}")?;
        }
        writeln!(
            out,
            "{} frames, {:.2} comments a frame on average; {} frames have no comments; {} comments lie outside the video",
            time.frames, time.mean, time.without, time.outside
        )?;
        writeln!(out, "\nframes without comments, from frame  time")?;
        for (frames, first, at) in &time.empty_runs {
            writeln!(out, "{frames:>23} {first:>12}  {at}")?;
        }
        writeln!(out, "\n  comments  seconds  weight  bursts from")?;
        for burst in &time.bursts {
            writeln!(
                out,
                "{:>10} {:>8} {:>7.0}  {}",
                burst.comments,
                burst.end - burst.start,
                burst.weight,
                burst.time
            )?;
        }
        Ok(())
    }

    fn write_splits(&self, out: &mut String) -> Result {
        if self.splits.is_empty() {
            return Ok(());
        }
        let head =
            "split         all    train      dev  distinct: all    train      dev  in both  leak";
        writeln!(out, "\n{head}")?;
        for (name, split) in &self.splits {
            let (all, train, dev) = (split.all, split.train, split.dev);
            write!(out, "{name:<8} {all:>8} {train:>8} {dev:>8} ")?;
            write_distinct(out, &split.distinct)?;
            write!(out, "{:<35} ", "  with unknown words replaced")?;
            write_distinct(out, &split.known)?;
        }
        Ok(())
    }
}

fn write_distinct(out: &mut String, distinct: &Distinct) -> Result {
    writeln!(
        out,
        "{:>14} {:>8} {:>8} {:>8} {:>4.1} %",
        distinct.distinct,
        distinct.distinct_train,
        distinct.distinct_dev,
        distinct.shared,
        100.0 * distinct.leak
    )
}

fn share(count: u64, all: u64) -> String {
    format!("{:.1} %", 100.0 * count as f64 / all.max(1) as f64)
}

/// A word as a terminal may show it: spaces by name, nothing that moves the cursor or turns the
/// direction of writing.
fn visible(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            '\u{3000}' => "U+3000".to_owned(),
            ' ' => c.to_string(),
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => {
                c.escape_unicode().to_string()
            }
            c if c.is_control() || c.is_whitespace() => c.escape_unicode().to_string(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::report;
    use super::*;
    use nico_comments::Timeline;

    #[test]
    fn nothing_of_a_word_reaches_the_terminal() {
        assert_eq!(
            visible("\u{3000}猫\u{1b}[31m\u{202e}\u{200b}"),
            "U+3000猫\\u{1b}[31m\\u{202e}\\u{200b}"
        );
    }

    #[test]
    fn every_table_is_there() {
        let timeline = Timeline::constant(10, 1, 20).unwrap();
        let Some(report) = report(Some(&timeline), 2) else {
            return;
        };
        let text = report.text();
        for part in [
            "12        2        2        2  all",
            "6 comments speak, 2 are empty, 2 scripts",
            "33.3 % Premium",
            "position: naka 66.7 %, ue 33.3 %",
            "the 2 most frequent, said ",
            "\nnouns\n",
            "18 frames have no comments; 2 comments lie outside",
            "17            2  0:00",
            "halves ",
            "  with unknown words replaced",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }
}
