//! What the endpoints around `/login` share: a request that has been read, with its institution, service
//! and session. It decides nothing.

use super::login_check::Check;
use crate::flows::login::{BrowserSession, KnownService};
use crate::http::visit::Visit;
use crate::protocol::login_request::LoginRequest;
use crate::realms::{Institution, ResolvedBy};

/// What a request to `/login` is about, once read.
pub(in crate::http) struct Desk<'a> {
    pub visit: &'a Visit,
    pub request: LoginRequest,
    pub institution: &'a Institution,
    pub chosen_by: ResolvedBy,
    /// The institution that the address names, too.
    pub rival: Option<&'a Institution>,
    pub service: Option<KnownService<'a>>,
    pub session: Option<BrowserSession>,
    /// Somebody else than the session's person wants to sign in, see [`Desk::person`].
    pub switching: bool,
    /// What its form asks, where the browser's network sprays.
    pub check: Option<Check>,
}

impl<'a> Desk<'a> {
    /// The session whose person is at the desk. One that is being switched from lives on until the
    /// next person has signed in (CAS-75, CAS-76).
    pub(super) fn person(&self) -> Option<&BrowserSession> {
        self.session.as_ref().filter(|_| !self.switching)
    }

    /// The same with the person who has just signed in, whoever sat there before.
    pub(super) fn with(&self, session: BrowserSession) -> Desk<'a> {
        Desk {
            visit: self.visit,
            request: self.request.clone(),
            institution: self.institution,
            chosen_by: self.chosen_by,
            rival: self.rival,
            service: self.service.clone(),
            session: Some(session),
            switching: false,
            check: None,
        }
    }
}
