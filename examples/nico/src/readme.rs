//! The examples of the READMEs and of the guide's pages, compiled as documentation tests.

#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../../../crates/nico-comments/README.md")]
#[doc = include_str!("../../../crates/nico-fetch/README.md")]
#[doc = include_str!("../../../crates/jp-tokenize/README.md")]
#[doc = include_str!("../../../crates/frame-features/README.md")]
#[doc = include_str!("../../../crates/caption-metrics/README.md")]
#[doc = include_str!("../../../crates/caption-model/README.md")]
#[doc = include_str!("../../../crates/nico-corpus/README.md")]
#[doc = include_str!("../../../crates/nico-live/README.md")]
#[doc = include_str!("../../../crates/overlay-render/README.md")]
#[doc = include_str!("../../../docs/commenting.md")]
#[doc = include_str!("../../../docs/formats.md")]
#[doc = include_str!("../../../docs/from-rust.md")]
#[cfg(doctest)]
struct Pages;
