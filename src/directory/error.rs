//! Why a directory could not tell.

/// "Could not tell": becomes 503 on pages and INTERNAL_ERROR on the CAS wire.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// No server of the realm answered: all are down, ejected, or refused the connection.
    #[error("no directory server answers ({0})")]
    Unreachable(String),
    /// A server took longer than the operation's deadline.
    #[error("the directory did not answer {operation} within {milliseconds} ms")]
    TimedOut {
        operation: &'static str,
        milliseconds: u64,
    },
    /// More operations are waiting than the bulkhead of this directory lets in.
    #[error("too many operations wait for this directory")]
    Crowded,
    /// A server answered with a result code that is neither success nor a refusal.
    #[error("the directory answered {operation} with {code} ({text})")]
    Answered {
        operation: &'static str,
        code: u32,
        text: String,
    },
    /// A server sent bytes that are not LDAP within our bounds, or a file is not LDIF.
    #[error("the directory sent something that cannot be read: {0}")]
    Unreadable(String),
    /// The realm's configuration lets nothing be written here; nothing was sent.
    #[error("the realm has no [directory.write]: nothing is written to its directory")]
    NotWritable,
    /// The file, socket or key material could not be used.
    #[error("{context}")]
    Io {
        context: String,
        #[source]
        source: std::io::Error,
    },
}
