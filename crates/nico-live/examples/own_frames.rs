//! Comments on frames that this program makes itself: a picture that changes its colour now and
//! then. `cargo run -p nico-live --example own_frames -- COMMENTER`

use std::{
    env, thread,
    time::{Duration, Instant},
};

use burn::tensor::Device;
use caption_model::Commenter;
use frame_features::Picture;
use nico_live::{LiveCommenter, LiveModel, LiveOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::args_os()
        .nth(1)
        .ok_or("give the folder of a commenter")?;
    let commenter = Commenter::from_dir(folder, &Device::flex())?;
    let options = LiveOptions::default().per_second(2.0).viewers(10);
    let mut live = LiveCommenter::new(LiveModel::Commenter(&commenter), options)?;
    let start = Instant::now();
    let now = || i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX);
    while start.elapsed() < Duration::from_secs(20) {
        let second = start.elapsed().as_secs();
        let color = if (second / 5).is_multiple_of(2) {
            [40, 80, 160]
        } else {
            [220, 180, 60]
        };
        let rgb = color.repeat(64 * 36);
        live.picture(
            now(),
            &Picture::new(64, 36, &rgb).ok_or("three bytes a pixel")?,
        );
        while let Some(written) = live.write_due(now())? {
            let comment = written.comment;
            println!("{} {} ({:?})", comment.vpos, comment.body, written.prompt);
        }
        thread::sleep(Duration::from_millis(40));
    }
    println!("{:?}", live.counts());
    Ok(())
}
