/// How a video is encoded.
///
/// ```
/// use overlay_render::RenderOptions;
///
/// let options = RenderOptions::default().crf(18).preset("medium");
/// assert_eq!(options.encoder, "libx264");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RenderOptions {
    /// FFmpeg's name of the video encoder; it must take `yuv420p`. Default: `libx264`.
    pub encoder: String,
    /// Constant rate factor of the x264 family: 0 is lossless, 51 worst. Default: 20.
    pub crf: u8,
    /// How much time the encoder takes to make the file small, from `ultrafast` to `veryslow`. Default: `veryfast`.
    pub preset: String,
    /// Threads of the decoder and of the encoder each; 0 lets FFmpeg choose. Default: 0.
    pub threads: usize,
    /// Whether FFmpeg's own messages are turned off, which is a setting of the whole process. Default: true.
    pub quiet: bool,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            encoder: "libx264".to_owned(),
            crf: 20,
            preset: "veryfast".to_owned(),
            threads: 0,
            quiet: true,
        }
    }
}

impl RenderOptions {
    /// Sets the encoder.
    #[must_use]
    pub fn encoder(mut self, name: impl Into<String>) -> Self {
        self.encoder = name.into();
        self
    }

    /// Sets the constant rate factor.
    #[must_use]
    pub fn crf(mut self, crf: u8) -> Self {
        self.crf = crf;
        self
    }

    /// Sets the preset.
    #[must_use]
    pub fn preset(mut self, preset: impl Into<String>) -> Self {
        self.preset = preset.into();
        self
    }

    /// Sets the number of threads.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets whether FFmpeg is kept from writing messages.
    #[must_use]
    pub fn quiet(mut self, quiet: bool) -> Self {
        self.quiet = quiet;
        self
    }
}
