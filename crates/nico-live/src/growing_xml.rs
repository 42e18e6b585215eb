use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

use nico_comments::{Comment, WriteError, WriteOptions, XmlWriter, write_whole};

/// What stands at the end of the file.
const END: &[u8] = b"</packet>";

/// A file of message-server XML that grows comment by comment and is whole after each of them:
/// whoever reads it meanwhile, or after the program was killed, finds a comment file.
///
/// ```
/// use nico_comments::{Comment, Comments, ReadOptions, Vpos};
/// use nico_live::GrowingXml;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("live.xml");
/// let mut file = GrowingXml::create(&path)?;
/// file.write(&Comment::new(Vpos(120), "うぽつ"))?;
/// assert_eq!(Comments::open(&path, ReadOptions::default())?.count(), 1);
/// file.write(&Comment::new(Vpos(250), "888"))?;
/// assert_eq!(Comments::open(&path, ReadOptions::default())?.count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct GrowingXml {
    writer: XmlWriter<Vec<u8>>,
    file: File,
    /// Where the end begins.
    end: u64,
}

impl GrowingXml {
    /// Begins a file without comments. One that was there is replaced once the new one is whole;
    /// what is no regular file, as a device, is written to.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let empty = XmlWriter::new(Vec::new(), WriteOptions::default()).finish()?;
        Ok(Self {
            writer: XmlWriter::new(Vec::new(), WriteOptions::default()),
            file: begin(path.as_ref(), &empty)?,
            end: 0,
        })
    }

    /// Adds a comment.
    ///
    /// # Errors
    ///
    /// If the file system refuses, as where the disk is full. The file then ends with the comment
    /// before, and later ones may be tried.
    pub fn write(&mut self, comment: &Comment) -> io::Result<()> {
        self.writer.write(comment)?;
        let mut bytes = std::mem::take(self.writer.get_mut());
        let added = bytes.len() as u64;
        bytes.extend_from_slice(END);
        // One call, over the end that was there.
        let written = self.write_at(self.end, &bytes);
        if written.is_ok() {
            self.end += added;
            return Ok(());
        }
        if self.end == 0 {
            // Its head is not there either: begin again with the next one.
            self.writer = XmlWriter::new(Vec::new(), WriteOptions::default());
            bytes = XmlWriter::new(Vec::new(), WriteOptions::default()).finish()?;
        } else {
            bytes = END.to_vec();
        }
        // What was there takes no new room.
        let restored = self.write_at(self.end, &bytes);
        restored.and_then(|()| self.file.set_len(self.end + bytes.len() as u64))?;
        written
    }

    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(at))?;
        self.file.write_all(bytes)
    }
}

/// A file of these bytes, which appears under its name with all of them.
fn begin(path: &Path, bytes: &[u8]) -> io::Result<File> {
    // Of a link, what it leads to.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if path.metadata().is_ok_and(|about| !about.is_file()) {
        let mut device = OpenOptions::new().write(true).open(path)?;
        device.write_all(bytes)?;
        return Ok(device);
    }
    write_whole(&path, |out| out.write_all(bytes)).map_err(|error| match error {
        WriteError::Io { source, .. } => source,
        error => io::Error::other(error),
    })?;
    OpenOptions::new().write(true).open(path)
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comments, Format, ReadOptions, Vpos, write_comments};

    use super::*;

    #[test]
    fn it_is_at_all_times_what_is_written_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("live.xml");
        std::fs::write(&path, "something longer that was there before ".repeat(20)).unwrap();
        let mut file = GrowingXml::create(&path).unwrap();
        let mut all = Vec::new();
        for number in 0..20 {
            let mut whole = Vec::new();
            write_comments(&mut whole, Format::Xml, &all, &WriteOptions::default()).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), whole, "after {number}");
            all.push(Comment::new(Vpos(number * 10), "<草>&\"]]>".repeat(3)));
            file.write(all.last().unwrap()).unwrap();
        }
        let read = Comments::open(&path, ReadOptions::default()).unwrap();
        assert_eq!(read.filter_map(Result::ok).count(), 20);
    }

    /// Whoever reads what was there reads it to its end, and a kill leaves that or the new one.
    #[test]
    fn what_was_there_is_replaced_as_a_whole() {
        use std::io::Read;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("live.xml");
        std::fs::write(&path, "an hour's comments").unwrap();
        let mut before = File::open(&path).unwrap();
        let _file = GrowingXml::create(&path).unwrap();
        let mut text = String::new();
        before.read_to_string(&mut text).unwrap();
        assert_eq!(text, "an hour's comments");
        assert!(
            std::fs::read_to_string(&path)
                .unwrap()
                .ends_with("</packet>")
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn its_mode_is_that_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let (path, plain) = (folder.path().join("live.xml"), folder.path().join("plain"));
        std::fs::write(&plain, "").unwrap();
        let _file = GrowingXml::create(&path).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&plain));
    }
}
