//! Comments that are left out.

use nico_comments::{
    Comment, Filter, Kind, NgCommands, NgUsers, NgWords, Only, Position, ScoreLimit,
};
use serde::Deserialize;

use crate::error::Error;

/// Which comments are left out; none by default. What is left out takes no lane.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Hide {
    /// The owner's.
    pub owner: bool,
    /// Viewers'.
    pub viewers: bool,
    /// Those of these positions: `naka`, `ue`, `shita`.
    pub positions: Vec<String>,
    /// Viewers' with one of these words in them, whatever its case.
    pub words: Vec<String>,
    /// Those of these users.
    pub users: Vec<String>,
    /// Viewers' with one of these commands.
    pub commands: Vec<String>,
    /// Those whose NG score is as low: `weak`, `medium`, `strong` or a number as text.
    pub score: Option<String>,
}

impl Hide {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What keeps the others.
    pub(crate) fn filter(&self) -> Result<impl Filter + use<>, Error> {
        let positions = self.positions.iter().map(|name| position(name));
        let positions = positions.collect::<Result<Vec<_>, _>>()?;
        let score = self.score.as_ref().map(|score| {
            score.parse::<ScoreLimit>().map_err(|_| Error::Unknown {
                what: "score",
                found: score.clone(),
                expected: "weak, medium, strong or a number".into(),
            })
        });
        let score = score.transpose()?;
        let (owner, viewers) = (self.owner, self.viewers);
        let of_viewers = NgWords::new(&self.words)
            .and(NgCommands::new(&self.commands))
            .or(Only(Kind::Owner));
        let kept = move |comment: &Comment| {
            let by_whom = match comment.is_owner() {
                true => !owner,
                false => !viewers,
            };
            by_whom
                && !positions.contains(&comment.mail.position())
                && score.is_none_or(|score| score.keeps(comment))
        };
        Ok(of_viewers.and(NgUsers::new(self.users.clone())).and(kept))
    }
}

fn position(name: &str) -> Result<Position, Error> {
    match name {
        "naka" => Ok(Position::Naka),
        "ue" => Ok(Position::Ue),
        "shita" => Ok(Position::Shita),
        other => Err(Error::Unknown {
            what: "position",
            found: other.to_owned(),
            expected: "naka, ue or shita".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use nico_comments::{Fork, Vpos};

    use super::*;

    #[test]
    fn each_rule_takes_its_comments() {
        let viewer = Comment::new(Vpos(0), "abc")
            .mail("ue big")
            .user("x")
            .score(-5_000);
        let owner = Comment::new(Vpos(0), "abc").fork(Fork::Owner);
        let keeps = |json: &str| {
            let hide: Hide = serde_json::from_str(json).unwrap();
            let filter = hide.filter().unwrap();
            (filter.keeps(&viewer), filter.keeps(&owner))
        };
        assert_eq!(keeps("{}"), (true, true));
        assert_eq!(keeps(r#"{"owner": true}"#), (true, false));
        assert_eq!(keeps(r#"{"viewers": true}"#), (false, true));
        assert_eq!(keeps(r#"{"positions": ["ue"]}"#), (false, true));
        assert_eq!(keeps(r#"{"words": ["B"]}"#), (false, true));
        assert_eq!(keeps(r#"{"users": ["x"]}"#), (false, true));
        assert_eq!(keeps(r#"{"commands": ["big"]}"#), (false, true));
        assert_eq!(keeps(r#"{"score": "medium"}"#), (false, true));
        assert_eq!(keeps(r#"{"score": "weak"}"#), (true, true));
        for wrong in [r#"{"positions": ["top"]}"#, r#"{"score": "low"}"#] {
            let hide: Hide = serde_json::from_str(wrong).unwrap();
            assert!(hide.filter().is_err());
        }
    }
}
