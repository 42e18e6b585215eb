use std::fmt;

use sha2::{Digest, Sha256};

/// A secret that turns plain user numbers into text that looks like an anonymous id.
///
/// Somebody who posts without `184` is named by a plain number, which is personal data. With the same key the same number
/// always gives the same text, so users stay apart; without the key nobody can go back. Throw it away to make it final.
///
/// ```
/// use nico_comments::{Comments, ReadOptions, UserKey};
///
/// let file = "<chat vpos='1' user_id='12345'>w</chat><chat vpos='2' user_id='aaaaaaaaaaaaaaaaaaaaaaaaaaa'>w</chat>";
/// let options = ReadOptions::default().hash_users(UserKey::new([7; 32]));
/// let users: Vec<_> = Comments::new(file.as_bytes(), options).map(|c| c.expect("whole").user.expect("named")).collect();
/// assert_eq!(users[0].len(), 27);
/// assert_eq!(users[1], "aaaaaaaaaaaaaaaaaaaaaaaaaaa");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct UserKey([u8; 32]);

impl UserKey {
    /// A key of random bytes.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The text for a user: 27 characters of base64url, 162 bits of the SHA-256 of key and number. `None` if the user is no
    /// plain number.
    #[must_use]
    pub fn hash(&self, user: &str) -> Option<String> {
        if user.is_empty() || !user.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(user)
            .finalize();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let sextet = |at: usize| {
            let bits = u16::from_be_bytes([digest[at * 6 / 8], digest[at * 6 / 8 + 1]]);
            char::from(alphabet[usize::from(bits >> (10 - at * 6 % 8) & 63)])
        };
        Some((0..27).map(sextet).collect())
    }
}

/// Does not show the key.
impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// base64url of SHA-256 of 32 zero bytes and "1", its first 27 characters, by Python's hashlib and base64.
    #[test]
    fn known_answer() {
        assert_eq!(
            UserKey::new([0; 32]).hash("1").as_deref(),
            Some("TnfPBurFz_P62NXoETjdk-sb5RT")
        );
        assert_eq!(UserKey::new([0; 32]).hash("１"), None);
        assert_eq!(UserKey::new([0; 32]).hash(""), None);
        assert_eq!(format!("{:?}", UserKey::new([1; 32])), "UserKey(..)");
    }
}
