use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;

use super::encoding::decode;
use crate::error::{DictionaryErrorKind, Error};
use crate::identity::{Checksum, DictionaryIdentity};

/// Largest source file read, in bytes: several times UniDic's matrix.
const MAX_FILE: u64 = 2 << 30;
/// Categories and longest unknown words that vibrato's table of characters has room for.
const MAX_CATEGORIES: usize = 18;
const MAX_LENGTH: u16 = 15;

/// A dictionary's sources, in UTF-8 and as vibrato wants them.
pub(super) struct Sources {
    pub(super) lexicon: String,
    pub(super) matrix: String,
    pub(super) char: String,
    pub(super) unk: String,
    /// How many right ids and left ids there are.
    pub(super) sizes: (u16, u16),
}

/// The files of a folder as they are: those with words by name, then the three `.def` files.
pub(super) struct SourceFiles {
    words: Vec<SourceFile>,
    matrix: SourceFile,
    char: SourceFile,
    unk: SourceFile,
}

/// A file's name and what is in it.
struct SourceFile {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl SourceFiles {
    /// Whether a folder looks like it has a dictionary's sources, rather than only what MeCab
    /// compiled from them.
    pub(super) fn are_in(folder: &Path) -> bool {
        ["matrix.def", "char.def", "unk.def"]
            .iter()
            .all(|name| folder.join(name).is_file())
            && csv_files(folder).is_ok_and(|files| !files.is_empty())
    }

    /// The paths of a folder's files, those with words first.
    pub(super) fn paths(folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let mut paths = csv_files(folder)?;
        paths.extend(["matrix.def", "char.def", "unk.def"].map(|name| folder.join(name)));
        Ok(paths)
    }

    /// Reads a folder's files.
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        let words = csv_files(folder)?;
        if words.is_empty() {
            return Err(Error::dictionary(folder, DictionaryErrorKind::NoSources));
        }
        Ok(Self {
            words: words
                .into_iter()
                .map(SourceFile::read)
                .collect::<Result<_, _>>()?,
            matrix: SourceFile::read(folder.join("matrix.def"))?,
            char: SourceFile::read(folder.join("char.def"))?,
            unk: SourceFile::read(folder.join("unk.def"))?,
        })
    }

    /// The identity of the dictionary that these files of a folder make.
    pub(super) fn identity(&self, folder: &Path) -> DictionaryIdentity {
        let digest = |file: &SourceFile| Checksum::of(&file.bytes);
        // The matrix is about as large as all others together.
        let checksums = thread::scope(|scope| {
            let matrix = scope.spawn(|| digest(&self.matrix));
            let others = self.words.iter().chain([&self.char, &self.unk]);
            let mut checksums: Vec<_> = others.map(digest).collect();
            checksums.push(matrix.join().expect("hashing does not panic"));
            checksums
        });
        DictionaryIdentity::of_sources(folder, &checksums)
    }

    /// Decodes and checks them.
    pub(super) fn decode(&self) -> Result<Sources, Error> {
        let text = |file: &SourceFile| decode(&file.bytes, &file.path);
        let words = self.words.iter().map(text).collect::<Result<Vec<_>, _>>()?;
        let sources = Sources {
            lexicon: last_line_first(&words),
            matrix: text(&self.matrix)?,
            char: text(&self.char)?,
            unk: last_line_first(&[text(&self.unk)?]),
            sizes: self.sizes()?,
        };
        sources.check(&self.matrix.path, &self.char.path, &self.unk.path)?;
        Ok(sources)
    }

    /// How many right ids and left ids the matrix has, from its first line.
    pub(super) fn sizes(&self) -> Result<(u16, u16), Error> {
        let header = self.matrix.bytes.split(|&byte| byte == b'\n').next();
        let header = String::from_utf8_lossy(header.unwrap_or_default());
        matrix_sizes(header.strip_suffix('\r').unwrap_or(&header))
            .map_err(|kind| Error::dictionary(&self.matrix.path, kind))
    }
}

/// The text of a file of words, in UTF-8 or EUC-JP.
pub(super) fn read_text(path: &Path) -> Result<String, Error> {
    let file = SourceFile::read(path.to_owned())?;
    decode(&file.bytes, path)
}

impl SourceFile {
    fn read(path: PathBuf) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        let file = File::open(&path).map_err(Error::io(&path, "read"))?;
        file.take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(Error::io(&path, "read"))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(Error::dictionary(
                &path,
                DictionaryErrorKind::TooLarge(MAX_FILE),
            ));
        }
        Ok(Self { path, bytes })
    }
}

impl Sources {
    /// Checks sources that are texts already.
    pub(super) fn new(csv: &str, matrix: &str, char: &str, unk: &str) -> Result<Self, Error> {
        let path = Path::new("matrix.def");
        let header = matrix.lines().next().unwrap_or_default();
        let sources = Self {
            lexicon: last_line_first(&[csv]),
            matrix: matrix.to_owned(),
            char: char.to_owned(),
            unk: last_line_first(&[unk]),
            sizes: matrix_sizes(header).map_err(|kind| Error::dictionary(path, kind))?,
        };
        sources.check(path, Path::new("char.def"), Path::new("unk.def"))?;
        Ok(sources)
    }

    /// Refuses what vibrato would panic at, or would take memory without bound for.
    fn check(&self, matrix: &Path, char: &Path, unk: &Path) -> Result<(), Error> {
        check_matrix(&self.matrix, self.sizes).map_err(|kind| Error::dictionary(matrix, kind))?;
        let categories =
            check_characters(&self.char).map_err(|kind| Error::dictionary(char, kind))?;
        check_unknown(&self.unk, &categories).map_err(|kind| Error::dictionary(unk, kind))
    }
}

/// The `.csv` files of a folder by name, so that the order does not depend on the file system.
fn csv_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io(folder, "read"))? {
        let path = entry.map_err(Error::io(folder, "read"))?.path();
        if path.extension().is_some_and(|extension| extension == "csv") && path.is_file() {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Joins files so that the last line of all comes first; entries of an empty word are left out.
///
/// Where two words of equal length cost the same, MeCab takes the one that its dictionary has first
/// and vibrato the one that it has last.
fn last_line_first(files: &[impl AsRef<str>]) -> String {
    let mut joined = String::with_capacity(files.iter().map(|file| file.as_ref().len() + 1).sum());
    for line in files
        .iter()
        .rev()
        .flat_map(|file| file.as_ref().lines().rev())
    {
        if !line.is_empty() && !line.starts_with(',') && !line.starts_with("\"\",") {
            joined.push_str(line);
            joined.push('\n');
        }
    }
    joined
}

/// The numbers of right ids and of left ids in the first line of `matrix.def`.
fn matrix_sizes(header: &str) -> Result<(u16, u16), DictionaryErrorKind> {
    let sizes = header.split(' ').map(str::parse::<u16>).collect();
    match sizes {
        Ok::<Vec<_>, _>(sizes) if sizes.len() == 2 && !sizes.contains(&0) => {
            Ok((sizes[0], sizes[1]))
        }
        _ => Err(DictionaryErrorKind::malformed(
            1,
            format!("{header:?}, expected two sizes above 0 separated by a space"),
        )),
    }
}

/// Checks that the matrix is as large as its first line says.
fn check_matrix(text: &str, (right, left): (u16, u16)) -> Result<(), DictionaryErrorKind> {
    // A line is six bytes at least, the last one five.
    let header = text.lines().next().map_or(0, str::len);
    if usize::from(right) * usize::from(left) * 6 > text.len() - header + 1 {
        return Err(DictionaryErrorKind::malformed(
            None,
            format!("ends before the {right} times {left} costs that its first line names"),
        ));
    }
    Ok(())
}

/// Checks the categories of `char.def` and gives back their names.
fn check_characters(text: &str) -> Result<Vec<&str>, DictionaryErrorKind> {
    let lines = || {
        let lines = text
            .lines()
            .zip(1_u64..)
            .map(|(line, number)| (line.trim(), number));
        lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
    };
    let mut categories = vec!["DEFAULT"];
    for (line, number) in lines().filter(|(line, _)| !line.starts_with("0x")) {
        let mut columns = line.split_whitespace();
        let category = columns.next().unwrap_or_default();
        if !categories.contains(&category) {
            categories.push(category);
        }
        if categories.len() > MAX_CATEGORIES {
            return Err(DictionaryErrorKind::malformed(
                number,
                format!("more than {MAX_CATEGORIES} categories"),
            ));
        }
        if columns
            .nth(2)
            .and_then(|len| len.parse().ok())
            .is_none_or(|len: u16| len > MAX_LENGTH)
        {
            return Err(DictionaryErrorKind::malformed(
                number,
                format!(
                    "{line:?}, expected a category, 0 or 1, 0 or 1, \
                     and a length of at most {MAX_LENGTH}"
                ),
            ));
        }
    }
    for (line, number) in lines().filter(|(line, _)| line.starts_with("0x")) {
        let mut named = line
            .split_whitespace()
            .skip(1)
            .take_while(|name| !name.starts_with('#'));
        match named.clone().next() {
            None => return Err(DictionaryErrorKind::malformed(number, "no category")),
            Some(_) => match named.find(|name| !categories.contains(name)) {
                None => {}
                Some(name) => {
                    return Err(DictionaryErrorKind::malformed(
                        number,
                        format!("the category {name} is not defined"),
                    ));
                }
            },
        }
    }
    Ok(categories)
}

/// Checks that there is a word of every category in `unk.def`, so that every text has a path.
fn check_unknown(text: &str, categories: &[&str]) -> Result<(), DictionaryErrorKind> {
    let described: HashSet<&str> = text
        .lines()
        .filter_map(|line| line.split(',').next())
        .collect();
    match categories
        .iter()
        .find(|category| !described.contains(*category))
    {
        None => Ok(()),
        Some(category) => Err(DictionaryErrorKind::malformed(
            None,
            format!("no line for the category {category}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_last_first_without_empty_words() {
        assert_eq!(
            last_line_first(&["a,1\r\nb,2\n,3", "c,4\n\n"]),
            "c,4\nb,2\na,1\n"
        );
    }

    #[test]
    fn what_would_panic_is_refused() {
        for (char, expected) in [
            ("DEFAULT 0 1 16", "length"),
            ("DEFAULT 0 1", "line 1"),
            ("DEFAULT 0 1 0\n0x20", "line 2: no category"),
            ("DEFAULT 0 1 0\n0x20 # DEFAULT", "line 2: no category"),
            (
                "DEFAULT 0 1 0\n0x20 DEFAULT OTHER",
                "the category OTHER is not defined",
            ),
        ] {
            let reason = check_characters(char).unwrap_err().to_string();
            assert!(reason.contains(expected), "{char:?}: {reason}");
        }
        let many: String = (0..18).map(|i| format!("C{i} 0 0 0\n")).collect();
        assert!(
            check_characters(&many)
                .unwrap_err()
                .to_string()
                .contains("more than 18")
        );
        for header in ["", "1", "1 x", "0 0", "0 1", "1 1 1", "1 65536"] {
            matrix_sizes(header).unwrap_err();
        }
        assert_eq!(matrix_sizes("2 1"), Ok((2, 1)));
        check_matrix("65535 65535\n0 0 0", (65_535, 65_535)).unwrap_err();
        check_matrix("2 1\n0 0 0\n", (2, 1)).unwrap_err();
        check_unknown("A,0,0,0,x\n", &["DEFAULT", "A"]).unwrap_err();
        check_matrix("1 1\n0 0 0", (1, 1)).unwrap();
        check_matrix("2 1\n0 0 0\n1 0 0", (2, 1)).unwrap();
    }
}
