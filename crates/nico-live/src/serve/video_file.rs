//! A file for the page's player, whole or a part of it.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use tiny_http::{Header, Response, StatusCode};

use super::routes::header;

/// The part of a file of so many bytes that a `Range` header asks for, from the first to before the
/// second byte; none if it asks for what is not there, or for several parts.
pub(super) fn range(header: &str, length: u64) -> Option<(u64, u64)> {
    let (from, to) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (from, to) {
        ("", last) => (length.checked_sub(last.parse().ok()?)?, length),
        (from, "") => (from.parse().ok()?, length),
        (from, to) => (from.parse().ok()?, to.parse::<u64>().ok()?.checked_add(1)?),
    };
    let to = to.min(length);
    (from < to).then_some((from, to))
}

/// The answer to who asks for the file.
pub(super) fn answer(
    path: &Path,
    asked: Option<&str>,
) -> io::Result<Response<Box<dyn Read + Send>>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let Some(asked) = asked else {
        let headers = vec![header("Accept-Ranges", "bytes")];
        return Ok(response(200, headers, file, length));
    };
    let Some((from, to)) = range(asked, length) else {
        let headers = vec![header("Content-Range", &format!("bytes */{length}"))];
        return Ok(response(416, headers, io::empty(), 0));
    };
    file.seek(SeekFrom::Start(from))?;
    let content_range = format!("bytes {from}-{}/{length}", to - 1);
    let headers = vec![
        header("Accept-Ranges", "bytes"),
        header("Content-Range", &content_range),
    ];
    Ok(response(206, headers, file.take(to - from), to - from))
}

fn response(
    status: u16,
    headers: Vec<Header>,
    body: impl Read + Send + 'static,
    length: u64,
) -> Response<Box<dyn Read + Send>> {
    let length = usize::try_from(length).ok();
    let body: Box<dyn Read + Send> = Box::new(body);
    Response::new(StatusCode(status), headers, body, length, None)
        // A film is not sent in chunks, which players take for a stream without an end.
        .with_chunked_threshold(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_those_of_http() {
        assert_eq!(range("bytes=0-", 10), Some((0, 10)));
        assert_eq!(range("bytes=2-4", 10), Some((2, 5)));
        assert_eq!(range("bytes=2-400", 10), Some((2, 10)));
        assert_eq!(range("bytes=-3", 10), Some((7, 10)));
        for bad in [
            "bytes=10-",
            "bytes=4-2",
            "bytes=-11",
            "bytes=0-1,3-4",
            "lines=1-2",
            "bytes=-",
            "bytes=0-18446744073709551615",
        ] {
            assert_eq!(range(bad, 10), None, "{bad}");
        }
    }
}
