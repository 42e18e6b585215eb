use caption_model::{
    Captioner, Commenter,
    commenter::{EventKind, StreamComment},
};

use crate::{
    error::Error, options::LiveOptions, picture_writer::PictureWriter, stream_writer::StreamWriter,
};

/// What writes live comments.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum LiveModel<'a> {
    /// A commenter, which reads what is said and what others write.
    Commenter(&'a Commenter),
    /// A captioner, which looks at pictures.
    Captioner(&'a Captioner),
}

/// What came of writing a comment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Choice {
    /// It was written and may be given.
    Written(StreamComment),
    /// The filter takes away all drafts.
    Refused,
    /// There is no draft that could be given.
    Unwritten,
    /// There is no picture to look at.
    NoPicture,
}

#[derive(Debug)]
pub(crate) enum Writer<'a> {
    Stream(Box<StreamWriter<'a>>),
    Pictures(Box<PictureWriter<'a>>),
}

impl<'a> Writer<'a> {
    pub(crate) fn new(model: LiveModel<'a>, options: &LiveOptions) -> Result<Self, Error> {
        Ok(match model {
            LiveModel::Commenter(commenter) => {
                let writing = options.writing.clone().seed(options.seed);
                let writer = StreamWriter::new(commenter, writing, options.memory)?;
                Self::Stream(Box::new(writer))
            }
            LiveModel::Captioner(captioner) => {
                let captions = options.captions.clone();
                let writer = PictureWriter::new(captioner, captions, options.seed);
                Self::Pictures(Box::new(writer))
            }
        })
    }

    /// Reads what somebody else said or wrote; captioners do not.
    pub(crate) fn read(
        &mut self,
        millis: i64,
        kind: EventKind,
        author: Option<u32>,
        text: &str,
    ) -> Result<(), Error> {
        match self {
            Self::Stream(writer) => writer.read(millis, kind, author, text, false),
            Self::Pictures(_) => Ok(()),
        }
    }

    /// Writes a comment, which is not read yet.
    pub(crate) fn choose(
        &mut self,
        millis: i64,
        viewer: u32,
        keeps: impl FnMut(&StreamComment) -> bool,
    ) -> Result<Choice, Error> {
        match self {
            Self::Stream(writer) => writer.choose(millis, viewer, keeps),
            Self::Pictures(writer) => writer.choose(viewer, keeps),
        }
    }

    /// Reads a comment of its own that was given.
    pub(crate) fn given(
        &mut self,
        millis: i64,
        viewer: u32,
        comment: &StreamComment,
    ) -> Result<(), Error> {
        match self {
            Self::Stream(writer) => {
                let kind = EventKind::Comment(comment.style);
                writer.read(millis, kind, Some(viewer), &comment.text, true)
            }
            Self::Pictures(writer) => {
                writer.note(viewer, &comment.text);
                Ok(())
            }
        }
    }
}
