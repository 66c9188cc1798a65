//! Reading what scripts answer.

use redis::Value;

use super::store::view;
use super::{records, visits};
use crate::tickets::digest::Digest;
use crate::tickets::limits::VISITS_KEPT;
use crate::tickets::{
    Connection, Connections, Ended, ProxySession, SessionRef, StoreError, Taken, TakenTicket, Visit,
};

/// The parts of an answer, taken one after the other.
pub(super) struct Parts {
    operation: &'static str,
    parts: std::vec::IntoIter<Value>,
}

impl Parts {
    pub fn of(operation: &'static str, answer: Value) -> Result<Parts, StoreError> {
        match answer {
            Value::Array(parts) => Ok(Parts {
                operation,
                parts: parts.into_iter(),
            }),
            _ => Err(strange(operation)),
        }
    }

    /// Bytes, or `None` for nil and at the end.
    pub fn bytes(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.parts.next() {
            Some(Value::BulkString(bytes)) => Ok(Some(bytes)),
            None | Some(Value::Nil) => Ok(None),
            Some(_) => Err(strange(self.operation)),
        }
    }

    pub fn number(&mut self) -> Result<u64, StoreError> {
        match self.parts.next() {
            Some(Value::Int(number)) => u64::try_from(number).map_err(|_| strange(self.operation)),
            _ => Err(strange(self.operation)),
        }
    }

    pub fn list(&mut self) -> Result<Parts, StoreError> {
        let next = self.parts.next().unwrap_or(Value::Nil);
        Parts::of(self.operation, next)
    }

    /// A list of the person's own visits with the later ones that lie within the session, and a list of those by
    /// proxy tickets.
    pub fn visits(&mut self, session: &[u8]) -> Result<Vec<Visit>, StoreError> {
        let mut visits = self.listed()?;
        visits.extend(visits::within(session));
        visits.drain(..visits.len().saturating_sub(VISITS_KEPT));
        visits.extend(self.listed()?);
        Ok(visits)
    }

    fn listed(&mut self) -> Result<Vec<Visit>, StoreError> {
        let (mut list, mut visits) = (self.list()?, Vec::new());
        while let Some(value) = list.bytes()? {
            visits.extend(records::read_visit(&value));
        }
        Ok(visits)
    }
}

pub(super) fn number(operation: &'static str, answer: &Value) -> Result<u64, StoreError> {
    match answer {
        Value::Int(number) => u64::try_from(*number).map_err(|_| strange(operation)),
        _ => Err(strange(operation)),
    }
}

pub(super) fn strange(operation: &'static str) -> StoreError {
    StoreError::Answered {
        operation,
        text: "something else than the script says".to_owned(),
    }
}

/// The record's head, whether there are others, then id, session and visits of each.
pub(super) fn connections(answer: Value) -> Result<Connections, StoreError> {
    let mut parts = Parts::of("connections", answer)?;
    let record = parts.bytes()?;
    let perhaps_more = parts.number()? != 0;
    let mut listed = Vec::new();
    while let Some(id) = parts.bytes()? {
        let value = parts.bytes()?.unwrap_or_default();
        let visits = parts.visits(&value)?;
        let known = Digest::read(&id).zip(view(&value, record.as_deref()));
        listed.extend(known.map(|(id, view)| Connection {
            of: SessionRef(id),
            view,
            visits,
        }));
    }
    Ok(Connections { listed, perhaps_more })
}

pub(super) fn taken(answer: Value) -> Result<Taken, StoreError> {
    let mut parts = Parts::of("take", answer)?;
    match parts.number()? {
        0 => {}
        1 => {
            let ticket = parts.bytes()?.as_deref().and_then(records::read_ticket);
            return Ok(ticket.map_or(Taken::Unknown, |(ticket, _)| {
                Taken::OtherService(Box::new(ticket))
            }));
        }
        2 => return Ok(Taken::Replayed),
        _ => return Ok(Taken::Unknown),
    }
    let value = parts.bytes()?.unwrap_or_default();
    let (ticket, of) = (records::read_ticket(&value), records::read_session_of(&value));
    let session = parts.bytes()?.as_deref().and_then(records::read_session);
    let record = parts.bytes()?.as_deref().and_then(records::read_record);
    Ok(match (ticket, of, session) {
        (Some((ticket, proxies)), Some(of), Some((session, _))) => Taken::Whole(Box::new(TakenTicket {
            ticket,
            proxies,
            of,
            session,
            record,
        })),
        _ => Taken::Unknown,
    })
}

/// PGT, session, record; nothing when the PGT is unknown.
pub(super) fn pgt(answer: Value) -> Result<Option<ProxySession>, StoreError> {
    let mut parts = Parts::of("pgt", answer)?;
    let grant = parts.bytes()?.as_deref().and_then(records::read_pgt);
    let session = parts.bytes()?.as_deref().and_then(records::read_session);
    let record = parts.bytes()?.as_deref().and_then(records::read_record);
    let known = grant.zip(session);
    Ok(known.map(|(grant, (session, _))| ProxySession {
        grant,
        session,
        record,
    }))
}

/// Session, record, visits; nothing when there was no session.
pub(super) fn ended(answer: Value) -> Result<Option<Ended>, StoreError> {
    let mut parts = Parts::of("end", answer)?;
    let value = parts.bytes()?.unwrap_or_default();
    let Some(session) = records::read_session(&value) else {
        return Ok(None);
    };
    let record = parts.bytes()?.as_deref().and_then(records::read_record);
    let visits = parts.visits(&value)?;
    Ok(Some(Ended {
        session: session.0,
        visits,
        record,
    }))
}

/// The record, then session and visits by turns.
pub(super) fn all_ended(answer: Value) -> Result<Vec<Ended>, StoreError> {
    let mut parts = Parts::of("end_all", answer)?;
    let record = parts.bytes()?.as_deref().and_then(records::read_record);
    let mut all = Vec::new();
    while let Some(value) = parts.bytes()? {
        let visits = parts.visits(&value)?;
        if let Some((session, _)) = records::read_session(&value) {
            let record = record.clone();
            all.push(Ended {
                session,
                visits,
                record,
            });
        }
    }
    Ok(all)
}
