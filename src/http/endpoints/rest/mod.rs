//! `/v1`: signing in for programs. What they are told is short and plain; nothing that they sent comes back
//! in a page (CAS-234). No other origin's script may read it: there are no CORS headers.

mod answers;
pub mod tickets;
pub mod users;

use bytes::Bytes;
use data_encoding::BASE64;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use zeroize::Zeroizing;

pub use self::answers::busy;
use self::answers::{plain, stranger};
use crate::flows::rest::{Errand, Program, recognised};
use crate::http::answer::Answer;
use crate::http::visit::Visit;
use crate::protocol::params::Params;
use crate::protocol::service_url::ServiceUrl;
use crate::realms::Institution;

/// A request and the program that sent it.
struct Call<'a> {
    visit: &'a Visit,
    program: &'a Program,
    form: Params,
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Who calls; by `Authorization: Basic` with the program's name and key.
fn program(visit: &Visit) -> Result<&Program, Box<Answer>> {
    let programs = &visit.app.settings.rest;
    let shown = visit
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| credentials(value.as_bytes()));
    let pair = shown.as_ref().and_then(|text| text.split_once(':'));
    let found = pair.and_then(|pair| recognised(programs, pair, visit.client));
    found.ok_or_else(|| {
        let named = pair.and_then(|(name, _)| programs.iter().find(|one| one.name.as_str() == name));
        let program = named.map(|program| program.name.as_str());
        tracing::warn!(
            program,
            client = %visit.client,
            reason = "REST_STRANGER",
            "a program was refused: by its name, its key or its network"
        );
        Box::new(stranger())
    })
}

/// What `Basic` carries (RFC 7617).
fn credentials(header: &[u8]) -> Option<Zeroizing<String>> {
    let (scheme, rest) = header.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    let bytes = BASE64.decode(rest.trim_ascii()).ok()?;
    String::from_utf8(bytes).ok().map(Zeroizing::new)
}

/// The form of a program's request. What stands in the address is not looked at: it is logged on the way.
fn call<'a>(visit: &'a Visit, body: &Bytes) -> Result<Call<'a>, Box<Answer>> {
    let program = program(visit)?;
    let kind = visit.headers.get(CONTENT_TYPE);
    let kind = kind.map(|kind| kind.to_str().unwrap_or("?"));
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    let is_form = kind.map_or(body.is_empty(), |kind| kind.eq_ignore_ascii_case(FORM));
    if !is_form {
        let text = "send a form, application/x-www-form-urlencoded";
        return Err(Box::new(plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)));
    }
    Ok(Call {
        visit,
        program,
        form: Params::of_query(body),
    })
}

impl Call<'_> {
    fn bad(text: &str) -> Box<Answer> {
        Box::new(plain(StatusCode::BAD_REQUEST, text))
    }

    /// A field that is there once, or not at all.
    fn field(&self, name: &'static str) -> Result<Option<&str>, Box<Answer>> {
        let read = self.form.only(name);
        read.map_err(|flaw| Call::bad(&flaw.to_string()))
    }

    /// The service, by either name (CAS-230); `None` when it is not named.
    fn service(&self) -> Result<Option<ServiceUrl>, Box<Answer>> {
        let named = match (self.field("service")?, self.field("TARGET")?) {
            (Some(service), Some(target)) if service != target => {
                return Err(Call::bad("service and TARGET name two services"));
            }
            (service, target) => service.or(target),
        };
        let url = named.map(ServiceUrl::parse).transpose();
        url.map_err(|_| Box::new(answers::closed()))
    }

    fn credentials(&self) -> Result<Option<(&str, &str)>, Box<Answer>> {
        let pair = self.field("username")?.zip(self.field("password")?);
        Ok(pair)
    }

    /// Whose people are meant: the institution that the path or the field `tenant` names, else the only one
    /// that the program may mean.
    fn institution(&self) -> Result<&Institution, Box<Answer>> {
        let named = match &self.visit.path_tenant {
            Some(tenant) => Some(tenant.as_str()),
            None => self.field("tenant")?,
        };
        let all = &self.visit.catalogue.institutions;
        let is_theirs = |one: &&Institution| one.is_usable() && self.program.realms.contains(&one.realm);
        if let Some(name) = named {
            let found = all.named(name).filter(is_theirs);
            return found.ok_or_else(|| Call::bad("tenant names no institution of yours"));
        }
        let mut theirs = all.all().iter().filter(is_theirs);
        match (theirs.next(), theirs.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(Call::bad("name the institution by tenant")),
        }
    }

    /// A password to be tried.
    fn errand<'b>(&'b self, service: Option<&'b ServiceUrl>) -> Result<Errand<'b>, Box<Answer>> {
        let Some((username, password)) = self.credentials()? else {
            return Err(Call::bad("no credentials: send username and password"));
        };
        Ok(Errand {
            program: self.program,
            institution: self.institution()?,
            address: self.visit.client,
            username,
            password,
            service,
        })
    }
}
