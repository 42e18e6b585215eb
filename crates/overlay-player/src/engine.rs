use std::borrow::Cow;
use std::ops::ControlFlow;

use nico_comments::{Comment, Comments, Filter as _, ReadOptions};
use overlay_render::{
    Fonts, Layout, LayoutReport, SpriteImage, SpriteItem, SpriteLayout, SpriteOverlay, Viewport,
    layout_with_progress, write_layout_json,
};
use serde::Serialize;

use crate::error::Error;
use crate::settings::Settings;

/// Most comments of all sources together.
const MOST_COMMENTS: usize = 200_000;

/// Comments of the usual formats, with what most files have: all positions, several lines and sizes,
/// the owner's, times in no order, one too wide for its place.
const REHEARSED: [&str; 3] = [
    r##"[{"id":1,"vpos":0,"content":"草\nｗ","date":2,"date_usec":0,"owner":false,"premium":true,"mail":["ue","big","red"],"user_id":1,"layer":-1},
{"id":2,"vpos":-50,"content":"8888 \u0041A","date":1,"date_usec":5,"owner":false,"premium":false,"mail":["184","#FF0000","@5"],"user_id":2,"layer":-1},
{"id":3,"vpos":0,"content":"ああああああああああああああああああああああああああああああああああああああああああああああ","date":1,"date_usec":5,"owner":true,"premium":true,"mail":["shita","small","gothic"],"user_id":-1,"layer":-1},
{"id":4,"vpos":10,"content":"w","date":1,"date_usec":5,"owner":false,"premium":false,"mail":["naka","white","mincho","full"],"user_id":4,"layer":-1}]"##,
    r#"<?xml version="1.0" encoding="UTF-8"?><packet><thread thread="1"/><chat thread="1" no="1" vpos="5" date="1" date_usec="3" mail="184 shita big red" user_id="a" anonymity="1">草&amp;
w</chat><chat thread="1" no="2" vpos="0" date="1" mail="@5" user_id="b" premium="1">8888</chat></packet>"#,
    r#"[{"id":1,"fork":"main","comments":[{"id":"a","no":1,"vposMs":50,"body":"草\nw","commands":["184","ue"],"userId":"a","isPremium":false,"score":0,"postedAt":"2020-09-13T21:26:30+09:00","nicoruCount":0,"nicoruId":null,"source":"leaf","isMyPost":false}]}]"#,
];

self_cell::self_cell!(
    /// What draws, beside the fonts that it draws with.
    struct Screen {
        owner: Fonts,
        #[not_covariant]
        dependent: SpriteOverlay,
    }
);

/// Comments of several sources, laid out and drawn for a screen.
pub struct Engine {
    sources: Vec<Source>,
    settings: Settings,
    screen: Screen,
    placed: SpriteLayout,
    is_laid_out: bool,
    list: Vec<SpriteItem>,
}

struct Source {
    name: String,
    comments: Vec<Comment>,
}

/// What reading a comment file came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Added {
    /// Comments that were read; deleted ones are not counted.
    pub comments: usize,
    /// Comments that could not be read.
    pub rejected: u64,
    /// Comments beyond what the engine takes.
    pub left_out: usize,
    /// Whether the file breaks off before its end, so that more may have been in it.
    pub ends_early: bool,
}

/// What laying out came to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LaidOut {
    /// Comments of the sources that are shown.
    pub given: usize,
    /// How many of them were left out as the settings say.
    pub left_out: usize,
    /// What became of the others.
    pub report: LayoutReport,
}

/// A comment that is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Comments with the same key have the same picture, until the size changes.
    pub key: u64,
    /// Whether its picture is of just this place, as that of a very large comment is.
    pub is_part: bool,
    /// Left edge of its box, in pixels.
    pub x: i32,
    /// Top edge of its box, in pixels.
    pub y: i32,
}

impl Engine {
    /// An engine without comments, for a screen of 1920x1080 pixels.
    #[must_use]
    pub fn new(fonts: Fonts) -> Self {
        let viewport = Viewport::new(1920, 1080).expect("it is a good size");
        let mut screen = Screen::new(fonts, |fonts| SpriteOverlay::new(fonts, viewport));
        let placed = screen.with_dependent_mut(|_, overlay| overlay.follow(Layout::default()));
        Self {
            sources: Vec::new(),
            settings: Settings::default(),
            screen,
            placed,
            is_laid_out: true,
            list: Vec::new(),
        }
    }

    /// Does once all that comes before a picture, with a few comments of its own and without fonts.
    ///
    /// Browsers compile each function of a module when it is first called, which takes longer than
    /// laying out some thousand comments. A page that waits for its files has the time for it.
    pub fn rehearse() {
        let mut engine = Self::new(Fonts::estimated());
        for file in REHEARSED {
            let added = engine.add("", file.as_bytes());
            added.expect("it is a comment file");
            let settings = Settings::parse("{}").expect("it is an object");
            engine.set(settings).expect("nothing of it is wrong");
        }
        engine.look(0.0);
    }

    /// Reads a comment file of any format that `nico-comments` knows, in place of what had the same
    /// name.
    ///
    /// # Errors
    ///
    /// [`Error::Comments`] if it is no comment file.
    pub fn add(&mut self, name: &str, file: &[u8]) -> Result<Added, Error> {
        let options = ReadOptions::default()
            .drop_deleted(true)
            .max_buffered(MOST_COMMENTS);
        let mut reader = Comments::new(file, options);
        let others = self.sources.iter().filter(|source| source.name != name);
        let taken: usize = others.map(|source| source.comments.len()).sum();
        let room = MOST_COMMENTS.saturating_sub(taken);
        let (mut comments, mut left_out, mut fatal) = (Vec::new(), 0, None);
        for comment in reader.by_ref() {
            match comment {
                Ok(comment) if comments.len() < room => comments.push(comment),
                Ok(_) => left_out += 1,
                Err(error) => fatal = Some(error),
            }
        }
        let summary = reader.summary();
        let (rejected, ends_early) = (summary.rejected, summary.ends_early);
        if let Some(source) = fatal.filter(|_| comments.is_empty() && left_out == 0) {
            let name = name.to_owned();
            return Err(Error::Comments { name, source });
        }
        let added = Added {
            comments: comments.len(),
            rejected,
            left_out,
            ends_early,
        };
        comments.shrink_to_fit();
        self.sources.retain(|source| source.name != name);
        let name = name.to_owned();
        self.sources.push(Source { name, comments });
        self.is_laid_out = false;
        Ok(added)
    }

    /// Sets what is shown and how, and lays it out.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] for a name of something that there is not, [`Error::Overlay`] for a number
    /// out of its range. What was shown then stays.
    pub fn set(&mut self, settings: Settings) -> Result<LaidOut, Error> {
        let before = std::mem::replace(&mut self.settings, settings);
        let laid_out = self.lay_out();
        if laid_out.is_err() {
            self.settings = before;
        }
        laid_out
    }

    /// Lays out the comments that are to be shown.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn lay_out(&mut self) -> Result<LaidOut, Error> {
        let names = &self.settings.sources;
        for name in names.iter().flatten() {
            if !self.sources.iter().any(|source| source.name == *name) {
                let known: Vec<_> = self.sources.iter().map(|source| &*source.name).collect();
                return Err(Error::Unknown {
                    what: "source",
                    found: name.clone(),
                    expected: match known.is_empty() {
                        true => "none: no comments were added".to_owned(),
                        false => known.join(", "),
                    },
                });
            }
        }
        let is_shown = |source: &&Source| {
            let names = names.as_ref();
            names.is_none_or(|names| names.contains(&source.name))
        };
        let shown: Vec<&Source> = self.sources.iter().filter(is_shown).collect();
        let given: usize = shown.iter().map(|source| source.comments.len()).sum();
        let hide = &self.settings.hide;
        let comments = match shown.as_slice() {
            [one] if hide.is_empty() => Cow::Borrowed(&*one.comments),
            several => {
                let filter = hide.filter()?;
                let all = several.iter().flat_map(|source| &source.comments);
                all.filter(|comment| filter.keeps(comment))
                    .cloned()
                    .collect()
            }
        };
        let options = self.settings.options();
        let fonts = self.screen.borrow_owner();
        let layout = layout_with_progress(&comments, fonts, &options, &mut |_| {
            ControlFlow::Continue(())
        })?;
        let laid_out = LaidOut {
            given,
            left_out: given - comments.len(),
            report: layout.report().clone(),
        };
        let follow = |_: &Fonts, overlay: &mut SpriteOverlay<'_>| overlay.follow(layout);
        self.placed = self.screen.with_dependent_mut(follow);
        self.is_laid_out = true;
        Ok(laid_out)
    }

    /// What whoever sees the comments should know, in lines: that there are none, that some lie
    /// outside a video of so many seconds, that no font has some characters.
    #[must_use]
    pub fn warnings(&self, seconds: Option<f64>) -> Vec<String> {
        let warnings = self.placed.layout().warnings(seconds);
        warnings.iter().map(ToString::to_string).collect()
    }

    /// The layout as `nico layout` writes it as JSON.
    #[must_use]
    pub fn layout_json(&self) -> String {
        let mut json = Vec::new();
        write_layout_json(self.placed.layout(), &mut json).expect("memory takes all bytes");
        String::from_utf8_lossy(&json).into_owned()
    }

    /// Sets the size of the screen in pixels. Keys begin anew.
    ///
    /// # Errors
    ///
    /// [`Error::Overlay`] for a size that is not drawn.
    pub fn resize(&mut self, width: u32, height: u32) -> Result<(), Error> {
        let viewport = Viewport::new(width, height)?;
        let fonts = self.screen.borrow_owner().clone();
        self.screen = Screen::new(fonts, |fonts| SpriteOverlay::new(fonts, viewport));
        let empty = self
            .screen
            .with_dependent_mut(|_, overlay| overlay.follow(Layout::default()));
        let layout = std::mem::replace(&mut self.placed, empty).into_layout();
        self.placed = self
            .screen
            .with_dependent_mut(|_, overlay| overlay.follow(layout));
        self.list.clear();
        Ok(())
    }

    /// What is on the screen at `t` centiseconds, in paint order. Comments that were added since
    /// the last layout are laid out first, if the settings allow.
    pub fn look(&mut self, t: f64) -> Vec<Shown> {
        if !self.is_laid_out {
            // A source that is set to be shown and is not there: what was laid out stays.
            self.is_laid_out = true;
            let _ = self.lay_out();
        }
        let Self {
            screen,
            placed,
            list,
            ..
        } = self;
        screen.with_dependent(|_, overlay| overlay.look(placed, t, list));
        let shown = |item: &SpriteItem| Shown {
            key: item.key,
            is_part: item.is_part,
            x: item.x,
            y: item.y,
        };
        list.iter().map(shown).collect()
    }

    /// Draws one of those that [`look`](Self::look) found last; `None` if nothing of it is seen.
    pub fn picture(&mut self, number: usize) -> Option<SpriteImage> {
        let item = self.list.get(number)?;
        let placed = &self.placed;
        self.screen
            .with_dependent_mut(|_, overlay| overlay.picture(placed, item))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.sources.iter().map(|source| &source.name).collect();
        f.debug_struct("Engine")
            .field("sources", &names)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &[u8] = br#"<packet><chat vpos="100" mail="ue">8888</chat><chat vpos="120">8</chat><chat vpos="130" mail="red">8888</chat></packet>"#;
    const OURS: &[u8] = br#"<packet><chat vpos="110">88</chat></packet>"#;

    fn engine() -> Engine {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../overlay-render/tests/data/fonts"
        );
        let fonts = Fonts::from_files([format!("{folder}/NotoCJKjp-Sans-Bold.subset.otf")]);
        let mut engine = Engine::new(fonts.unwrap());
        engine.add("real", REAL).unwrap();
        engine.add("generated", OURS).unwrap();
        engine
    }

    fn set(engine: &mut Engine, json: &str) -> Result<LaidOut, Error> {
        engine.set(Settings::parse(json)?)
    }

    #[test]
    fn a_rehearsal_lays_out_what_it_reads() {
        Engine::rehearse();
        let comments = REHEARSED.map(|file| {
            let mut engine = Engine::new(Fonts::estimated());
            let added = engine.add("", file.as_bytes()).unwrap();
            assert_eq!((added.rejected, added.left_out), (0, 0));
            let laid_out = engine.set(Settings::default()).unwrap();
            assert_eq!(laid_out.report.shown, added.comments);
            added.comments
        });
        assert_eq!(comments, [4, 2, 1]);
    }

    #[test]
    fn sources_are_switched_and_filtered() {
        let mut engine = engine();
        assert_eq!(engine.look(150.0).len(), 4);
        let laid_out = set(&mut engine, r#"{"sources": ["generated"]}"#).unwrap();
        assert_eq!((laid_out.given, laid_out.report.shown), (1, 1));
        assert_eq!(engine.look(150.0).len(), 1);
        let hide = r#"{"sources": ["real"], "hide": {"positions": ["naka"]}}"#;
        let laid_out = set(&mut engine, hide).unwrap();
        assert_eq!((laid_out.given, laid_out.left_out), (3, 2));
        assert_eq!(engine.look(150.0).len(), 1);
        // Other comments of the same name take the place of the first ones, and are hidden as they were.
        engine.add("real", OURS).unwrap();
        assert_eq!(engine.look(150.0).len(), 0);
        set(&mut engine, "{}").unwrap();
        assert_eq!(engine.look(150.0).len(), 2);
    }

    /// What is wrong is told by name, and what was shown stays.
    #[test]
    fn wrong_settings_change_nothing() {
        let mut engine = engine();
        set(&mut engine, r#"{"sources": ["generated"]}"#).unwrap();
        let wrong = set(&mut engine, r#"{"sources": ["theirs"]}"#).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            r#"settings: source "theirs", expected real, generated"#
        );
        assert!(set(&mut engine, r#"{"size": 99}"#).is_err());
        assert!(engine.resize(0, 9).is_err());
        assert_eq!(engine.look(150.0).len(), 1);
        let error = engine.add("text", b"\x00\x01\x02").unwrap_err();
        assert!(
            error.to_string().starts_with("text: no comment file"),
            "{error}"
        );
    }

    /// At any size each comment has a picture, and those that look alike one key.
    #[test]
    fn pictures_are_drawn_at_every_size() {
        let mut engine = engine();
        for (width, height) in [(640, 360), (300, 500), (1, 1), (2560, 1080)] {
            engine.resize(width, height).unwrap();
            let shown = engine.look(150.0);
            assert_eq!(shown.len(), 4);
            for number in 0..4 {
                let picture = engine.picture(number).unwrap();
                assert!(picture.image.width() > 0);
            }
            assert!(engine.picture(4).is_none());
        }
        let layout: serde_json::Value = serde_json::from_str(&engine.layout_json()).unwrap();
        assert_eq!(layout["meta"]["comments"], 4);
    }

    #[test]
    fn a_file_that_breaks_off_is_told() {
        let mut engine = engine();
        assert!(!engine.add("whole", REAL).unwrap().ends_early);
        let added = engine.add("part", &REAL[..REAL.len() - 20]).unwrap();
        assert!(added.ends_early && added.comments == 2, "{added:?}");
    }

    #[test]
    fn a_file_without_an_end_is_cut_off() {
        let mut engine = engine();
        let many = "<chat vpos='1'>w</chat>".repeat(MOST_COMMENTS + 5);
        let added = engine.add("many", many.as_bytes()).unwrap();
        assert_eq!(added.comments, MOST_COMMENTS - 4);
        assert_eq!(added.left_out, 9);
    }
}
