//! Why a ticket store could not tell.

/// "Could not tell": INTERNAL_ERROR on the CAS wire, 503 on pages.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the ticket store does not answer ({0})")]
    Unreachable(String),
    /// The deadline passed; whether the step was done is unknown.
    #[error("the ticket store did not answer {operation} within {milliseconds} ms")]
    TimedOut {
        operation: &'static str,
        milliseconds: u64,
    },
    /// The store takes no new entries (memory or disk full); what is there still works.
    #[error("the ticket store is full")]
    Full,
    #[error("too many operations wait for the ticket store")]
    Crowded,
    #[error("the ticket store answered {operation} with: {text}")]
    Answered { operation: &'static str, text: String },
    /// The disk or file of the embedded store failed.
    #[error("{context}")]
    Disk {
        context: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Refuses bytes that are more than a place takes.
pub(super) fn fits(operation: &'static str, bytes: &[u8], most: usize) -> Result<(), StoreError> {
    if bytes.len() <= most {
        return Ok(());
    }
    Err(StoreError::Answered {
        operation,
        text: format!("{} bytes are more than the {most} it may keep", bytes.len()),
    })
}
