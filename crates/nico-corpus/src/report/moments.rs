use nico_comments::{Comment, Vpos};

/// How long a comment is seen, centiseconds before and after its `vpos`.
const SEEN: (i64, i64) = (100, 300);

/// What is seen at a moment of the commented video.
#[derive(Clone, Debug)]
pub struct PageMoment {
    /// The moment.
    pub at: Vpos,
    /// Comments that are seen then.
    pub comments: usize,
    /// The commented video's picture, PNG.
    pub picture: Vec<u8>,
    /// Where the model looks while it writes a comment on it, PNG, if it has attention.
    pub attention: Option<Vec<u8>>,
}

/// The moments at which most comments are seen, and how many are seen then; at most so many, apart
/// from each other, in order of time. `comments` are by time.
#[must_use]
pub fn busiest_moments(comments: &[Comment], most: usize) -> Vec<(Vpos, usize)> {
    let times: Vec<i64> = comments
        .iter()
        .map(|comment| comment.vpos.0.max(0))
        .collect();
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
        return Vec::new();
    };
    let parts = i64::try_from(most.max(1))
        .unwrap_or(i64::MAX)
        .saturating_mul(2);
    let apart = (last.saturating_sub(first) / parts).max(SEEN.0 + SEEN.1);
    let mut moments: Vec<(i64, usize)> = times
        .iter()
        .map(|time| {
            let at = time.saturating_add(SEEN.1 / 3); // when it has come into the picture
            let from = times.partition_point(|&other| other < at.saturating_sub(SEEN.1));
            let to = times.partition_point(|&other| other <= at.saturating_add(SEEN.0));
            (at, to - from)
        })
        .collect();
    moments.sort_by_key(|&(at, seen)| (std::cmp::Reverse(seen), at));
    let mut chosen: Vec<(i64, usize)> = Vec::new();
    for (at, seen) in moments {
        if chosen.len() >= most {
            break;
        }
        if chosen
            .iter()
            .all(|&(other, _)| at.abs_diff(other) >= apart.unsigned_abs())
        {
            chosen.push((at, seen));
        }
    }
    chosen.sort_unstable();
    chosen
        .into_iter()
        .map(|(at, seen)| (Vpos(at), seen))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_where_most_is_said_and_apart() {
        let at = |times: &[i64]| -> Vec<Comment> {
            times
                .iter()
                .map(|&time| Comment::new(Vpos(time), "w"))
                .collect()
        };
        let comments = at(&[
            -5,
            1_000,
            1_010,
            1_020,
            1_030,
            5_000,
            5_010,
            9_000,
            i64::MAX,
        ]);
        assert_eq!(
            busiest_moments(&comments[..8], 2),
            [(Vpos(1_100), 4), (Vpos(5_100), 2)]
        );
        assert_eq!(busiest_moments(&comments[..8], 9).len(), 4); // the four bunches, each once
        assert!(!busiest_moments(&comments, 3).is_empty() && busiest_moments(&[], 3).is_empty());
        assert_eq!(busiest_moments(&comments, 0), []);
    }
}
