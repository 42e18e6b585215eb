//! Pictures that are watched while they are read and written.

use std::net::UdpSocket;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nico_comments::{Comment, Vpos};
use overlay_render::{
    Error, LayoutOptions, LiveContainer, LiveInput, LiveItem, LiveOutput, LiveStage, RenderOptions,
};
use tempfile::TempDir;

use crate::common;
use crate::tools::{make, mean_difference, read};

/// 15 pictures and some 26 packets of sound.
fn clip(dir: &TempDir) -> Option<PathBuf> {
    let arguments = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=0.6 \
        -f lavfi -i sine=duration=0.6 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac";
    make(dir, "in.mp4", arguments)
}

/// Reads a clip and writes it with a comment; gives the pictures, and those with the comment.
fn pass_on(from: &Path, to: &Path) -> (usize, usize) {
    let fonts = common::subset();
    let container = LiveContainer::of(to).expect("it can be watched");
    let mut input = LiveInput::open(from, Arc::default()).expect("a clip");
    let streams = input.streams();
    let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
    let comment = Comment::new(Vpos(0), "固定").mail("ue big");
    stage.show(&comment, 0).expect("it is drawn");
    let (mut output, mut frames, mut painted) = (None, 0, 0);
    while let Some(item) = input.next_item().expect("a whole clip") {
        match item {
            LiveItem::Frame(frame) => {
                #[expect(clippy::cast_possible_truncation, reason = "less than a second")]
                let millis = (frame.seconds() * 1_000.0).round() as i64;
                let output = output.get_or_insert_with(|| {
                    let options = RenderOptions::default();
                    LiveOutput::create(to, container, &streams, &frame, &fonts, &options)
                        .unwrap_or_else(|error| panic!("{}: {error:?}", to.display()))
                });
                assert!(!output.is_without_sound(), "{}", to.display());
                painted += output.frame(frame, &stage, millis).expect("it is written");
                frames += 1;
            }
            LiveItem::Sound(sound) => {
                if let Some(output) = &mut output {
                    let seconds = sound.seconds();
                    output.sound(sound, seconds).expect("it is written");
                }
            }
            _ => {}
        }
    }
    output
        .expect("there was a picture")
        .finish()
        .expect("it ends");
    (frames, painted)
}

#[test]
fn what_is_written_live_is_a_file_of_its_container() {
    let dir = TempDir::new().expect("a folder");
    let Some(input) = clip(&dir) else {
        return;
    };
    let before = read(&input);
    for name in ["out.mkv", "out.ts", "out.flv"] {
        let output = dir.path().join(name);
        assert_eq!(pass_on(&input, &output), (15, 15), "{name}");
        let written = read(&output);
        assert_eq!(
            (written.times.len(), written.size),
            (15, (160, 90)),
            "{name}"
        );
        assert!(written.sound.len() > 10, "{name}: {}", written.sound.len());
        // Two letters of 12 pixels stand in the middle of the top; elsewhere little changes.
        let differs = |rows: Range<usize>| {
            let pixels = rows.flat_map(|y| (70..90).map(move |x| y * 160 + x));
            mean_difference(&before.luma[0], &written.luma[0], pixels)
        };
        let (top, rest) = (differs(1..11), differs(40..90));
        assert!(top > rest + 5.0, "{name}: {top}, elsewhere {rest}");
    }
}

/// An address is written to as a file is: packets of MPEG-TS come, each begun by its mark.
#[test]
fn an_address_is_sent_to() {
    let dir = TempDir::new().expect("a folder");
    let Some(input) = clip(&dir) else {
        return;
    };
    let player = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let wait = Some(Duration::from_secs(20));
    player.set_read_timeout(wait).expect("a time");
    let port = player.local_addr().expect("it is bound").port();
    let address = format!("udp://127.0.0.1:{port}?pkt_size=1316");
    assert_eq!(pass_on(&input, Path::new(&address)), (15, 15));
    let mut packet = [0; 2_000];
    let length = player.recv(&mut packet).expect("something was sent");
    assert_eq!((length % 188, packet[0]), (0, 0x47));
}

#[test]
fn an_input_that_is_stopped_ends() {
    let dir = TempDir::new().expect("a folder");
    let Some(clip) = clip(&dir) else {
        return;
    };
    let stop = Arc::new(AtomicBool::new(false));
    let mut input = LiveInput::open(&clip, Arc::clone(&stop)).expect("a clip");
    assert!(input.next_item().expect("a whole clip").is_some());
    stop.store(true, Ordering::Relaxed);
    assert!(input.next_item().expect("nothing failed").is_none());
    let again = LiveInput::open(&clip, stop).expect_err("it is stopped");
    assert!(matches!(again, Error::Stopped), "{again}");
}
