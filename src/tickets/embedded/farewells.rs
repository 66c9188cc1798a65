//! What became of logout messages, in the embedded store: one entry for each sign-out.

use async_trait::async_trait;

use super::shelf::{Key, Kind};
use super::store::EmbeddedStore;
use crate::tickets::digest::Digest;
use crate::tickets::{FAREWELL_LIFE, FarewellId, FarewellLine, Farewells, StoreError};

/// Number and line of each message.
type Lines = Vec<(u16, Vec<u8>)>;

fn key(of: &FarewellId) -> Key {
    Key::new(Kind::Farewell, Digest(of.0))
}

#[async_trait]
impl Farewells for EmbeddedStore {
    async fn note(&self, of: &FarewellId, lines: &[FarewellLine]) -> Result<(), StoreError> {
        let key = key(of);
        let new: Lines = lines.iter().map(|line| (line.number, line.written())).collect();
        self.change(move |step| {
            let mut kept: Lines = step.read(&key)?.unwrap_or_default();
            kept.retain(|(number, _)| !new.iter().any(|(other, _)| other == number));
            kept.extend(new);
            let gone = step.now.plus(FAREWELL_LIFE);
            step.write(key, &kept, gone)
        })
        .await
    }

    async fn lines(&self, of: &FarewellId) -> Result<Vec<FarewellLine>, StoreError> {
        let kept: Option<Lines> = self.look(|step| step.read(&key(of)))?;
        let kept = kept.unwrap_or_default().into_iter();
        let mut lines: Vec<FarewellLine> = kept
            .filter_map(|(number, written)| FarewellLine::read(number, &written))
            .collect();
        lines.sort_unstable_by_key(|line| line.number);
        Ok(lines)
    }
}
