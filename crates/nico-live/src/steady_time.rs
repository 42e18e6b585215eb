/// Makes one time that always rises of the times of a source that may jump, go back or begin anew.
///
/// ```
/// use nico_live::SteadyTime;
///
/// let mut time = SteadyTime::default();
/// let at = |step: nico_live::TimeStep| (step.millis, step.jump_ms.is_some());
/// assert_eq!(at(time.step(7_000.0, 40.0)), (0, false));
/// assert_eq!(at(time.step(7_040.0, 40.0)), (40, false));
/// assert_eq!(at(time.step(1_000.0, 40.0)), (80, true)); // the source went back
/// ```
#[derive(Clone, Debug, Default)]
pub struct SteadyTime {
    /// The source's time of the last picture and how long it is shown, and its steady time.
    last: Option<(f64, f64, f64)>,
}

/// The time of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TimeStep {
    /// Steady time, milliseconds from the first picture.
    pub millis: i64,
    /// How far the source's time jumped, milliseconds, where it did.
    pub jump_ms: Option<f64>,
}

/// How far pictures may lie apart without being a jump, milliseconds, whatever they say.
const MOST_APART: f64 = 2_000.0;
/// The longest that a picture may say that it is shown, milliseconds, as one of slides does.
const LONGEST_SAID: f64 = 600_000.0;
/// The longest that a picture counts as shown before a jump, milliseconds.
const LONGEST: f64 = 1_000.0;

impl SteadyTime {
    /// The time of the next picture, from the source's time and how long the picture is shown, both
    /// in milliseconds. Pictures more than two seconds apart are a jump, unless the first one said
    /// that it is shown for at least half of that; more than ten minutes are not believed.
    pub fn step(&mut self, source_ms: f64, shown_ms: f64) -> TimeStep {
        let source_ms = if source_ms.is_finite() {
            source_ms
        } else {
            0.0
        };
        let shown_ms = if (1.0..=LONGEST_SAID).contains(&shown_ms) {
            shown_ms
        } else {
            40.0
        };
        let Some((last_source, last_shown, last)) = self.last else {
            self.last = Some((source_ms, shown_ms, 0.0));
            return TimeStep {
                millis: 0,
                jump_ms: None,
            };
        };
        let apart = source_ms - last_source;
        let is_jump = !(apart > 0.0 && apart <= MOST_APART.max(2.0 * last_shown));
        let before_jump = last_shown.min(LONGEST);
        let now = last + if is_jump { before_jump } else { apart };
        self.last = Some((source_ms, shown_ms, now));
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let millis = now.round() as i64;
        TimeStep {
            millis,
            jump_ms: is_jump.then_some(apart - before_jump),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_rises_whatever_the_source_says() {
        let mut time = SteadyTime::default();
        let sources = [
            10.0,
            50.0,
            90.0,
            80.0,
            120.0,
            9_000.0,
            9_040.0,
            f64::NAN,
            1e300,
            -5.0,
            35.0,
        ];
        let steps: Vec<TimeStep> = sources.map(|source| time.step(source, 40.0)).to_vec();
        let millis: Vec<i64> = steps.iter().map(|step| step.millis).collect();
        assert_eq!(millis, [0, 40, 80, 120, 160, 200, 240, 280, 320, 360, 400]);
        let jumps = steps.iter().map(|step| step.jump_ms.is_some());
        let jumps: Vec<usize> = jumps
            .enumerate()
            .filter(|one| one.1)
            .map(|one| one.0)
            .collect();
        assert_eq!(jumps, [3, 5, 7, 8, 9]);
        assert_eq!(steps[5].jump_ms, Some(8_840.0));
    }

    #[test]
    fn slow_pictures_are_no_jumps() {
        let mut time = SteadyTime::default();
        time.step(0.0, 1_000.0);
        assert_eq!(time.step(1_900.0, 1_000.0).jump_ms, None);
        assert_eq!(time.step(1_900.0 + 2_500.0, 1_000.0).millis, 2_900);
    }

    /// A picture every five seconds; one that goes back comes a second after the one before, and
    /// what says more than ten minutes has said nothing.
    #[test]
    fn slides_take_their_time() {
        let mut time = SteadyTime::default();
        let slides = [0.0, 5_000.0, 10_000.0].map(|at| time.step(at, 5_000.0));
        assert_eq!(slides.map(|step| step.millis), [0, 5_000, 10_000]);
        assert!(slides.iter().all(|step| step.jump_ms.is_none()));
        let back = time.step(5_000.0, 700_000.0);
        assert_eq!((back.millis, back.jump_ms), (11_000, Some(-6_000.0)));
        let far = time.step(400_000.0, 5_000.0);
        assert_eq!((far.millis, far.jump_ms), (11_040, Some(394_960.0)));
    }
}
