/// A text that is not what it has to be: an id, a date, a server, a login or a command. Holds
/// nothing of the text.
///
/// ```
/// use nico_fetch::{ParseError, Session, VideoId};
///
/// assert_eq!("../sm9".parse::<VideoId>(), Err(ParseError::Video));
/// assert_eq!(Session::new("two words"), Err(ParseError::Session));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// No [`VideoId`](crate::VideoId).
    #[error("not the id of a video, expected two letters and digits as in sm9, or digits")]
    Video,
    /// No [`Channel`](crate::Channel).
    #[error("not the id of a channel, expected jk and digits as in jk1")]
    Channel,
    /// No date that [`parse_date`](crate::parse_date) knows.
    #[error(
        "not a date, expected one such as 2020-09-13, 2020-09-13T21:26:30+09:00, or unix seconds"
    )]
    Date,
    /// No [`Origin`](crate::Origin).
    #[error("not a server, expected http:// or https://, a host and maybe a port, nothing else")]
    Origin,
    /// No [`Session`](crate::Session).
    #[error(
        "not a session, expected the value of the cookie user_session alone: 8 to 4,096 visible \
         ASCII characters without quotes, commas, semicolons and backslashes"
    )]
    Session,
    /// No command that [`Downloader::parse`](crate::Downloader::parse) can split.
    #[error("not a command, expected a program and its arguments, all quotes closed")]
    Command,
}
