//! The port to what became of the logout messages of a sign-out, for the page that the person looks at.
//! It delivers nothing, and forgets after half an hour: who needs to know longer reads the log.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::base::names::ServiceId;

/// How long it is remembered, from the last news on. The tries of a message are over by then.
pub const FAREWELL_LIFE: Duration = Duration::from_secs(30 * 60);

/// Names the messages of one ended session, by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FarewellId(pub [u8; 16]);

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Told {
    /// Still being tried.
    Underway = 0,
    /// The application has taken it.
    Yes = 1,
    /// Given up.
    No = 2,
}

/// One message of a sign-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarewellLine {
    /// Its number among those of the sign-out, which count from 0 on.
    pub number: u16,
    pub service: ServiceId,
    pub told: Told,
}

/// Remembers what became of messages.
#[async_trait]
pub trait Farewells: Send + Sync {
    /// Writes lines, in place of those of the same numbers.
    async fn note(&self, of: &FarewellId, lines: &[FarewellLine]) -> Result<(), StoreError>;

    /// The lines in the order of their numbers; none when nothing is known, or any more.
    async fn lines(&self, of: &FarewellId) -> Result<Vec<FarewellLine>, StoreError>;
}

impl FarewellLine {
    /// What is kept beside the number.
    pub(super) fn written(&self) -> Vec<u8> {
        [&[self.told as u8], self.service.as_str().as_bytes()].concat()
    }

    /// `None` for what no server of this version has written (F-32).
    pub(super) fn read(number: u16, written: &[u8]) -> Option<FarewellLine> {
        let (told, service) = written.split_first()?;
        let told = match told {
            0 => Told::Underway,
            1 => Told::Yes,
            2 => Told::No,
            _ => return None,
        };
        Some(FarewellLine {
            number,
            service: ServiceId::new(std::str::from_utf8(service).ok()?)?,
            told,
        })
    }
}
