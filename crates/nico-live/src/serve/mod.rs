//! A page that moves the comments, over HTTP: server-sent events, and a canvas.

mod access;
mod body;
mod client;
mod connections;
mod hub;
mod routes;
mod server;
mod shown_comment;
mod video_file;

pub use server::{CommentServer, ServeError, ServeOptions};
pub use shown_comment::ShownComment;
