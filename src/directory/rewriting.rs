//! What a change of an attribute makes of the values an entry has, for adapters that must work it
//! out themselves.

use super::person::{AttributeValue, Attributes};
use super::write::Rewrite;

pub enum Stand {
    Values(Vec<Vec<u8>>),
    /// A value to remove is not there, or one to add is.
    Moved,
}

pub fn rewritten(entry: &Attributes, name: &str, rewrite: Rewrite) -> Stand {
    let bytes = |value: &AttributeValue| match value {
        AttributeValue::Text(text) => text.clone().into_bytes(),
        AttributeValue::Bytes(bytes) => bytes.clone(),
    };
    let mut values: Vec<Vec<u8>> = entry.values(name).iter().map(bytes).collect();
    match rewrite {
        Rewrite::Replace(new) => values = new.into_iter().map(String::into_bytes).collect(),
        Rewrite::Remove(old) if old.is_empty() && values.is_empty() => return Stand::Moved,
        Rewrite::Remove(old) if old.is_empty() => values.clear(),
        Rewrite::Remove(old) => {
            for value in old {
                let Some(at) = values.iter().position(|known| known == value.as_bytes()) else {
                    return Stand::Moved;
                };
                values.remove(at);
            }
        }
        Rewrite::Add(new) => {
            for value in new {
                if values.iter().any(|known| known == value.as_bytes()) {
                    return Stand::Moved;
                }
                values.push(value.into_bytes());
            }
        }
    }
    Stand::Values(values)
}
