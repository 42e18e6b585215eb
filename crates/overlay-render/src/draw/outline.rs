/// How letters are outlined.
///
/// ```
/// use overlay_render::{Layout, OutlineStyle, Overlay, Viewport};
///
/// let layout = Layout::default();
/// let overlay = Overlay::new(&layout, Viewport::new(64, 36)?).outline(OutlineStyle::Eightfold);
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutlineStyle {
    /// A stroke of even width with round joins along the letters' contours, as the HTML5 player
    /// has.
    #[default]
    Round,
    /// The letters eight times around themselves, as the experiment of 2017 drew them: corners stay
    /// sharp, and slanting strokes get thicker outlines.
    Eightfold,
}
