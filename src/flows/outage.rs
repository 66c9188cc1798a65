//! What is offered while a directory is down. Its health probes decide, never the look-up of the person
//! who asks, so that everybody gets the same answer (SEC-08) and hears it before typing (F-19).

use std::time::Duration;

use super::recovery::Wants;
use super::{Catalogue, FlowError};
use crate::base::names::RealmId;
use crate::directory::Outage;

/// Requests for messages wait in their queue through shorter outages, and nobody notices.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether a request for a message is taken: what it takes can be done now, or soon.
pub fn may_ask(catalogue: &Catalogue, realm: &RealmId, wants: Wants) -> Result<bool, FlowError> {
    let Outage { reading, writing } = catalogue.directory(realm)?.outage();
    let needed = match wants {
        // A link is bound to the entry as the primary has it.
        Wants::Password => reading.max(writing),
        Wants::Username => reading,
    };
    Ok(needed.is_none_or(|outage| outage < PATIENCE))
}

/// Whether a password can be written at this moment.
pub fn may_write(catalogue: &Catalogue, realm: &RealmId) -> Result<bool, FlowError> {
    Ok(catalogue.directory(realm)?.outage().writing.is_none())
}
