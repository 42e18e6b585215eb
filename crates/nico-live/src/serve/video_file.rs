//! A file for the page's player, whole or a part of it.

use std::{
    io::{self, SeekFrom},
    path::Path,
};

use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{self, HeaderName, HeaderValue},
};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

use super::body::{Body, BodySender, answer as response, in_pieces, whole};

/// Bytes that are read at a time.
const AT_ONCE: usize = 64 << 10;

/// The part of a file of so many bytes that a `Range` header asks for, from the first to before the
/// second byte; none if it asks for what is not there, or for several parts. Of a file that has
/// fewer bytes than are asked for from its end, that is all of it.
pub(super) fn range(header: &str, length: u64) -> Option<(u64, u64)> {
    let (from, to) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (from, to) {
        ("", last) => (length.saturating_sub(last.parse().ok()?), length),
        (from, "") => (from.parse().ok()?, length),
        (from, to) => (from.parse().ok()?, to.parse::<u64>().ok()?.checked_add(1)?),
    };
    let to = to.min(length);
    (from < to).then_some((from, to))
}

/// The answer to who asks for the file. It is read as fast as it is taken.
pub(super) async fn answer(path: &Path, asked: Option<&str>) -> io::Result<Response<Body>> {
    let mut file = File::open(path).await?;
    let length = file.metadata().await?.len();
    let (from, to, status) = match asked.map(|asked| range(asked, length)) {
        None => (0, length, StatusCode::OK),
        Some(Some((from, to))) => (from, to, StatusCode::PARTIAL_CONTENT),
        Some(None) => {
            let headers = [content_range(&format!("*/{length}"))?];
            let body = whole(Bytes::new());
            return Ok(response(StatusCode::RANGE_NOT_SATISFIABLE, headers, body));
        }
    };
    file.seek(SeekFrom::Start(from)).await?;
    let (player, body) = in_pieces();
    tokio::spawn(send(file, to - from, player));
    let headers = [
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (header::CONTENT_LENGTH, HeaderValue::from(to - from)),
    ];
    let mut response = response(status, headers, body);
    if status == StatusCode::PARTIAL_CONTENT {
        let range = content_range(&format!("{from}-{}/{length}", to - 1))?;
        response.headers_mut().extend([range]);
    }
    Ok(response)
}

fn content_range(range: &str) -> io::Result<(HeaderName, HeaderValue)> {
    let value = HeaderValue::try_from(format!("bytes {range}"));
    Ok((header::CONTENT_RANGE, value.map_err(io::Error::other)?))
}

/// Sends so many bytes of a file, until whoever takes them goes away.
async fn send(mut file: File, length: u64, mut player: BodySender) {
    let mut left = length;
    while left > 0 {
        let most = usize::try_from(left).map_or(AT_ONCE, |left| left.min(AT_ONCE));
        let mut bytes = vec![0; most];
        match file.read(&mut bytes).await {
            // A file that was cut off meanwhile: the connection ends before its announced length.
            Ok(0) => return player.abort(io::ErrorKind::UnexpectedEof.into()),
            Err(error) => return player.abort(error),
            Ok(count) => {
                bytes.truncate(count);
                left -= count as u64;
                if player.send_data(bytes.into()).await.is_err() {
                    return;
                }
            }
        }
    }
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
        assert_eq!(range("bytes=-11", 10), Some((0, 10)));
        for bad in [
            "bytes=10-",
            "bytes=4-2",
            "bytes=-0",
            "bytes=0-1,3-4",
            "lines=1-2",
            "bytes=-",
            "bytes=0-18446744073709551615",
        ] {
            assert_eq!(range(bad, 10), None, "{bad}");
        }
    }
}
