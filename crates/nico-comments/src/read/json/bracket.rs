/// A bracket that comments may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    /// An array of anything: comments, wrapped or not, or threads.
    List,
    /// An object at the top.
    Top,
    /// The `data` of an answer.
    Data,
    /// An array of threads.
    Threads,
    /// A thread: in an array, or at the top.
    Thread,
    /// The comments of a thread.
    Comments,
    /// The `packet` of a past log.
    Packet,
}

impl Bracket {
    /// Whether it is an object.
    pub(super) fn is_object(self) -> bool {
        matches!(self, Self::Top | Self::Data | Self::Thread)
    }

    /// What a member of this object that begins with `first` opens, if comments may be in there.
    pub(super) fn opens(self, name: &[u8], first: u8) -> Option<Self> {
        match (self, name, first) {
            (Self::Top, b"data", b'{') => Some(Self::Data),
            (Self::Top | Self::Data, b"threads", b'[') => Some(Self::Threads),
            (Self::Top, b"packet", b'[') => Some(Self::Packet),
            (Self::Top | Self::Thread, b"comments", b'[') => Some(Self::Comments),
            _ => None,
        }
    }
}
