use std::path::Path;

/// Name of the partition of rows without a value, as Hive has it.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// What the path of a comment file says of its video: the folder that it lies in is its show, its
/// own name without the ending the episode.
///
/// ```
/// use nico_corpus::VideoPlace;
///
/// let place = VideoPlace::of("episodes/gochiusa/01.xml".as_ref());
/// assert_eq!((place.show.as_deref(), place.episode.as_deref()), (Some("gochiusa"), Some("01")));
/// assert_eq!(VideoPlace::of("01.xml".as_ref()).show, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VideoPlace {
    /// The show; absent if the path names no folder.
    pub show: Option<String>,
    /// The episode; absent for standard input.
    pub episode: Option<String>,
}

impl VideoPlace {
    /// Reads a path; `-` is standard input. Bytes that are no text become U+FFFD.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        if path == Path::new("-") {
            return Self::default();
        }
        let show = path.parent().and_then(Path::file_name);
        let text = |name: &std::ffi::OsStr| name.to_string_lossy().into_owned();
        Self {
            show: show.map(text),
            episode: path.file_stem().map(text),
        }
    }
}

/// The folder of a show's rows, as Hive names partitions: `show=…`, with what file names or the
/// engines' patterns would trip over as `%` and two hexadecimal digits.
pub(super) fn partition(show: Option<&str>) -> String {
    let mut name = "show=".to_owned();
    match show {
        None | Some("") => name.push_str(NO_VALUE),
        Some(show) => {
            for c in show.chars() {
                match c {
                    '"'
                    | '#'
                    | '%'
                    | '\''
                    | '*'
                    | '/'
                    | ':'
                    | '='
                    | '?'
                    | '\\'
                    | '{'
                    | '['
                    | ']'
                    | '^'
                    | '\0'..='\x1F'
                    | '\x7F' => {
                        name.push_str(&format!("%{:02X}", u32::from(c)));
                    }
                    c => name.push(c),
                }
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_those_of_hive() {
        assert_eq!(partition(Some("ご注文は")), "show=ご注文は");
        assert_eq!(partition(Some("a=b/50%\n")), "show=a%3Db%2F50%25%0A");
        assert_eq!(partition(None), "show=__HIVE_DEFAULT_PARTITION__");
        assert_eq!(partition(Some("")), partition(None));
    }

    #[test]
    fn paths_without_a_folder_are_of_no_show() {
        let of = |path: &str| VideoPlace::of(path.as_ref());
        assert_eq!(of("-"), VideoPlace::default());
        assert_eq!(of("./01.tar.json").episode.as_deref(), Some("01.tar"));
        assert_eq!(
            [
                of("./01.json").show,
                of("../01.json").show,
                of("/01.json").show
            ],
            [None, None, None]
        );
        assert_eq!(of("/a/b/01.json").show.as_deref(), Some("b"));
    }
}
