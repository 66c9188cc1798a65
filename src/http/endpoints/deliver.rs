//! How a ticket travels to its application (CAS-25): in the address, in a form that sends itself, or in
//! the headers of an answer that a program reads. Who gets one is decided before.

use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};

use super::login::{self, Desk};
use super::login_form;
use crate::flows::login::KnownService;
use crate::http::answer::{Answer, login_page, text, trouble};
use crate::pages::views::session::Delivery;
use crate::pages::views::trouble::TroubleKind;
use crate::protocol::login_request::ResponseMethod;
use crate::protocol::ticket_id::TicketId;

/// Sends `id` on, as the request asks or else the registration says.
pub(super) fn ticket(desk: &Desk<'_>, service: &KnownService<'_>, id: &TicketId, after_post: bool) -> Answer {
    match method(desk, service) {
        ResponseMethod::Redirect => login::go(desk.visit, after_post, &address(desk, service, id)),
        ResponseMethod::Post => form(desk, service, id),
        ResponseMethod::Header => headers(desk, service, id),
    }
}

/// The address with the ticket, where it is one that it travels in.
pub(super) fn redirection(desk: &Desk<'_>, service: &KnownService<'_>, id: &TicketId) -> Option<String> {
    (method(desk, service) == ResponseMethod::Redirect).then(|| address(desk, service, id))
}

fn method(desk: &Desk<'_>, service: &KnownService<'_>) -> ResponseMethod {
    desk.request.method.unwrap_or(service.service.response)
}

fn address(desk: &Desk<'_>, service: &KnownService<'_>, id: &TicketId) -> String {
    let parameter = desk.request.ticket_parameter();
    service.destination().with_ticket_as(parameter, id)
}

/// CAS-26. Marked as a page of the sign-in, whose policy names no targets of forms.
fn form(desk: &Desk<'_>, service: &KnownService<'_>, id: &TicketId) -> Answer {
    let frame = desk.visit.frame(Some(desk.institution));
    let content = Delivery {
        service_name: login_form::service_name(service, &frame.language),
        action: service.destination().without_ticket(),
        parameter: desk.request.ticket_parameter().name(),
        ticket: id.expose().to_owned(),
    };
    login_page(desk.visit, StatusCode::OK, &content, &frame)
}

/// CAS-27.
fn headers(desk: &Desk<'_>, service: &KnownService<'_>, id: &TicketId) -> Answer {
    let to = service.destination().without_ticket();
    let values = [to.as_str(), id.expose()].map(HeaderValue::from_str);
    let [Ok(to), Ok(mut ticket)] = values else {
        return trouble(desk.visit, StatusCode::BAD_REQUEST, TroubleKind::BadRequest, None);
    };
    ticket.set_sensitive(true);
    let mut answer: Response<_> = text(StatusCode::OK, "text/plain;charset=UTF-8", String::new());
    let parts = answer.headers_mut();
    parts.insert(HeaderName::from_static("service"), to);
    parts.insert(HeaderName::from_static("ticket"), ticket);
    answer
}
