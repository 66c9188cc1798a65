//! What became of logout messages, on Redis: a hash for each sign-out.

use async_trait::async_trait;
use redis::Value;

use super::records::span;
use super::scripts::{self, Call};
use super::store::RedisStore;
use crate::tickets::{FAREWELL_LIFE, FarewellId, FarewellLine, Farewells, StoreError};

#[async_trait]
impl Farewells for RedisStore {
    async fn note(&self, of: &FarewellId, lines: &[FarewellLine]) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut call = scripts::NOTE
            .on(&[self.head.farewell(&of.0)])
            .arg(span(FAREWELL_LIFE));
        for line in lines {
            call = call.arg(line.number).arg(line.written());
        }
        self.write(call).await.map(drop)
    }

    async fn lines(&self, of: &FarewellId) -> Result<Vec<FarewellLine>, StoreError> {
        let mut command = redis::cmd("HGETALL");
        command.arg(self.head.farewell(&of.0));
        let fields = match self.read(Call::plain("lines", command)).await? {
            Value::Array(fields) => fields,
            Value::Map(pairs) => pairs
                .into_iter()
                .flat_map(|(name, value)| [name, value])
                .collect(),
            _ => Vec::new(),
        };
        let mut fields = fields.into_iter();
        let mut lines = Vec::new();
        while let (Some(Value::BulkString(number)), Some(Value::BulkString(written))) =
            (fields.next(), fields.next())
        {
            let number = std::str::from_utf8(&number)
                .ok()
                .and_then(|text| text.parse().ok());
            lines.extend(number.and_then(|number| FarewellLine::read(number, &written)));
        }
        lines.sort_unstable_by_key(|line| line.number);
        Ok(lines)
    }
}
