//! Comments over a page's video: `overlay-render` for browsers.
//!
//! `scripts/build-player.sh` compiles this crate to WebAssembly and puts it beside `player.js`,
//! which draws over a `<video>`; `docs/player.md` says how a page uses it. [`Engine`] is what the
//! module does, without a browser: it reads comment files, lays out those that are to be shown, says
//! where each lies at a moment and draws its picture. `CommentEngine` hands that to JavaScript.
//!
//! ```
//! use overlay_player::{Engine, Settings};
//! use overlay_render::Fonts;
//!
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../overlay-render/tests/data/fonts");
//! # let fonts = Fonts::from_files([format!("{folder}/NotoCJKjp-Sans-Bold.subset.otf")])?;
//! let mut engine = Engine::new(fonts);
//! engine.add("real", br#"<packet><chat vpos="100">8888</chat></packet>"#)?;
//! engine.set(Settings::parse(r#"{"hide": {"words": ["NG"]}}"#)?)?;
//! engine.resize(640, 360)?;
//! assert_eq!(engine.look(150.0).len(), 1);
//! assert!(engine.picture(0).is_some());
//! # Ok::<(), overlay_player::Error>(())
//! ```
//!
//! # Limits
//!
//! Of all comments the first 200,000 are laid out, and at most 2,000 are shown at once (the newest),
//! or fewer where the settings say so. The module's memory ends at 1 GiB: beyond, it stops with an
//! error that the page sees.

#[cfg(target_family = "wasm")]
mod bindings;
mod engine;
mod error;
mod hide;
mod settings;

#[cfg(target_family = "wasm")]
pub use bindings::{CommentEngine, rehearse};
pub use engine::{Added, Engine, LaidOut, Shown};
pub use error::Error;
pub use hide::Hide;
pub use settings::Settings;
