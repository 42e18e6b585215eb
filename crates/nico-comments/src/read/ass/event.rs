use super::Read;
use super::tags::Looks;
use crate::{Comment, Fork, Mail, Position, Size, Vpos};

/// Centiseconds from the vpos of a scrolling comment to its end, and the longest that one of the
/// usual duration is shown, as the player and `overlay_render::write_ass` have it.
const SCROLLS: i64 = 425;
const LONGEST: i64 = 605;
/// Longest body that further lines are added to, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// An event that shows a comment, or the first lines of one.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) times: (Vpos, Vpos),
    pub(super) layer: String,
    pub(super) style: String,
    /// Size of the style.
    pub(super) usual_size: f64,
    /// Height of the picture.
    pub(super) height: f64,
    /// Whether its effect moves it.
    pub(super) banner: bool,
    pub(super) is_ours: bool,
    pub(super) lines: usize,
    pub(super) body: String,
    /// Those of the last line.
    pub(super) looks: Looks,
}

impl Event {
    /// Whether `next` is a further line of this comment, or a further part of its last line: shown
    /// at the same time and in the same way, on the same way, close below or beside.
    pub(super) fn goes_on(&self, next: &Self) -> bool {
        let (Some(at), Some(to)) = (self.looks.at, next.looks.at) else {
            return false;
        };
        let way = |looks: &Looks| looks.moves_to.zip(looks.at).map(|(to, from)| to.0 - from.0);
        let same_way = match (way(&self.looks), way(&next.looks)) {
            (Some(this), Some(other)) => (this - other).abs() < 0.05,
            (None, None) => true,
            _ => false,
        };
        let below = to.1 - at.1;
        let is_beside = below.abs() < 0.05 && to.0 > at.0;
        let is_below = below > 0.5 * next.looks.size && below < 1.2 * next.looks.size;
        (self.times, &self.layer, &self.style) == (next.times, &next.layer, &next.style)
            && (self.looks.size, self.looks.color) == (next.looks.size, next.looks.color)
            && same_way
            && self.body.len() + next.body.len() < MAX_BODY
            && (is_beside || is_below)
    }

    /// Adds a further line or part.
    pub(super) fn join(&mut self, next: Self) {
        let beside = self.looks.at.map(|at| at.1) == next.looks.at.map(|at| at.1);
        self.body.push(if beside { '\u{3000}' } else { '\n' });
        self.body.push_str(&next.body);
        self.lines += usize::from(!beside);
        self.looks = next.looks;
    }

    pub(super) fn into_read(self) -> Read {
        let position = self.position();
        let color = Some(self.looks.color);
        let mut mail = Mail::of_looks(position, self.size(), color);
        if matches!(&*self.style, "gothic" | "mincho") {
            mail.push(&self.style);
        }
        if self
            .looks
            .alpha
            .is_some_and(|alpha| (0x70..=0x90).contains(&alpha))
        {
            mail.push("_live");
        }
        let mut lost = Vec::new();
        if self.looks.has_effects {
            lost.push("effects");
        }
        let moves = self.looks.moves_to.zip(self.looks.at);
        if moves.is_some_and(|((to, _), (from, _))| to > from) {
            lost.push("direction");
        }
        if position == Position::Naka && moves.is_none() && !self.banner {
            lost.push("placement");
        }
        let mut comment = Comment::new(self.vpos(position), self.body).mail(mail);
        // A colour that has no name counts for Premium members only.
        comment.premium = self.looks.color.name().is_none().into();
        if self.is_ours && self.layer == "1" {
            comment.fork = Fork::Owner;
        }
        Read { comment, lost }
    }

    /// What moves scrolls; what stands is at the top or the bottom, whichever its middle is nearer
    /// to.
    fn position(&self) -> Position {
        if self.looks.moves_to.is_some() || self.banner {
            return Position::Naka;
        }
        let (row, y) = (
            (self.looks.alignment.clamp(1, 9) - 1) / 3,
            self.looks.at.map(|at| at.1),
        );
        match (row, y) {
            (2, None) => Position::Ue,
            (0, None) => Position::Shita,
            (2, Some(_)) if self.looks.is_aligned => Position::Ue,
            (0, Some(_)) if self.looks.is_aligned => Position::Shita,
            (row, Some(y)) => {
                // Down from where it is placed to its middle.
                let down = [-0.5, 0.0, 0.5][usize::from(row)];
                if y + down * self.looks.size < self.height / 2.0 {
                    Position::Ue
                } else {
                    Position::Shita
                }
            }
            (_, None) => Position::Ue,
        }
    }

    fn size(&self) -> Size {
        match self.looks.size / self.usual_size {
            ratio if ratio >= 1.2 => Size::Big,
            ratio if ratio <= 0.83 => Size::Small,
            _ => Size::Medium,
        }
    }

    /// The player's scrolling comments are seen before their vpos; those of other programs begin
    /// with it.
    fn vpos(&self, position: Position) -> Vpos {
        let (start, end) = self.times;
        if !self.is_ours || position != Position::Naka {
            start
        } else if (end - start).0 <= LONGEST {
            end - Vpos(SCROLLS)
        } else {
            start + Vpos(100)
        }
    }
}
