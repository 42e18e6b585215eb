//! Comments on frames that this program makes itself, with a captioner as `scripts/demo.sh` trains one:
//! `cargo run --release -p nico-live --example own_frames -- out/demo/model`

use std::{
    env, thread,
    time::{Duration, Instant},
};

use burn::tensor::Device;
use caption_model::Captioner;
use frame_features::Picture;
use nico_live::{LiveCommenter, LiveModel, LiveOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::args_os().nth(1).ok_or("give a captioner's folder")?;
    let captioner = Captioner::from_dir(folder, &Device::flex())?;
    let options = LiveOptions::default().per_second(2.0);
    let mut live = LiveCommenter::new(LiveModel::Captioner(&captioner), options)?;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        let now = i64::try_from(start.elapsed().as_millis())?;
        // Five seconds of blue, five of yellow.
        let is_blue = now / 5_000 % 2 == 0;
        let rgb = (if is_blue {
            [40, 80, 160]
        } else {
            [220, 180, 60]
        })
        .repeat(64 * 36);
        let frame = Picture::new(64, 36, &rgb).ok_or("three bytes a pixel")?;
        live.picture(now, &frame);
        while let Some(written) = live.write_due(now)? {
            println!("{now} ms: {} ({:?})", written.comment.body, written.prompt);
        }
        thread::sleep(Duration::from_millis(40));
    }
    println!("{:?}", live.counts());
    Ok(())
}
