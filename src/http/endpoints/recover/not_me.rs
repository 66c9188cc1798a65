//! `/n/<token>`: « ce n’est pas moi ». A button with a box closes the account; following the link changes
//! nothing (SEC-58, SEC-35).

use http::StatusCode;

use super::desk::sent_by_us;
use super::link::{clean, here};
use super::{Outcome, bad_request, finish, is_sure, too_many};
use crate::base::names::InstitutionId;
use crate::flows::FlowError;
use crate::flows::recovery::{Found, disown, see_disowning};
use crate::http::answer::{Answer, page};
use crate::http::visit::Visit;
use crate::pages::views::my_links::{LinkState, NotMeLink};

/// `GET /n/<token>`.
pub async fn show(visit: Visit, token: Option<String>) -> Answer {
    let outcome = asking(&visit, token.as_deref().unwrap_or_default(), false).await;
    finish(&visit, outcome)
}

/// The institution of the letter, whose link is good on an address of its own realm alone (SEC-17).
async fn seen(visit: &Visit, token: &str) -> Result<Found<InstitutionId>, FlowError> {
    let found = see_disowning(&visit.app.ports, token, visit.client).await?;
    let institutions = &visit.catalogue.institutions;
    Ok(found.map(|id| {
        let of = institutions
            .named(id.as_str())
            .map(|institution| &institution.realm);
        here(visit).is_none_or(|realm| of == Some(&realm)).then_some(id)
    }))
}

async fn asking(visit: &Visit, token: &str, unticked: bool) -> Outcome {
    Ok(match seen(visit, token).await? {
        Found::Yes(institution) => shown(visit, Some(&institution), (LinkState::Ask, unticked), token),
        Found::Dead => shown(visit, None, (LinkState::Dead, false), ""),
        Found::TooMany => too_many(visit),
    })
}

/// `POST /n/<token>`.
pub async fn submit(visit: Visit, token: Option<String>) -> Answer {
    let outcome = submit_inner(&visit, token.as_deref().unwrap_or_default()).await;
    finish(&visit, outcome)
}

async fn submit_inner(visit: &Visit, token: &str) -> Outcome {
    if !sent_by_us(visit) {
        return Ok(bad_request(visit));
    }
    if !is_sure(visit) {
        return asking(visit, token, true).await;
    }
    if !matches!(seen(visit, token).await?, Found::Yes(_)) {
        return asking(visit, token, false).await;
    }
    let (ports, catalogue) = (&visit.app.ports, &visit.catalogue);
    Ok(match disown(ports, catalogue, token, visit.client).await? {
        Found::Yes(institution) => shown(visit, Some(&institution), (LinkState::Done, false), ""),
        Found::Dead => shown(visit, None, (LinkState::Dead, false), ""),
        Found::TooMany => too_many(visit),
    })
}

fn shown(
    visit: &Visit,
    institution: Option<&InstitutionId>,
    (state, unticked): (LinkState, bool),
    token: &str,
) -> Answer {
    let status = match (state, unticked) {
        (LinkState::Dead, _) => StatusCode::GONE,
        (_, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (_, false) => StatusCode::OK,
    };
    let content = NotMeLink {
        state,
        action: visit.endpoint(&format!("n/{}", clean(token))),
        unticked,
    };
    let institutions = &visit.catalogue.institutions;
    let named = institution.and_then(|id| institutions.named(id.as_str()));
    let place = named.or_else(|| super::link::place(visit, None));
    page(visit, status, &content, &visit.frame(place))
}
