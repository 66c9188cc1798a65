//! `/v1/tickets`: sessions and tickets for programs (CAS-227 to CAS-231).

use bytes::Bytes;
use http::StatusCode;

use super::answers::{created, down, escaped, plain, refused, unknown};
use super::{Call, call, program};
use crate::flows::rest::{end as end_it, grant, is_alive, open as open_it};
use crate::http::answer::Answer;
use crate::http::visit::Visit;
use crate::protocol::ticket_id::{TicketId, TicketKind};

/// `POST /v1/tickets`.
pub async fn open(visit: Visit, body: Bytes) -> Answer {
    let answer = open_inner(&visit, &body).await;
    answer.unwrap_or_else(|answer| *answer)
}

async fn open_inner(visit: &Visit, body: &Bytes) -> Result<Answer, Box<Answer>> {
    let call = call(visit, body)?;
    let service = call.service()?;
    let errand = call.errand(service.as_ref())?;
    let opened = open_it(&visit.app.ports, &visit.catalogue, &errand).await;
    Ok(match opened {
        Ok(Ok(tgt)) => created(visit, &tgt),
        Ok(Err(why)) => refused(visit, &why),
        Err(error) => down(visit, &error),
    })
}

/// `POST /v1/tickets/{TGT}`.
pub async fn give(visit: Visit, shown: Option<String>, body: Bytes) -> Answer {
    let answer = give_inner(&visit, shown.as_deref(), &body).await;
    answer.unwrap_or_else(|answer| *answer)
}

async fn give_inner(visit: &Visit, shown: Option<&str>, body: &Bytes) -> Result<Answer, Box<Answer>> {
    let call = call(visit, body)?;
    let Some(tgt) = read(shown) else {
        return Ok(unknown());
    };
    let Some(service) = call.service()? else {
        return Err(Call::bad("no service"));
    };
    let again = match (call.form.switch("renew"), call.credentials()?) {
        (true, None) => return Err(Call::bad("renew wants username and password")),
        (true, Some((username, password))) => Some((username, password, visit.client)),
        (false, _) => None,
    };
    let ports = &visit.app.ports;
    let granted = grant(ports, &visit.catalogue, (call.program, &tgt), &service, again).await;
    Ok(match granted {
        Ok(Ok(ticket)) => plain(StatusCode::OK, ticket.expose()),
        Ok(Err(why)) => refused(visit, &why),
        Err(error) => down(visit, &error),
    })
}

/// `GET /v1/tickets/{TGT}`.
pub async fn look(visit: Visit, shown: Option<String>) -> Answer {
    let program = match program(&visit) {
        Ok(program) => program,
        Err(answer) => return *answer,
    };
    let Some(tgt) = read(shown.as_deref()) else {
        return unknown();
    };
    match is_alive(&visit.app.ports, program, &tgt).await {
        Ok(true) => plain(StatusCode::OK, tgt.expose()),
        Ok(false) => unknown(),
        Err(error) => down(&visit, &error),
    }
}

/// Characters of an unknown id that are told back.
const TOLD: usize = 256;

/// `DELETE /v1/tickets/{TGT}`: the id comes back whatever it was (CAS-231, CAS-234).
pub async fn end(visit: Visit, shown: Option<String>) -> Answer {
    let program = match program(&visit) {
        Ok(program) => program,
        Err(answer) => return *answer,
    };
    if let Some(tgt) = read(shown.as_deref())
        && let Err(error) = end_it(&visit.app.ports, &visit.catalogue, program, &tgt).await
    {
        return down(&visit, &error);
    }
    let told: String = shown.unwrap_or_default().chars().take(TOLD).collect();
    plain(StatusCode::OK, &escaped(&told))
}

fn read(shown: Option<&str>) -> Option<TicketId> {
    TicketId::parse(TicketKind::TicketGranting, shown?)
}
