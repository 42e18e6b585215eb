//! What answers are made of.

use std::io;

use http_body_util::{
    Either, Full,
    channel::{Channel, Sender},
};
use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{HeaderName, HeaderValue},
};

/// Pieces of a body that may wait to be sent.
const WAITING: usize = 4;

/// A text, or what comes piece by piece.
pub(super) type Body = Either<Full<Bytes>, Channel<Bytes, io::Error>>;

/// Takes the pieces of a body; without it the body ends.
pub(super) type BodySender = Sender<Bytes, io::Error>;

/// A body that is here as a whole.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Body {
    Either::Left(Full::new(bytes.into()))
}

/// A body that comes piece by piece. Sending waits for whoever reads it, and fails when that one has
/// gone away.
pub(super) fn in_pieces() -> (BodySender, Body) {
    let (sender, channel) = Channel::new(WAITING);
    (sender, Either::Right(channel))
}

/// An answer with headers.
pub(super) fn answer<const N: usize>(
    status: StatusCode,
    headers: [(HeaderName, HeaderValue); N],
    body: Body,
) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().extend(headers);
    response
}
