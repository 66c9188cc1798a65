//! What a mailed link keeps behind it, looked at for whoever shows it: links that are none are counted by
//! network, whatever their kind (SEC-37). Changes nothing else.

use std::net::IpAddr;

use super::open::{allowed, invalid};
use crate::flows::{FlowError, Ports};
use crate::tickets::{PendingKind, PendingToken};

/// What a mailed link leads to.
pub enum Found<T> {
    Yes(T),
    /// Nothing: invented, cut off, used, or too old.
    Dead,
    /// This network showed too many that were none.
    TooMany,
}

impl<T> Found<T> {
    pub fn map<U>(self, read: impl FnOnce(T) -> Option<U>) -> Found<U> {
        match self {
            Found::Yes(found) => read(found).map_or(Found::Dead, Found::Yes),
            Found::Dead => Found::Dead,
            Found::TooMany => Found::TooMany,
        }
    }
}

/// The token of a link whose last part is `text`, and what is sealed behind it.
pub(in crate::flows) async fn behind(
    ports: &Ports,
    kind: PendingKind,
    text: &str,
    from: IpAddr,
) -> Result<Found<(PendingToken, Vec<u8>)>, FlowError> {
    if !allowed(ports, from).await? {
        return Ok(Found::TooMany);
    }
    if let Some(token) = PendingToken::parse(text)
        && let Some(sealed) = ports.recovery.marks.pending(kind, &token).await?
    {
        return Ok(Found::Yes((token, sealed)));
    }
    invalid(ports, from).await?;
    Ok(Found::Dead)
}
