use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use jp_tokenize::Tokenizer;
use nico_comments::{
    Comment, ParquetColumn, ParquetTable, ParquetType, Summary, Timeline, WholeFile,
};

use super::{
    frames::{part_name, write_frames},
    partial_folder::PartialFolder,
    place::VideoPlace,
    show_tables::{ShowTables, cannot_write},
};
use crate::{
    error::Error,
    reading::{Reading, remarks},
    split::VideoSplit,
    tables::SPLIT_SEED,
};

const FILE_COLUMNS: [ParquetColumn; 10] = {
    use ParquetType::{Boolean, Int32, Int64, Text};
    [
        ParquetColumn::new("file", Int32),
        ParquetColumn::optional("show", Text),
        ParquetColumn::optional("episode", Text),
        ParquetColumn::optional("format", Text),
        ParquetColumn::new("comments", Int64),
        ParquetColumn::new("deleted", Int64),
        ParquetColumn::new("owner", Int64),
        ParquetColumn::new("rejected", Int64),
        ParquetColumn::new("ends_early", Boolean),
        ParquetColumn::new("part", Text),
    ]
};

/// Which tables of a folder are made beside those of comments and files. Made by `default()` and
/// the setters.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ParquetFolderOptions<'a> {
    /// Splits comments that speak into words, for the table `words`. Default: no such table.
    pub tokenizer: Option<&'a Tokenizer>,
    /// Frame times of the video that all files belong to, for the table `frames` and the columns
    /// `frame` and `outside` of comments. Default: none.
    pub timeline: Option<&'a Timeline>,
}

impl<'a> ParquetFolderOptions<'a> {
    /// Sets [`tokenizer`](Self::tokenizer).
    #[must_use]
    pub fn tokenizer(mut self, tokenizer: impl Into<Option<&'a Tokenizer>>) -> Self {
        self.tokenizer = tokenizer.into();
        self
    }

    /// Sets [`timeline`](Self::timeline).
    #[must_use]
    pub fn timeline(mut self, timeline: impl Into<Option<&'a Timeline>>) -> Self {
        self.timeline = timeline.into();
        self
    }
}

/// What [`write_parquet_folder`] wrote: rows of its tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParquetReport {
    /// Shows: partitions.
    pub shows: usize,
    /// Comment files.
    pub files: usize,
    /// Comments.
    pub comments: u64,
    /// Words of the comments that speak; 0 if they were not split.
    pub words: u64,
    /// Comments whose dates a Parquet file cannot hold.
    pub dates_lost: u64,
}

/// Writes what `reading` keeps of comment files as a folder of Parquet tables, partitioned by show
/// as Hive does it: `comments/show=…/part-0.parquet`, the same of `words`, `files.parquet` and
/// `frames.parquet` (`docs/sql.md`). Memory does not grow with the comments.
///
/// The folder is whole or absent: it is made beside its place under a name that begins with a dot,
/// where what a killed program left is removed first, and moved when it is done.
///
/// What is not good in a file is told to `rejected`, and what should be told of it to `remark`.
///
/// # Errors
///
/// Fails if the folder is there already and not empty, another program is making it, a file cannot
/// be read at all or is no comment file, or something cannot be written.
pub fn write_parquet_folder(
    folder: &Path,
    paths: &[PathBuf],
    options: ParquetFolderOptions<'_>,
    reading: &Reading,
    mut rejected: impl FnMut(nico_comments::Error),
    mut remark: impl FnMut(&Path, String),
) -> Result<ParquetReport, Error> {
    let partial = PartialFolder::begin(folder)?;
    let places: Vec<VideoPlace> = paths.iter().map(|path| VideoPlace::of(path)).collect();
    let mut shows: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (file, place) in places.iter().enumerate() {
        shows.entry(place.show.as_deref()).or_default().push(file);
    }
    if shows.is_empty() {
        shows.insert(None, Vec::new()); // tables without rows
    }
    let mut report = ParquetReport {
        shows: shows.len(),
        files: paths.len(),
        ..ParquetReport::default()
    };
    let mut summaries: Vec<Option<Summary>> = vec![None; paths.len()];
    for (show, files) in shows {
        let mut tables = ShowTables::create(&partial.path, show, options)?;
        for file in files {
            let path = &paths[file];
            let mut comments = reading.open(path)?;
            tables.begin_file(number(file)?, places[file].episode.as_deref());
            let push = |comment: Comment| tables.push(comment);
            summaries[file] = Some(reading.each(&mut comments, &mut rejected, push)?);
            for text in remarks(&comments) {
                remark(path, text);
            }
        }
        tables.finish(&mut report)?;
    }
    write_files(&partial.path.join("files.parquet"), &places, &summaries)?;
    if let Some(timeline) = options.timeline {
        write_frames(&partial.path.join("frames.parquet"), timeline)?;
    }
    partial.commit(folder)?;
    Ok(report)
}

/// The number of a file in the tables.
fn number(file: usize) -> Result<i32, Error> {
    i32::try_from(file).map_err(|_| Error::Option {
        option: "files",
        value: file.to_string(),
        expected: "at most 2,147,483,647",
    })
}

/// Writes a row for each comment file: what was found in it, and to which part it goes where whole
/// files are held out.
fn write_files(
    path: &Path,
    places: &[VideoPlace],
    summaries: &[Option<Summary>],
) -> Result<(), Error> {
    let split = VideoSplit::new(places.len(), SPLIT_SEED);
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut table = ParquetTable::new(WholeFile::create(path)?, "files", &FILE_COLUMNS)
        .map_err(cannot_write(path))?;
    for (file, (place, summary)) in places.iter().zip(summaries).enumerate() {
        let summary = summary.unwrap_or_default();
        table
            .push(&[
                number(file)?.into(),
                place.show.as_deref().into(),
                place.episode.as_deref().into(),
                summary.format.map(|format| format.as_str()).into(),
                count(summary.comments).into(),
                count(summary.deleted).into(),
                count(summary.owner).into(),
                count(summary.rejected).into(),
                summary.ends_early.into(),
                part_name(split.assign(file)).into(),
            ])
            .map_err(cannot_write(path))?;
    }
    Ok(table.finish().map_err(cannot_write(path))?.commit()?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ::parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::{Field, Row},
    };

    use folder_lock::FolderLock;

    use super::*;

    fn rows(path: &Path) -> Vec<Row> {
        let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
        let rows = reader.get_row_iter(None).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn field(row: &Row, column: &str) -> Field {
        let mut columns = row.get_column_iter();
        let found = columns.find(|(name, _)| *name == column);
        found
            .map(|(_, field)| field.clone())
            .unwrap_or_else(|| panic!("no column {column}: {row}"))
    }

    fn text(text: &str) -> Field {
        Field::Str(text.to_owned())
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Two shows, of which one has two episodes that stand apart in the list.
    fn episodes(folder: &Path) -> Vec<PathBuf> {
        let chat = |vpos: i64, body: &str| {
            format!("<chat no='{vpos}' vpos='{vpos}' user_id='a'>{body}</chat>")
        };
        let files = [
            (
                "b/01.xml",
                chat(10, "猫がいる") + &chat(20, "犬") + "<chat vpos='x'>c</chat>",
            ),
            ("a/01.xml", chat(30, "猫") + "<chat vpos='40' deleted='1'/>"),
            ("b/02.xml", chat(500, "犬と猫")),
        ];
        files
            .map(|(name, chats)| {
                let path = folder.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, format!("<packet>{chats}</packet>")).unwrap();
                path
            })
            .to_vec()
    }

    fn write(
        folder: &Path,
        paths: &[PathBuf],
        options: ParquetFolderOptions<'_>,
    ) -> Result<ParquetReport, Error> {
        let reading = Reading::default();
        write_parquet_folder(folder, paths, options, &reading, drop, |_, _| ())
    }

    #[test]
    fn shows_are_partitions_and_files_keep_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("corpus");
        let timeline = Timeline::constant(10, 1, 20).unwrap();
        let options = ParquetFolderOptions::default().timeline(&timeline);
        let report = write(&out, &episodes(folder.path()), options).unwrap();
        assert_eq!((report.shows, report.files, report.comments), (2, 3, 5));
        assert_eq!(names(&out), ["comments", "files.parquet", "frames.parquet"]);
        assert_eq!(names(&out.join("comments")), ["show=a", "show=b"]);
        let of_b = rows(&out.join("comments/show=b/part-0.parquet"));
        let seen: Vec<_> = of_b
            .iter()
            .map(|row| {
                ["file", "comment", "episode", "frame", "outside"].map(|name| field(row, name))
            })
            .collect();
        let row = |file, comment, episode, frame, outside| {
            let (file, comment) = (Field::Int(file), Field::Int(comment));
            [
                file,
                comment,
                text(episode),
                Field::Int(frame),
                Field::Bool(outside),
            ]
        };
        let expected = [
            row(0, 0, "01", 1, false),
            row(0, 1, "01", 2, false),
            row(2, 0, "02", 19, true),
        ];
        assert_eq!(seen, expected);
        let files = rows(&out.join("files.parquet"));
        let counts: Vec<_> = files
            .iter()
            .map(|row| ["show", "comments", "deleted", "rejected"].map(|name| field(row, name)))
            .collect();
        let row = |show, numbers: [i64; 3]| {
            let [comments, deleted, rejected] = numbers.map(Field::Long);
            [text(show), comments, deleted, rejected]
        };
        assert_eq!(
            counts,
            [
                row("b", [2, 0, 1]),
                row("a", [2, 1, 0]),
                row("b", [1, 0, 0])
            ]
        );
        let split = VideoSplit::new(3, SPLIT_SEED);
        for (file, row) in files.iter().enumerate() {
            assert_eq!(field(row, "part"), text(part_name(split.assign(file))));
        }
        let frames = rows(&out.join("frames.parquet"));
        assert_eq!(frames.len(), 20);
        let last =
            ["frame", "second", "begins_us", "part_halves"].map(|name| field(&frames[19], name));
        assert_eq!(
            last,
            [
                Field::Int(19),
                Field::Int(1),
                Field::Long(1_900_000),
                text("dev")
            ]
        );
    }

    #[test]
    fn words_are_those_of_comments_that_speak() {
        if jp_tokenize::Dictionary::find().is_err() {
            assert!(
                std::env::var_os("REQUIRE_ALL").is_none_or(|value| value != "1"),
                "no IPADIC sources on this system"
            );
            eprintln!("skipped: no IPADIC sources on this system");
            return;
        }
        let tokenizer =
            Tokenizer::new(jp_tokenize::DictionaryOptions::default().open().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("corpus");
        let options = ParquetFolderOptions::default().tokenizer(&tokenizer);
        let report = write(&out, &episodes(folder.path()), options).unwrap();
        let of_b = rows(&out.join("words/show=b/part-0.parquet"));
        let seen: Vec<_> = of_b
            .iter()
            .map(|row| ["file", "comment", "place", "word", "noun"].map(|name| field(row, name)))
            .collect();
        let row = |numbers: [i32; 3], word, noun| {
            let [file, comment, place] = numbers.map(Field::Int);
            [file, comment, place, text(word), Field::Bool(noun)]
        };
        let expected = [
            row([0, 0, 0], "猫", true),
            row([0, 0, 1], "が", false),
            row([0, 0, 2], "いる", false),
            row([0, 1, 0], "犬", true),
            row([2, 0, 0], "犬", true),
            row([2, 0, 1], "と", false),
            row([2, 0, 2], "猫", true),
        ];
        assert_eq!(seen, expected);
        assert_eq!(field(&of_b[0], "part_of_speech"), text("名詞,一般"));
        assert_eq!(report.words, 8); // and 猫 of the other show
    }

    #[test]
    fn no_files_are_tables_without_rows() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("corpus");
        fs::create_dir(&out).unwrap(); // empty: as good as absent
        let report = write(&out, &[], ParquetFolderOptions::default()).unwrap();
        assert_eq!((report.files, report.comments), (0, 0));
        let comments = out.join("comments/show=__HIVE_DEFAULT_PARTITION__/part-0.parquet");
        assert!(rows(&comments).is_empty() && rows(&out.join("files.parquet")).is_empty());
    }

    #[test]
    fn what_fails_leaves_nothing_and_what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut paths = episodes(folder.path());
        paths.push(folder.path().join("c/none.xml"));
        let out = folder.path().join("corpus");
        let none = ParquetFolderOptions::default();
        let error = write(&out, &paths, none).unwrap_err().to_string();
        assert!(error.contains("none.xml"), "{error}");
        assert_eq!(names(folder.path()), ["a", "b"]);
        // A killed program leaves its unfinished folder, which the next one removes.
        let left = folder.path().join(".corpus.partial");
        fs::create_dir_all(left.join("comments/show=old")).unwrap();
        fs::write(left.join("comments/show=old/part-0.parquet"), "PAR1").unwrap();
        let lock = FolderLock::acquire(&left).unwrap();
        if cfg!(target_os = "linux") {
            assert!(matches!(
                write(&out, &paths[..3], none),
                Err(Error::Busy { .. })
            ));
        }
        drop(lock);
        write(&out, &paths[..3], none).unwrap();
        assert_eq!(names(folder.path()), ["a", "b", "corpus"]);
        assert_eq!(names(&out.join("comments")), ["show=a", "show=b"]);
        let error = write(&out, &paths[..3], none).unwrap_err();
        assert!(matches!(error, Error::Exists { .. }), "{error}");
        let file = folder.path().join("file");
        fs::write(&file, "mine").unwrap();
        assert!(matches!(write(&file, &[], none), Err(Error::Exists { .. })));
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }
}
