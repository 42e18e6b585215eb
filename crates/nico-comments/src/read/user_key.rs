use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Characters of an anonymous id of the message server.
const LEN: usize = 27;

/// Secret key of user pseudonyms: it turns plain user numbers into texts that look like anonymous
/// ids.
///
/// Somebody who posts without `184` is named by a plain number, which is personal data. With the
/// same key the same number always gives the same text, so users stay apart; without the key nobody
/// can go back. Throw it away to make it final.
///
/// ```
/// use nico_comments::{Comments, ReadOptions, UserKey};
///
/// let file = "<chat vpos='1' user_id='12345'>w</chat>\
///     <chat vpos='2' user_id='aaaaaaaaaaaaaaaaaaaaaaaaaaa'>w</chat>";
/// let options = ReadOptions::default().hash_users(UserKey::new([7; 32]));
/// let comments = Comments::new(file.as_bytes(), options);
/// let users: Vec<_> = comments.map(|c| c.expect("whole").user.expect("named")).collect();
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

    /// The keyed hash of a user: 27 characters of base64url, the first 162 bits of the HMAC-SHA-256
    /// of the number. `None` if the user is no plain number.
    #[must_use]
    pub fn hash(&self, user: &str) -> Option<String> {
        if user.is_empty() || !user.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(user.as_bytes());
        let mut text = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        text.truncate(LEN);
        Some(text)
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

    /// base64url of the HMAC-SHA-256 of "1" under 32 zero bytes, its first 27 characters, by
    /// Python's hmac and base64.
    #[test]
    fn known_answer() {
        assert_eq!(
            UserKey::new([0; 32]).hash("1").as_deref(),
            Some("QeCpRI-R7bpLBcbC_A7bHWQYqik")
        );
        assert_eq!(UserKey::new([0; 32]).hash("１"), None);
        assert_eq!(UserKey::new([0; 32]).hash(""), None);
        assert_eq!(format!("{:?}", UserKey::new([1; 32])), "UserKey(..)");
    }
}
