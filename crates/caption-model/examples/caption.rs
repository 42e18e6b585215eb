//! Image in, comment out: `caption MODEL PICTURE.png…` writes a comment on each picture.

use burn::tensor::Device;
use caption_model::{Captioner, GenerateOptions};
use frame_features::Picture;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let model = arguments
        .next()
        .ok_or("usage: caption MODEL PICTURE.png…")?;
    let captioner = Captioner::from_dir(model, &Device::flex())?;
    for path in arguments {
        let image = image::open(&path)?.to_rgb8();
        let (width, height) = (image.width() as usize, image.height() as usize);
        let picture =
            Picture::new(width, height, image.as_raw()).ok_or("a picture without pixels")?;
        println!(
            "{path}: {}",
            captioner
                .caption(&picture, &GenerateOptions::default())?
                .text
        );
    }
    Ok(())
}
