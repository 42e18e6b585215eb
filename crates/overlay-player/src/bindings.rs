//! [`Engine`] for JavaScript.

use js_sys::Uint8Array;
use overlay_render::Fonts;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::engine::Engine;
use crate::error::Error;
use crate::settings::Settings;

/// The engine as `player.js` calls it: settings and reports are JSON, pixels stay in the module's
/// memory until the next picture.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CommentEngine {
    engine: Engine,
    pixels: Vec<u8>,
}

/// Numbers of each comment in what [`CommentEngine::look`] gives.
const COLUMNS: usize = 4;

#[wasm_bindgen]
impl CommentEngine {
    /// An engine that draws with these fonts: either whole font files, or one file that
    /// [`Fonts::subset`] wrote.
    ///
    /// # Errors
    ///
    /// Fails if they are none.
    #[wasm_bindgen(constructor)]
    pub fn new(fonts: Vec<Uint8Array>) -> Result<CommentEngine, JsError> {
        let mut files: Vec<Vec<u8>> = fonts.iter().map(Uint8Array::to_vec).collect();
        let subset = match files.as_slice() {
            [one] => Fonts::from_subset(one).ok(),
            _ => None,
        };
        let fonts = match subset {
            Some(fonts) => fonts,
            None => Fonts::from_bytes(std::mem::take(&mut files))?,
        };
        Ok(Self {
            engine: Engine::new(fonts),
            pixels: Vec::new(),
        })
    }

    /// See [`Engine::add`]; gives [`Added`](crate::Added) as JSON.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn add(&mut self, name: &str, file: &[u8]) -> Result<String, JsError> {
        json(&self.engine.add(name, file)?)
    }

    /// See [`Engine::set`]; takes [`Settings`] and gives [`LaidOut`](crate::LaidOut) as JSON.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn set(&mut self, settings: &str) -> Result<String, JsError> {
        json(&self.engine.set(Settings::parse(settings)?)?)
    }

    /// See [`Engine::warnings`].
    #[must_use]
    pub fn warnings(&self, seconds: Option<f64>) -> Vec<String> {
        self.engine.warnings(seconds)
    }

    /// See [`Engine::layout_json`].
    #[must_use]
    pub fn layout(&self) -> String {
        self.engine.layout_json()
    }

    /// See [`Engine::resize`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn resize(&mut self, width: u32, height: u32) -> Result<(), JsError> {
        Ok(self.engine.resize(width, height)?)
    }

    /// See [`Engine::look`]: key, 1 for a part, x and y of each comment, one after the other.
    pub fn look(&mut self, t: f64) -> Vec<f64> {
        let shown = self.engine.look(t);
        let mut rows = Vec::with_capacity(COLUMNS * shown.len());
        for one in shown {
            #[expect(clippy::cast_precision_loss, reason = "keys are below 2 to the 36th")]
            let key = one.key as f64;
            let part = f64::from(u8::from(one.is_part));
            rows.extend([key, part, f64::from(one.x), f64::from(one.y)]);
        }
        rows
    }

    /// See [`Engine::picture`]: from the comment's box to the picture's left and top edge, its width
    /// and height, and where in the module's memory its pixels begin, four bytes each.
    pub fn picture(&mut self, number: usize) -> Option<Vec<f64>> {
        let picture = self.engine.picture(number)?;
        let (width, height) = picture.image.dimensions();
        self.pixels = picture.image.into_raw();
        #[expect(
            clippy::cast_precision_loss,
            reason = "addresses are below 2 to the 32nd"
        )]
        let at = self.pixels.as_ptr().addr() as f64;
        Some(vec![
            f64::from(picture.left),
            f64::from(picture.top),
            f64::from(width),
            f64::from(height),
            at,
        ])
    }
}

/// See [`Engine::rehearse`].
#[wasm_bindgen]
pub fn rehearse() {
    Engine::rehearse();
}

fn json(value: &impl Serialize) -> Result<String, JsError> {
    serde_json::to_string(value).map_err(|error| JsError::from(Error::from(error)))
}
