//! The tables as CSV files.
//!
//! Comments are written by strangers, and a spreadsheet takes a cell that begins with `=`, `+`, `-`
//! or `@` for a formula. So text (words, paths) that begins with one of these, with its wide form,
//! with a tab or a line end, or with an apostrophe gets an apostrophe in front: spreadsheets show
//! such a cell as text, and a program that takes one leading apostrophe off every text has the
//! words back. All text is quoted, so that no other separator splits it.

use std::{borrow::Cow, fmt::Display, path::Path};

use csv::{QuoteStyle, WriterBuilder};
use nico_comments::write_whole;

use super::{
    frame_tables::{Distinct, FrameTables},
    report::CommentTables,
};
use crate::error::Error;

/// A table: its name, the columns, the rows. Text in rows is guarded already.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl CommentTables {
    /// Writes every table to a file `NAME.csv` of the folder, each whole or not at all. Tables that
    /// need a video are written without it too, with no rows, so that none of another run stays
    /// behind.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one cannot be written.
    pub fn write_csv(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
        for table in tables(self) {
            write_whole(folder.join(format!("{}.csv", table.name)), |out| {
                let mut csv = WriterBuilder::new()
                    .quote_style(QuoteStyle::NonNumeric)
                    .from_writer(out);
                csv.write_record(table.columns)?;
                for row in &table.rows {
                    csv.write_record(row)?;
                }
                csv.flush()
            })?;
        }
        Ok(())
    }
}

fn tables(report: &CommentTables) -> Vec<Table> {
    let mut tables = vec![
        files(report),
        totals(report),
        commands(report),
        lengths(report),
        words("words", &report.words),
        words("nouns", &report.nouns),
        splits(report),
    ];
    tables.extend(of_time(report));
    tables
}

fn files(report: &CommentTables) -> Table {
    let row = |file: &super::report::FileReport| {
        let mut row = vec![text(&file.path), text(file.format.unwrap_or_default())];
        row.extend(numbers(&[
            file.comments,
            file.deleted,
            file.owner,
            file.rejected,
        ]));
        row.push(file.ends_early.to_string());
        row
    };
    Table {
        name: "files",
        columns: &[
            "path",
            "format",
            "comments",
            "deleted",
            "owner",
            "rejected",
            "ends_early",
        ],
        rows: report.files.iter().map(row).collect(),
    }
}

fn totals(report: &CommentTables) -> Table {
    let (totals, viewers, cut) = (&report.totals, &report.viewers, &report.vocabulary);
    let mut rows = vec![
        named("comments", totals.comments),
        named("deleted", totals.deleted),
        named("owner", totals.owner),
        named("rejected", totals.rejected),
        named("empty", totals.empty),
        named("easy", totals.easy),
        named("scripts", totals.scripts),
        named("speech", totals.speech),
        named("viewers", viewers.comments),
        named("premium", viewers.premium),
        named("anonymous", viewers.anonymous),
        named("comment_art", viewers.comment_art),
        named("words", totals.words),
        named("distinct_words", totals.distinct_words),
        named("distinct_nouns", totals.distinct_nouns),
        named("vocabulary", cut.words),
        named("count_at_cut", cut.count_at_cut.unwrap_or(0)),
        named("coverage", cut.coverage),
    ];
    if let Some(time) = &report.time {
        rows.push(named("frames", time.frames));
        rows.push(named("frames_without", time.without));
        rows.push(named("comments_per_frame", time.mean));
        rows.push(named("outside", time.outside));
    }
    Table {
        name: "totals",
        columns: &["name", "value"],
        rows,
    }
}

fn commands(report: &CommentTables) -> Table {
    let viewers = &report.viewers;
    let kinds = [
        ("position", &viewers.positions),
        ("size", &viewers.sizes),
        ("colour", &viewers.colors),
    ];
    let row = |kind: &str, name: &str, count: u64| {
        let share = count as f64 / viewers.comments.max(1) as f64;
        vec![text(kind), text(name), count.to_string(), share.to_string()]
    };
    Table {
        name: "commands",
        columns: &["kind", "command", "comments", "share"],
        rows: kinds
            .iter()
            .flat_map(|(kind, rows)| rows.iter().map(|&(name, count)| row(kind, name, count)))
            .collect(),
    }
}

fn lengths(report: &CommentTables) -> Table {
    let counts = report.viewers.lengths.histogram.iter().zip(0_u64..);
    Table {
        name: "lengths",
        columns: &["characters", "comments"],
        rows: counts
            .filter(|&(&comments, _)| comments > 0)
            .map(|(&comments, characters)| numbers(&[characters, comments]))
            .collect(),
    }
}

fn words(name: &'static str, table: &[(String, u64)]) -> Table {
    let row = |(word, count): &(String, u64)| vec![text(word), count.to_string()];
    Table {
        name,
        columns: &["word", "count"],
        rows: table.iter().map(row).collect(),
    }
}

fn splits(report: &CommentTables) -> Table {
    let mut rows = Vec::new();
    for (name, split) in &report.splits {
        let mut row = |compared: &str, distinct: &Distinct| {
            let mut row = vec![text(name), text(compared)];
            row.extend(numbers(&[split.all, split.train, split.dev, split.guard]));
            row.extend(numbers(&[
                distinct.distinct,
                distinct.distinct_train,
                distinct.distinct_dev,
                distinct.shared,
            ]));
            row.push(distinct.leak.to_string());
            rows.push(row);
        };
        row("whole", &split.distinct);
        row("known words", &split.known);
    }
    Table {
        name: "splits",
        columns: &[
            "split",
            "compared",
            "all",
            "train",
            "dev",
            "guard",
            "distinct",
            "distinct_train",
            "distinct_dev",
            "shared",
            "leak",
        ],
        rows,
    }
}

fn of_time(report: &CommentTables) -> [Table; 5] {
    fn rows<T>(
        time: Option<&FrameTables>,
        table: impl Fn(&FrameTables) -> &[T],
        row: impl Fn(usize, &T) -> Vec<String>,
    ) -> Vec<Vec<String>> {
        let table = time.map_or(&[][..], table);
        let numbered = table.iter().enumerate();
        numbered.map(|(at, item)| row(at, item)).collect()
    }
    let time = report.time.as_ref();
    [
        Table {
            name: "frames",
            columns: &["comments", "frame", "time"],
            rows: report
                .frames
                .iter()
                .map(|(count, frame, at)| vec![count.to_string(), frame.to_string(), text(at)])
                .collect(),
        },
        Table {
            name: "distribution",
            columns: &["comments", "frames"],
            rows: rows(
                time,
                |time| &time.distribution,
                |_, (comments, frames)| vec![comments.to_string(), frames.to_string()],
            ),
        },
        Table {
            name: "empty_runs",
            columns: &["frames", "first_frame", "time"],
            rows: rows(
                time,
                |time| &time.empty_runs,
                |_, (frames, first, at)| vec![frames.to_string(), first.to_string(), text(at)],
            ),
        },
        Table {
            name: "seconds",
            columns: &["second", "comments"],
            rows: rows(
                time,
                |time| &time.seconds,
                |second, comments| vec![second.to_string(), comments.to_string()],
            ),
        },
        Table {
            name: "bursts",
            columns: &["start", "end", "time", "comments", "weight"],
            rows: rows(
                time,
                |time| &time.bursts,
                |_, burst| {
                    let (start, end) = (burst.start.to_string(), burst.end.to_string());
                    let (comments, weight) = (burst.comments.to_string(), burst.weight.to_string());
                    vec![start, end, text(&burst.time), comments, weight]
                },
            ),
        },
    ]
}

fn named(name: &str, value: impl Display) -> Vec<String> {
    vec![text(name), value.to_string()]
}

fn numbers(numbers: &[u64]) -> Vec<String> {
    numbers.iter().map(u64::to_string).collect()
}

fn text(text: &str) -> String {
    guarded(text).into_owned()
}

/// Text that no spreadsheet takes for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    let risky = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠',
    ]);
    if risky {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::report;
    use super::*;
    use nico_comments::Timeline;
    use std::fs;

    #[test]
    fn formulas_become_text_and_words_come_back() {
        for word in ["=1+1", "＝", "-", "@a", "\t=1", "'", "''=", "草", "", "a=1"] {
            let cell = guarded(word);
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '＝']),
                "{cell}"
            );
            assert_eq!(cell.strip_prefix('\'').unwrap_or(&cell), word);
        }
    }

    #[test]
    fn files_can_be_read_back() {
        let timeline = Timeline::constant(10, 1, 20).unwrap();
        let Some(report) = report(Some(&timeline), 1) else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("tables");
        report.write_csv(&out).unwrap();
        for table in tables(&report) {
            let path = out.join(format!("{}.csv", table.name));
            let mut reader = csv::Reader::from_path(&path).unwrap();
            assert_eq!(reader.headers().unwrap(), table.columns);
            let rows: Vec<Vec<String>> = reader
                .records()
                .map(|row| row.unwrap().iter().map(str::to_owned).collect())
                .collect();
            assert_eq!(rows, table.rows, "{}", table.name);
            assert!(!rows.is_empty() || table.name == "bursts", "{}", table.name);
        }
        let words = fs::read_to_string(out.join("words.csv")).unwrap();
        assert!(
            words.starts_with("\"word\",\"count\"\n\"猫\",3\n"),
            "{words}"
        );
        assert_eq!(fs::read_dir(&out).unwrap().count(), tables(&report).len());
    }

    #[test]
    fn tables_of_another_run_do_not_stay() {
        let timeline = Timeline::constant(10, 1, 20).unwrap();
        let (Some(with), Some(without)) = (report(Some(&timeline), 1), report(None, 1)) else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        with.write_csv(folder.path()).unwrap();
        without.write_csv(folder.path()).unwrap();
        let frames = fs::read_to_string(folder.path().join("frames.csv")).unwrap();
        assert_eq!(frames, "\"comments\",\"frame\",\"time\"\n");
    }
}
