//! What is written as Parquet is read back by the crate `parquet`, value for value.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod any_comment;

use std::{collections::BTreeMap, fs::File, io::Write};

use nico_comments::{
    Comment, CommentArt, Fork, Kind, ParquetColumn, ParquetOptions, ParquetTable, ParquetType,
    ParquetWriter, Timeline, Vpos, WholeFile,
};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};
use proptest::prelude::*;

/// A row: its fields by the names of their columns.
type Row = BTreeMap<String, Field>;

fn open(bytes: &[u8]) -> SerializedFileReader<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    SerializedFileReader::new(file).unwrap()
}

fn read(file: Vec<u8>) -> (Vec<Row>, usize) {
    let reader = open(&file);
    let groups = reader.num_row_groups();
    let rows = reader.get_row_iter(None).unwrap();
    let row =
        |row: Result<parquet::record::Row, _>| row.unwrap().into_columns().into_iter().collect();
    (rows.map(row).collect(), groups)
}

fn write<'a>(options: ParquetOptions, comments: impl IntoIterator<Item = &'a Comment>) -> Vec<u8> {
    let mut writer = ParquetWriter::new(Vec::new(), options).unwrap();
    for comment in comments {
        writer.write(comment).unwrap();
    }
    writer.finish().unwrap()
}

fn text(text: &str) -> Field {
    Field::Str(text.to_owned())
}

fn optional<T>(value: Option<T>, field: fn(T) -> Field) -> Field {
    value.map_or(Field::Null, field)
}

/// What the row of a comment holds, column by column.
fn expected(comment: &Comment, number: i32) -> Row {
    let mail = &comment.mail;
    let words: Vec<&str> = mail.words().collect();
    let color = match mail.color() {
        None => "white".to_owned(),
        Some(color) => color
            .name()
            .map_or_else(|| color.to_string(), str::to_owned),
    };
    let micros = comment.date.and_then(|date| {
        let usec = comment.date_usec.unwrap_or(0);
        date.checked_mul(1_000_000)?.checked_add(usec.into())
    });
    let extra: Vec<String> = (comment.extra.iter())
        .map(|(name, value)| format!("{}:{}", serde_json::json!(name), serde_json::json!(value)))
        .collect();
    let extra = (!extra.is_empty()).then(|| format!("{{{}}}", extra.join(",")));
    [
        ("show", text("a show")),
        ("episode", Field::Null),
        ("file", Field::Int(7)),
        ("comment", Field::Int(number)),
        ("thread", optional(comment.thread.clone(), Field::Str)),
        ("fork", text(comment.fork.as_str())),
        ("no", optional(comment.no, Field::Long)),
        ("id", optional(comment.id.clone(), Field::Str)),
        ("vpos_ms", Field::Long(comment.vpos_millis())),
        ("posted_at", optional(micros, Field::TimestampMicros)),
        ("body", text(&comment.body)),
        ("commands", text(&words.join(" "))),
        ("position", text(mail.position().as_str())),
        ("size", text(mail.size().as_str())),
        ("font", text(mail.font().as_str())),
        ("color", text(&color)),
        ("user_id", optional(comment.user.clone(), Field::Str)),
        ("premium", Field::Bool(comment.premium == 1)),
        ("premium_code", Field::Int(comment.premium.into())),
        (
            "anonymous",
            Field::Bool(comment.anonymous || mail.has("184")),
        ),
        ("score", optional(comment.score, Field::Long)),
        ("nicoru", optional(comment.nicoru, Field::Long)),
        ("deleted", Field::Bool(comment.deleted != 0)),
        ("deleted_code", Field::Int(comment.deleted.into())),
        ("leaf", optional(comment.leaf, Field::Long)),
        ("layer", optional(comment.layer, Field::Int)),
        ("extra", optional(extra, Field::Str)),
        ("blank", Field::Bool(comment.body.trim().is_empty())),
        ("script", Field::Bool(comment.is_script())),
        ("speech", Field::Bool(Kind::Speech.has(comment))),
        ("comment_art", Field::Bool(CommentArt::is_art(comment))),
    ]
    .map(|(name, field)| (name.to_owned(), field))
    .into()
}

proptest! {
    // Few files of many comments: beginning 31 columns is what takes the time.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any comments are read back as they were, whatever their texts, numbers and dates are.
    #[test]
    fn comments_are_read_back(comments in prop::collection::vec(any_comment::comment(), 0..80)) {
        let mut writer = ParquetWriter::new(Vec::new(), ParquetOptions::default()).unwrap();
        writer.begin_file(7, Some("a show"), None);
        for comment in &comments {
            writer.write(comment).unwrap();
        }
        prop_assert_eq!(writer.num_comments(), comments.len() as u64);
        let rows: Vec<Row> = (0..).zip(&comments).map(|(number, comment)| expected(comment, number)).collect();
        prop_assert_eq!(read(writer.finish().unwrap()).0, rows);
    }
}

/// A file without comments has no row and all columns, and without a show it has none of that.
#[test]
fn no_comments_are_a_file_too() {
    let columns = |options: ParquetOptions| {
        let reader = open(&write(options, []));
        let schema = reader.metadata().file_metadata().schema_descr();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
        let names = schema
            .columns()
            .iter()
            .map(|column| column.name().to_owned());
        names.collect::<Vec<_>>()
    };
    let all = columns(ParquetOptions::default());
    assert_eq!(all.len(), 31);
    assert_eq!(columns(ParquetOptions::default().show(false)), all[1..]);
    let timeline = Timeline::constant(10, 1, 20).unwrap();
    let with_frames = columns(ParquetOptions::default().timeline(timeline));
    assert_eq!(with_frames[31..], ["frame", "outside"]);
}

/// Comments outside the video are of its first or last frame, as everywhere else.
#[test]
fn frames_are_those_of_the_timeline() {
    let timeline = Timeline::constant(10, 1, 20).unwrap();
    let comments = [-10, 0, 105, 199, 200].map(|vpos| Comment::new(Vpos(vpos), "草"));
    let rows = read(write(
        ParquetOptions::default().timeline(timeline),
        &comments,
    ))
    .0;
    let frames = rows
        .iter()
        .map(|row| (row["frame"].clone(), row["outside"].clone()));
    let expected = [(0, true), (0, false), (10, false), (19, false), (19, true)];
    let expected = expected.map(|(frame, outside)| (Field::Int(frame), Field::Bool(outside)));
    assert_eq!(frames.collect::<Vec<_>>(), expected);
}

/// A date that no number of microseconds can be is counted and left out; those at the ends are
/// kept.
#[test]
fn dates_out_of_range_are_counted() {
    let mut writer = ParquetWriter::new(Vec::new(), ParquetOptions::default()).unwrap();
    for date in [i64::MIN, i64::MAX, i64::MAX / 1_000_000, -1] {
        writer
            .write(&Comment::new(Vpos(0), "w").date(date))
            .unwrap();
    }
    assert_eq!(writer.dates_lost(), 2);
    let rows = read(writer.finish().unwrap()).0;
    let dates: Vec<_> = rows.iter().map(|row| row["posted_at"].clone()).collect();
    let whole_seconds = i64::MAX / 1_000_000 * 1_000_000;
    let kept = [whole_seconds, -1_000_000].map(Field::TimestampMicros);
    assert_eq!(dates, [[Field::Null, Field::Null], kept].concat());
}

/// Comments of a second file are numbered anew.
#[test]
fn files_are_told_apart() {
    let mut writer = ParquetWriter::new(Vec::new(), ParquetOptions::default().show(false)).unwrap();
    let comment = Comment::new(Vpos(0), "w").fork(Fork::Other("ai".to_owned()));
    for file in 0..2 {
        writer.begin_file(file, None, Some("01"));
        writer.write(&comment).unwrap();
        writer.write(&comment).unwrap();
        assert_eq!(writer.next_comment(), 2);
    }
    let rows = read(writer.finish().unwrap()).0;
    let places = rows
        .iter()
        .map(|row| (row["file"].clone(), row["comment"].clone()));
    let expected = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(a, b)| (Field::Int(a), Field::Int(b)));
    assert_eq!(places.collect::<Vec<_>>(), expected);
    assert_eq!(rows[0]["fork"], text("ai"));
}

/// Row groups end where they are full, and the rows of all are in order.
#[test]
fn rows_of_many_groups_stay_in_order() {
    let columns = [
        ParquetColumn::new("n", ParquetType::Int64),
        ParquetColumn::optional("odd", ParquetType::Text),
    ];
    let mut table = ParquetTable::new(Vec::new(), "t", &columns)
        .unwrap()
        .most_rows(100);
    for n in 0..1_050_i64 {
        let odd = (n % 2 == 1).then(|| n.to_string());
        table.push(&[n.into(), odd.as_deref().into()]).unwrap();
    }
    assert_eq!(table.num_rows(), 1_050);
    let (rows, groups) = read(table.finish().unwrap());
    assert_eq!((rows.len(), groups), (1_050, 11));
    for (n, row) in (0..).zip(rows) {
        let odd = if n % 2 == 1 {
            text(&n.to_string())
        } else {
            Field::Null
        };
        assert_eq!((&row["n"], &row["odd"]), (&Field::Long(n), &odd));
    }
    // Few rows that hold much end a group as well.
    let columns = [ParquetColumn::new("text", ParquetType::Text)];
    let mut table = ParquetTable::new(Vec::new(), "t", &columns)
        .unwrap()
        .most_bytes(64 << 10);
    let long = "草".repeat(8 << 10);
    for _ in 0..6 {
        table.push(&[long.as_str().into()]).unwrap();
    }
    assert_eq!(read(table.finish().unwrap()).1, 2);
}

/// A file that is not ended is not there.
#[test]
fn what_is_not_ended_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let begin = || {
        let file = WholeFile::create(&path).unwrap();
        let mut writer = ParquetWriter::new(file, ParquetOptions::default()).unwrap();
        writer.write(&Comment::new(Vpos(0), "w")).unwrap();
        writer
    };
    drop(begin());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    begin().finish().unwrap().commit().unwrap();
    assert_eq!(read(std::fs::read(&path).unwrap()).0.len(), 1);
}
