//! The examples of the workspace's README and of the guide's pages, compiled as documentation tests.

#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../../../docs/commenting.md")]
#[doc = include_str!("../../../docs/formats.md")]
#[doc = include_str!("../../../docs/from-rust.md")]
#[cfg(doctest)]
struct Pages;
