//! Several changes of one entry as one Modify: the server does all of them or none.

use std::collections::HashSet;

use ldap3::Mod;

use super::super::answers::fault_of;
use super::super::fault::Fault;
use super::super::write_settings::WriteSettings;
use super::passwords::missing_class;
use super::session::{Change, Session, WritableEntry, clear};
use crate::directory::mapping::is_secret;
use crate::directory::{Rewrite, Written};

pub async fn write(
    session: Session,
    entry: &WritableEntry,
    settings: &WriteSettings,
    changes: &[(String, Rewrite)],
) -> Result<Written, Fault> {
    if changes.iter().any(|(name, _)| is_secret(name)) {
        session.close();
        return Ok(Written::NotAllowed);
    }
    let ours = |(name, _): &(String, Rewrite)| name.to_ascii_lowercase().starts_with("mereau");
    let mut mods = if changes.iter().any(ours) {
        missing_class(entry, settings)
    } else {
        Vec::new()
    };
    mods.extend(changes.iter().map(|(name, rewrite)| change(name, rewrite)));
    let answer = session.modify(&entry.name.0, mods, Vec::new()).await?;
    let written = match answer.rc {
        0 => Written::Done,
        16 | 20 => Written::Moved,
        32 => Written::Gone,
        50 => Written::NotAllowed,
        // undefinedAttributeType, constraintViolation, invalidAttributeSyntax, objectClassViolation
        17 | 19 | 21 | 65 => {
            let (code, text) = (answer.rc, &answer.text);
            tracing::warn!(event = "attributes_refused", code, %text, "the directory refuses a change of attributes");
            Written::Invalid
        }
        _ => return Err(fault_of("write of attributes", &answer)),
    };
    session.close();
    Ok(written)
}

fn change(name: &str, rewrite: &Rewrite) -> Change {
    let bytes = |values: &[String]| -> HashSet<Vec<u8>> {
        values.iter().map(|value| value.as_bytes().to_vec()).collect()
    };
    match rewrite {
        Rewrite::Add(values) => Mod::Add(name.into(), bytes(values)),
        Rewrite::Replace(values) if values.is_empty() => clear(name),
        Rewrite::Replace(values) => Mod::Replace(name.into(), bytes(values)),
        Rewrite::Remove(values) => Mod::Delete(name.into(), bytes(values)),
    }
}
