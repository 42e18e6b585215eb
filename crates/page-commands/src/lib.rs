//! The commands that Markdown pages show, for the tests of the programs that they call.
//!
//! A [`Page`] is read for its shell scripts (blocks of `sh`) and for the code spans that hold a
//! command; [`refused`] asks a program which of its commands it does not take, so that no page tells
//! of an option that is gone. What stands in a comment right before a script says more than that:
//!
//! - `<!-- run by a test -->`: a test runs it, as it stands, in a folder with the files that it
//!   names (`examples/nico/tests/pages.rs`);
//! - `<!-- run by hand 2026-11-30 -->`: somebody ran it that day;
//! - nothing: its options are checked, and no more.
//!
//! ```
//! use page_commands::{Mark, Page};
//!
//! let page = Page::parse(
//!     "docs/formats.md",
//!     "<!-- run by a test -->\n```sh\ncat a.xml | nico convert - --out b.json   # any format\n```\n",
//! )?;
//! let script = &page.scripts()[0];
//! assert_eq!((script.line(), script.mark()), (3, Some(&Mark::Test)));
//! let commands = script.commands()?;
//! assert_eq!(commands[1].arguments_of("nico"), Some(&["convert", "-", "--out", "b.json"].map(String::from)[..]));
//! # Ok::<(), page_commands::Error>(())
//! ```

mod command;
mod error;
mod mark;
mod page;
mod pages;
mod refused;

pub use command::Command;
pub use error::Error;
pub use mark::Mark;
pub use page::{Page, Script};
pub use pages::read_pages;
pub use refused::{Program, Refusal, refused};
