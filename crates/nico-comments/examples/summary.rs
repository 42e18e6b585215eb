//! Says of each comment file which format it has and what is in it.
//!
//! ```text
//! cargo run --release -p nico-comments --example summary -- comments.xml log.json
//! ```

use nico_comments::{Comments, Error, ReadOptions};

fn main() -> Result<(), Error> {
    println!("format\tcomments\tdeleted\towner\trejected\tfile");
    for path in std::env::args().skip(1) {
        let mut comments = Comments::open(&path, ReadOptions::default())?;
        for error in comments.by_ref().filter_map(Result::err) {
            eprintln!("{error}");
        }
        let summary = comments.summary();
        let format = summary.format.map_or("unknown", |format| format.as_str());
        println!(
            "{format}\t{}\t{}\t{}\t{}\t{path}",
            summary.comments, summary.deleted, summary.owner, summary.rejected
        );
    }
    Ok(())
}
