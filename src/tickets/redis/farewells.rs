//! What became of logout messages, on Redis: a hash for each sign-out.

use async_trait::async_trait;
use redis::Value;

use super::answers::strange;
use super::records::span;
use super::scripts;
use super::store::RedisStore;
use crate::tickets::{FAREWELL_LIFE, FarewellId, FarewellLine, Farewells, StoreError};

#[async_trait]
impl Farewells for RedisStore {
    async fn note(&self, of: &FarewellId, lines: &[FarewellLine]) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut call = scripts::NOTE
            .on(&[self.head().farewell(&of.0)])
            .arg(span(FAREWELL_LIFE));
        for line in lines {
            call = call.arg(line.number).arg(line.written());
        }
        self.write(call).await.map(drop)
    }

    async fn lines(&self, of: &FarewellId) -> Result<Vec<FarewellLine>, StoreError> {
        let call = scripts::LINES.on(&[self.head().farewell(&of.0)]);
        let answer = match self.read(call).await? {
            Value::Array(answer) => answer,
            _ => return Err(strange("lines")),
        };
        let numbered = (0..).zip(answer);
        let lines = numbered.filter_map(|(number, value)| match value {
            Value::BulkString(written) => FarewellLine::read(number, &written),
            _ => None,
        });
        Ok(lines.collect())
    }
}
