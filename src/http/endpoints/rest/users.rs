//! `/v1/users`: whether a password is right, and whose it is (CAS-232). Nothing is opened.

use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use super::answers::{down, json, refused};
use super::call;
use crate::flows::rest::{Checked, check};
use crate::http::answer::Answer;
use crate::http::visit::Visit;

/// `POST /v1/users`.
pub async fn answer(visit: Visit, body: Bytes) -> Answer {
    let answer = answer_inner(&visit, &body).await;
    answer.unwrap_or_else(|answer| *answer)
}

async fn answer_inner(visit: &Visit, body: &Bytes) -> Result<Answer, Box<Answer>> {
    let call = call(visit, body)?;
    let service = call.service()?;
    let errand = call.errand(service.as_ref())?;
    let checked = check(&visit.app.ports, &visit.catalogue, &errand).await;
    Ok(match checked {
        Ok(Ok(known)) => json(StatusCode::OK, &authentication(&known)),
        Ok(Err(why)) => refused(visit, &why),
        Err(error) => down(visit, &error),
    })
}

fn authentication(known: &Checked) -> serde_json::Value {
    let attributes: serde_json::Map<String, serde_json::Value> = known
        .attributes
        .iter()
        .map(|(name, values)| (name.clone(), json!(values)))
        .collect();
    json!({
        "authentication": {
            "authenticationDate": known.at.to_rfc3339(),
            "principal": { "id": known.user, "attributes": attributes },
        }
    })
}
