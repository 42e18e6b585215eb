//! Files of weights that somebody made to do harm.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use std::path::Path;

use burn::tensor::Device;
use frame_features::Vgg;

/// The message of loading bytes that must not load.
fn refusal(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    let error = Vgg::load(&path, &Device::flex()).expect_err("the file is hostile");
    let message = error.to_string();
    assert!(message.contains(name), "no file in: {message}");
    message
}

/// A pickle that calls `module.function(argument)` for the value of `features.0.weight`.
fn calling(module: &str, function: &str, argument: &str) -> Vec<u8> {
    let mut pickle = b"\x80\x02}(X\x11\0\0\0features.0.weight".to_vec();
    pickle.extend(format!("c{module}\n{function}\n").bytes());
    pickle.extend(b"(X");
    pickle.extend(u32::try_from(argument.len()).unwrap().to_le_bytes());
    pickle.extend(argument.bytes());
    pickle.extend(b"tRu."); // tuple of arguments, call, put into the dictionary, end
    pickle
}

/// A file in a zip archive.
struct Entry<'a> {
    name: &'a str,
    /// 0 for stored bytes, 8 for deflated ones.
    method: u16,
    bytes: &'a [u8],
    crc32: u32,
    /// How long it says to be when unpacked.
    claimed: u32,
}

impl<'a> Entry<'a> {
    fn stored(name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            name,
            method: 0,
            bytes,
            crc32: crc32(bytes),
            claimed: u32::try_from(bytes.len()).unwrap(),
        }
    }
}

/// The archive of some files: local headers with the bytes, the directory, its end.
fn zip(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let offset = u32::try_from(archive.len()).unwrap();
        let mut common = Vec::new();
        for number in [20, 0, entry.method, 0, 0] {
            common.extend(u16::to_le_bytes(number)); // version, flags, method, time, date
        }
        let packed = u32::try_from(entry.bytes.len()).unwrap();
        for number in [entry.crc32, packed, entry.claimed] {
            common.extend(number.to_le_bytes());
        }
        common.extend(u16::try_from(entry.name.len()).unwrap().to_le_bytes());
        common.extend([0; 2]); // no extra field
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(entry.name.bytes());
        archive.extend(entry.bytes);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]); // no comment, first disk, no attributes
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.name.bytes());
    }
    let start = u32::try_from(archive.len()).unwrap();
    let count = u16::try_from(entries.len()).unwrap();
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count.to_le_bytes());
    archive.extend(count.to_le_bytes());
    archive.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    !sum
}

/// A deflate stream of one 0 and then `repeats` times 258 more of them, each in 13 bits.
fn deflated_zeros(repeats: usize) -> Vec<u8> {
    let mut bits = vec![true, true, false]; // the last block, with the fixed codes
    bits.extend([false, false, true, true, false, false, false, false]); // the byte 0
    for _ in 0..repeats {
        bits.extend([true, true, false, false, false, true, false, true]); // length 258
        bits.extend([false; 5]); // distance 1
    }
    bits.extend([false; 7]); // end
    bits.chunks(8)
        .map(|bits| {
            bits.iter()
                .rev()
                .fold(0, |byte, bit| byte << 1 | u8::from(*bit))
        })
        .collect()
}

#[test]
fn code_in_a_pickle_is_not_run_in_any_wrapping() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("ran");
    let touch = format!("touch {}", trace.display());
    let open = format!("open({:?}, 'w')", trace.display().to_string());
    for (number, (module, function, argument)) in [
        ("posix", "system", touch.as_str()),
        ("os", "system", &touch),
        ("subprocess", "getoutput", &touch),
        ("builtins", "eval", &open),
        ("builtins", "exec", &open),
        ("__builtin__", "eval", &open),
        ("torch", "_C", &open),
        ("torch._utils", "_rebuild_tensor_v2", &open),
        ("collections", "OrderedDict", &open),
    ]
    .into_iter()
    .enumerate()
    {
        let pickle = calling(module, function, argument);
        refusal(folder.path(), &format!("bare{number}.pth"), &pickle);
        let archive = zip(&[
            Entry::stored("evil/data.pkl", &pickle),
            Entry::stored("evil/byteorder", b"little"),
            Entry::stored("evil/version", b"3\n"),
        ]);
        refusal(folder.path(), &format!("zip{number}.pth"), &archive);
        assert!(!trace.exists(), "{module}.{function} was called");
    }
}

#[test]
fn a_pickle_that_unpacks_to_hundreds_of_megabytes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let repeats = 1_500_000; // 387 MB
    let bomb = deflated_zeros(repeats);
    assert!(bomb.len() < 3 << 20);
    let honest = u32::try_from(repeats * 258 + 1).unwrap();
    for (name, claimed) in [
        ("honest.pth", honest),
        ("lying.pth", 100),
        ("most.pth", u32::MAX - 1),
    ] {
        let entry = Entry {
            name: "bomb/data.pkl",
            method: 8,
            bytes: &bomb,
            crc32: 0,
            claimed,
        };
        let message = refusal(folder.path(), name, &zip(&[entry]));
        println!("{message}");
    }
}

/// The refusals above are not because of how the archives are made: an empty dictionary in one is
/// read and found to have no tensors.
#[test]
fn the_archives_made_here_are_archives() {
    let folder = tempfile::tempdir().unwrap();
    let pickle = b"\x80\x02}.";
    let stored = zip(&[Entry::stored("good/data.pkl", pickle)]);
    let message = refusal(folder.path(), "empty.pth", &stored);
    assert!(message.contains("no tensors"), "{message}");
}

#[test]
fn safetensors_with_wrong_headers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = |length: u64, header: &str, data: usize| {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend(header.bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    };
    let of = |header: &str, data| file(header.len() as u64, header, data);
    let weight = |shape: &str, offsets: &str| {
        format!(
            r#"{{"features.0.weight":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#
        )
    };
    for (name, bytes) in [
        ("huge.safetensors", file(u64::MAX, "{}", 100)),
        ("large.safetensors", file(99_000_000, "{}", 100)),
        ("long.safetensors", file(1 << 40, "{}", 100)),
        ("short.safetensors", file(1, "{}", 0)),
        ("nothing.safetensors", of("{}", 0)),
        ("list.safetensors", of("[1, 2]", 0)),
        ("deep.safetensors", of(&"[".repeat(100_000), 0)),
        ("past.safetensors", of(&weight("[4,3,3,3]", "[0,432]"), 100)),
        (
            "backwards.safetensors",
            of(&weight("[4,3,3,3]", "[432,0]"), 432),
        ),
        ("less.safetensors", of(&weight("[4,3,3,3]", "[0,400]"), 400)),
        (
            "product.safetensors",
            of(&weight("[4294967296,4294967296,3,3]", "[0,0]"), 0),
        ),
        (
            "negative.safetensors",
            of(&weight("[-4,3,3,3]", "[0,432]"), 432),
        ),
        ("flat.safetensors", of(&weight("[108]", "[0,432]"), 432)),
        ("wide.safetensors", of(&weight("[0,3,3,3]", "[0,0]"), 0)),
    ] {
        let message = refusal(folder.path(), name, &bytes);
        println!("{message}");
        if ["flat.safetensors", "wide.safetensors"].contains(&name) {
            assert!(message.contains("features.0.weight"), "{message}");
        }
    }
}

/// Numbers that are finite each, and whose product is not: a batch normalisation is folded into the
/// convolution before it.
#[test]
fn weights_that_a_normalisation_makes_infinite_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (mut header, mut data) = (Vec::new(), Vec::new());
    for (name, shape, value, count) in [
        ("features.0.weight", "[1,3,3,3]", 1e30_f32, 27),
        ("features.0.bias", "[1]", 0.0, 1),
        ("features.1.weight", "[1]", 1e30, 1),
        ("features.1.bias", "[1]", 0.0, 1),
        ("features.1.running_mean", "[1]", 0.0, 1),
        ("features.1.running_var", "[1]", 1.0, 1),
    ] {
        let start = data.len();
        (0..count).for_each(|_| data.extend(value.to_le_bytes()));
        let offsets = format!("[{start},{}]", data.len());
        header.push(format!(
            r#""{name}":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}"#
        ));
    }
    let header = format!("{{{}}}", header.join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.extend(data);
    let message = refusal(folder.path(), "large.safetensors", &file);
    assert!(message.contains("features.1.weight"), "{message}");
    assert!(message.contains("inf"), "{message}");
}
