//! Tests of the crate as its users see it.

#![expect(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod cache;
mod common;
mod identity;
mod mecab;
mod prebuilt;
mod properties;
mod slang;
