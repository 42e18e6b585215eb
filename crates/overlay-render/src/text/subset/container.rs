//! The file: a mark, the families' orders of faces, and the faces.
//!
//! Numbers are big-endian, as in fonts: for each of the five families the number of its faces
//! (2 bytes) and their places in the file (2 each); the number of faces (2); each face's length (4)
//! and its font.

use crate::text::family::Family;

/// The first bytes of a file, with its version.
const MARK: &[u8; 10] = b"nico-font\x01";

/// Faces as fonts, and the order of them in each family.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) chains: [Vec<u16>; Family::ALL.len()],
    pub(super) faces: Vec<Vec<u8>>,
}

impl Container {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        for chain in &self.chains {
            bytes.extend(len16(chain.len()));
            bytes.extend(chain.iter().flat_map(|face| face.to_be_bytes()));
        }
        bytes.extend(len16(self.faces.len()));
        for face in &self.faces {
            let length = u32::try_from(face.len()).expect("a font is below 4 GiB");
            bytes.extend(length.to_be_bytes());
            bytes.extend_from_slice(face);
        }
        bytes
    }

    /// `None` for anything that is no such file.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MARK)?;
        let mut chains: [Vec<u16>; Family::ALL.len()] = Default::default();
        for chain in &mut chains {
            let length = usize::from(number(&mut rest)?);
            *chain = (0..length)
                .map(|_| number(&mut rest))
                .collect::<Option<_>>()?;
        }
        let count = number(&mut rest)?;
        if chains.iter().flatten().any(|&face| face >= count) {
            return None;
        }
        let mut faces = Vec::new();
        for _ in 0..count {
            let (length, behind) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let (face, behind) = behind.split_at_checked(length)?;
            faces.push(face.to_vec());
            rest = behind;
        }
        rest.is_empty().then_some(Self { chains, faces })
    }
}

fn number(rest: &mut &[u8]) -> Option<u16> {
    let (number, behind) = rest.split_first_chunk::<2>()?;
    *rest = behind;
    Some(u16::from_be_bytes(*number))
}

fn len16(length: usize) -> [u8; 2] {
    u16::try_from(length)
        .expect("there are at most 65,535 faces")
        .to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let container = Container {
            chains: [vec![1, 0], vec![], vec![0], vec![0], vec![1]],
            faces: vec![vec![1, 2, 3], vec![]],
        };
        let bytes = container.bytes();
        assert_eq!(Container::parse(&bytes), Some(container));
        for end in 0..bytes.len() {
            assert_eq!(Container::parse(&bytes[..end]), None);
        }
    }
}
