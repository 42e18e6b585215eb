//! The checksum that torchvision puts into the names of its files.

use std::path::Path;

use crate::error::Error;
use crate::files::file_sha256;

/// Compares the digits in a name such as `vgg19-dcbb9e9d.pth` with the file's SHA-256. Other names
/// pass.
pub(super) fn check_name(path: &Path) -> Result<(), Error> {
    let Some(expected) = path.file_name().and_then(|name| digits_in(name.to_str()?)) else {
        return Ok(());
    };
    let mut found = file_sha256(path)?;
    found.truncate(expected.len());
    if found == expected {
        return Ok(());
    }
    Err(Error::Checksum {
        path: path.to_path_buf(),
        expected: expected.to_owned(),
        found,
    })
}

/// `dcbb9e9d` of `vgg19-dcbb9e9d.pth`: only names that are torchvision's, eight digits after a
/// variant of VGG. Somebody's `vgg19-20260101.safetensors` means a day.
fn digits_in(name: &str) -> Option<&str> {
    let (variant, digits) = name.strip_suffix(".pth")?.rsplit_once('-')?;
    let known = matches!(
        variant.strip_suffix("_bn").unwrap_or(variant),
        "vgg16" | "vgg19"
    );
    let hexadecimal = digits.len() == 8
        && digits
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    (known && hexadecimal).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_torchvisions_names_hold_digits() {
        assert_eq!(digits_in("vgg19-dcbb9e9d.pth"), Some("dcbb9e9d"));
        assert_eq!(digits_in("vgg19_bn-c79401a0.pth"), Some("c79401a0"));
        assert_eq!(digits_in("vgg16-397923af.pth"), Some("397923af"));
        for name in [
            "vgg19.pth",
            "vgg19-slim16.pth",
            "vgg19-DCBB9E9D.pth",
            "mine-dcbb9e9d.pth",
            "vgg19-dcbb9e9d.safetensors",
        ] {
            assert_eq!(digits_in(name), None, "{name}");
        }
    }

    #[test]
    fn a_wrong_sum_names_file_and_digits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vgg19-dcbb9e9d.pth");
        std::fs::write(&path, b"").unwrap();
        let error = check_name(&path).unwrap_err().to_string();
        // SHA-256 of nothing begins e3b0c442.
        assert!(error.contains("vgg19-dcbb9e9d.pth"), "{error}");
        assert!(error.contains("e3b0c442"), "{error}");
        std::fs::rename(&path, folder.path().join("vgg19-e3b0c442.pth")).unwrap();
        check_name(&folder.path().join("vgg19-e3b0c442.pth")).unwrap();
    }
}
