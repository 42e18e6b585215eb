//! No page shows an option that `world` does not have.

use std::path::Path;

use page_commands::{Program, read_pages, refused};

#[test]
fn what_pages_show_is_taken() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pages = read_pages(&repository).expect("the pages are read");
    let program = Program {
        name: "world",
        path: Path::new(env!("CARGO_BIN_EXE_world")),
        aliases: &[],
    };
    let (refusals, asked) = refused(program, &pages).expect("world starts");
    assert!(asked > 0, "no page shows a command of world");
    let told: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    assert!(
        told.is_empty(),
        "pages show what world refuses:\n{}",
        told.join("\n")
    );
}
