//! Lines of standard input as comments on a page, for a browser source of OBS or a browser:
//! `chat | cargo run --release -p nico-live --features serve --example own_comments`

use std::{
    io, thread,
    time::{Duration, Instant},
};

use nico_comments::{Comment, Vpos};
use nico_live::{CommentServer, ServeOptions, ShownComment};
use overlay_render::{Fonts, LayoutOptions, LiveOverlay, LiveStage, Viewport};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fonts = Fonts::system()?;
    let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
    let mut overlay = LiveOverlay::new(&fonts, Viewport::new(1920, 1080)?);
    let server = CommentServer::start(ServeOptions::new("127.0.0.1:8080".parse()?))?;
    println!("{}", server.url());
    let start = Instant::now();
    for line in io::stdin().lines() {
        let now = i64::try_from(start.elapsed().as_millis())?;
        server.set_time(now, true);
        if let Some(placed) = stage.show(&Comment::new(Vpos(0), line?), now / 10) {
            server.show(&ShownComment::new(placed, &overlay.picture(placed)));
        }
    }
    thread::sleep(Duration::from_secs(5)); // until the last ones have crossed the page
    Ok(())
}
