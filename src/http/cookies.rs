//! The cookies we read and write: names, attributes, nothing of what they mean.
//!
//! `__Host-goodbye` names, sealed, the sign-outs of which this browser may see what became, until a sign-in;
//! `__Host-flow-<id>` carries, sealed, a sign-in by another server; `__Host-departures` counts them;
//! `__Host-stay` keeps a proxy's word from signing somebody in again at once.
//! `__Secure-proof-<realm>` says, sealed, when its person last gave the password;
//! `__Secure-TGC-<realm>` is a session cookie on the context path (CAS-116 to CAS-124, T-28), one with an
//! end for people who asked to be kept signed in;
//! `__Host-presession` binds forms to a browser; `__Host-device` remembers, sealed, that people of
//! this device signed in before; `mereau_recent`, sealed too, holds institutions to be shown first; `lang`
//! is a preference. On a plain http public URL (loopback only)
//! the prefixes and `Secure` are left out, since browsers would drop such cookies.

use std::time::Duration;

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue, SET_COOKIE};

use crate::app::App;
use crate::base::names::RealmId;
use crate::flows::delegation::{FLOW_ID_LENGTH, LIFETIME};
use crate::protocol::ticket_id::{TicketId, TicketKind};
use crate::tickets::Session;

/// Sessions of at most this many realms are read from one request.
pub const MOST_REALMS: usize = 5;

const RECENT: &str = "mereau_recent";

/// How cookies are named and scoped on this server.
#[derive(Debug, Clone, Copy)]
pub struct CookieScope<'a> {
    /// The public URL is https.
    pub secure: bool,
    /// The context path, without a trailing slash; may be empty.
    pub base: &'a str,
}

impl CookieScope<'_> {
    pub fn of(app: &App) -> CookieScope<'_> {
        CookieScope {
            secure: app.settings.secure,
            base: &app.settings.base,
        }
    }
}

/// The cookies a request brought.
pub struct Cookies<'a> {
    pairs: Vec<(&'a str, &'a str)>,
    scope: CookieScope<'a>,
}

impl<'a> Cookies<'a> {
    /// Reads every `Cookie` header; pairs that are not text are passed over.
    pub fn read(headers: &'a HeaderMap, scope: CookieScope<'a>) -> Cookies<'a> {
        let texts = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let pairs = texts
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .collect();
        Cookies { pairs, scope }
    }

    fn first(&self, name: &str) -> Option<&'a str> {
        self.pairs
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    /// The ticket-granting tickets by realm, and the realms whose cookie is not one: those are to
    /// be cleared (CAS-122, T-30).
    pub fn sessions(&self) -> (Vec<(RealmId, TicketId)>, Vec<RealmId>) {
        let prefix = self.scope.tgc_prefix();
        let mut sessions = Vec::new();
        let mut broken = Vec::new();
        for (name, value) in &self.pairs {
            let Some(realm) = name.strip_prefix(prefix).and_then(RealmId::new) else {
                continue;
            };
            match TicketId::parse(TicketKind::TicketGranting, value) {
                Some(tgt) if sessions.len() < MOST_REALMS => sessions.push((realm, tgt)),
                Some(_) => {}
                None => broken.push(realm),
            }
        }
        (sessions, broken)
    }

    /// The browser's pre-session, when it looks like one of ours.
    pub fn presession(&self) -> Option<&'a str> {
        let value = self.first(self.scope.host_name("presession"))?;
        let fits = value.len() == PRESESSION_LENGTH && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then_some(value)
    }

    pub fn device(&self) -> Option<&'a str> {
        self.first(self.scope.host_name("device"))
    }

    /// The sign-outs of which this browser may see what became, sealed.
    pub fn goodbye(&self) -> Option<&'a str> {
        self.first(self.scope.host_name("goodbye"))
    }

    /// The institutions this browser was asked to remember, sealed.
    pub fn recent(&self) -> Option<&'a str> {
        self.first(RECENT)
    }

    /// Times this browser was sent to another server by itself, lately.
    pub fn departures(&self) -> u8 {
        let value = self.first(self.scope.host_name("departures"));
        value.and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// This browser is not to be signed in by a proxy's word without a click.
    pub fn stays(&self) -> bool {
        self.first(self.scope.host_name("stay")).is_some()
    }

    /// What a flow keeps here.
    pub fn flow(&self, id: &str) -> Option<&'a str> {
        self.first(&self.scope.flow_name(id)?)
    }

    /// Names of all flow cookies, oldest first, as browsers send them (RFC 6265 §5.4).
    fn flows(&self) -> impl Iterator<Item = &'a str> {
        let prefix = self.scope.flow_prefix();
        let names = self.pairs.iter().map(|(name, _)| *name);
        names.filter(move |name| name.strip_prefix(prefix).is_some_and(is_flow_id))
    }

    /// The sealed proof that the password of a session's person was given lately.
    pub fn proof(&self, realm: &RealmId) -> Option<&'a str> {
        self.first(&self.scope.proof_name(realm))
    }

    pub fn language(&self) -> Option<&'a str> {
        self.first("lang")
    }
}

/// Flow cookies that a browser may hold beside a new one.
const FLOWS_KEPT: usize = 2;

pub fn is_flow_id(rest: &str) -> bool {
    rest.len() == FLOW_ID_LENGTH && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Characters of a pre-session: 131 bits.
pub const PRESESSION_LENGTH: usize = 22;

impl CookieScope<'_> {
    fn tgc_prefix(&self) -> &'static str {
        if self.secure { "__Secure-TGC-" } else { "TGC-" }
    }

    fn host_name(&self, name: &'static str) -> &'static str {
        match (self.secure, name) {
            (true, "presession") => "__Host-presession",
            (true, "device") => "__Host-device",
            (true, "departures") => "__Host-departures",
            (true, "goodbye") => "__Host-goodbye",
            (true, "stay") => "__Host-stay",
            _ => name,
        }
    }

    fn path(&self) -> &str {
        if self.base.is_empty() { "/" } else { self.base }
    }

    /// A cookie without end date, which dies with the browser (CAS-116); of a long session it lives as
    /// long as that one (CAS-203).
    pub fn set_session(&self, headers: &mut HeaderMap, realm: &RealmId, tgt: &TicketId, session: &Session) {
        let life = session.hard_expiry.since(session.signed_in_at);
        self.put(
            headers,
            &format!("{}{realm}", self.tgc_prefix()),
            tgt.expose(),
            self.path(),
            session.remembered.then_some(life),
        );
    }

    /// Clears it with the same name and path (CAS-123).
    pub fn clear_session(&self, headers: &mut HeaderMap, realm: &RealmId) {
        let name = format!("{}{realm}", self.tgc_prefix());
        self.put(headers, &name, "", self.path(), Some(Duration::ZERO));
    }

    fn proof_name(&self, realm: &RealmId) -> String {
        let prefix = if self.secure { "__Secure-proof-" } else { "proof-" };
        format!("{prefix}{realm}")
    }

    /// Ends with the proof that it holds.
    pub fn set_proof(&self, headers: &mut HeaderMap, realm: &RealmId, sealed: &str) {
        let age = Some(crate::flows::account::FRESH);
        self.put(headers, &self.proof_name(realm), sealed, self.path(), age);
    }

    pub fn set_presession(&self, headers: &mut HeaderMap, value: &str) {
        self.put(headers, self.host_name("presession"), value, "/", None);
    }

    /// As long as it is remembered what became of the messages.
    pub fn set_goodbye(&self, headers: &mut HeaderMap, sealed: &str) {
        let name = self.host_name("goodbye");
        self.put(headers, name, sealed, "/", Some(crate::tickets::FAREWELL_LIFE));
    }

    pub fn set_device(&self, headers: &mut HeaderMap, sealed: &str) {
        let year = Duration::from_secs(365 * 86_400);
        self.put(headers, self.host_name("device"), sealed, "/", Some(year));
    }

    /// Remembers institutions for 400 days, or forgets them all.
    pub fn set_recent(&self, headers: &mut HeaderMap, sealed: Option<&str>) {
        let age = match sealed {
            Some(_) => Duration::from_secs(400 * 86_400),
            None => Duration::ZERO,
        };
        self.put(
            headers,
            RECENT,
            sealed.unwrap_or_default(),
            self.path(),
            Some(age),
        );
    }

    /// After a failure longer than between two departures: a page is read meanwhile.
    pub fn set_departures(&self, headers: &mut HeaderMap, count: u8) {
        let name = self.host_name("departures");
        self.put(
            headers,
            name,
            &count.to_string(),
            "/",
            Some(Duration::from_secs(60)),
        );
    }

    /// Another person is here now.
    pub fn clear_goodbye(&self, headers: &mut HeaderMap) {
        self.put(headers, self.host_name("goodbye"), "", "/", Some(Duration::ZERO));
    }

    /// Until the browser ends or somebody signs in.
    pub fn set_stay(&self, headers: &mut HeaderMap) {
        self.put(headers, self.host_name("stay"), "1", "/", None);
    }

    pub fn clear_stay(&self, headers: &mut HeaderMap) {
        self.put(headers, self.host_name("stay"), "", "/", Some(Duration::ZERO));
    }

    fn flow_prefix(&self) -> &'static str {
        if self.secure { "__Host-flow-" } else { "flow-" }
    }

    /// `None` for what is no id of ours.
    fn flow_name(&self, id: &str) -> Option<String> {
        is_flow_id(id).then(|| format!("{}{id}", self.flow_prefix()))
    }

    /// Keeps a flow's state, of at most [`LONGEST_CARRIED`] characters; the oldest flows of the browser
    /// that would be too many are forgotten.
    ///
    /// [`LONGEST_CARRIED`]: crate::flows::delegation::LONGEST_CARRIED
    pub fn set_flow(&self, headers: &mut HeaderMap, held: &Cookies<'_>, id: &str, state: &str) {
        self.set_flow_for(headers, held, id, state, LIFETIME);
    }

    /// The same for a flow that takes another time.
    pub fn set_flow_for(
        &self,
        headers: &mut HeaderMap,
        held: &Cookies<'_>,
        id: &str,
        state: &str,
        age: Duration,
    ) {
        let Some(name) = self.flow_name(id) else { return };
        let held: Vec<&str> = held.flows().filter(|held| *held != name).collect();
        for old in held.iter().take(held.len().saturating_sub(FLOWS_KEPT)) {
            self.put(headers, old, "", "/", Some(Duration::ZERO));
        }
        self.put(headers, &name, state, "/", Some(age));
    }

    pub fn clear_flow(&self, headers: &mut HeaderMap, held: &Cookies<'_>, id: &str) {
        let Some(name) = self.flow_name(id) else { return };
        if held.flows().any(|held| held == name) {
            self.put(headers, &name, "", "/", Some(Duration::ZERO));
        }
    }

    pub fn set_language(&self, headers: &mut HeaderMap, tag: &str) {
        self.put(
            headers,
            "lang",
            tag,
            self.path(),
            Some(Duration::from_secs(365 * 86_400)),
        );
    }

    fn put(&self, headers: &mut HeaderMap, name: &str, value: &str, path: &str, age: Option<Duration>) {
        let secure = if self.secure { "; Secure" } else { "" };
        let age = age
            .map(|age| format!("; Max-Age={}", age.as_secs()))
            .unwrap_or_default();
        let line = format!("{name}={value}; Path={path}{age}{secure}; HttpOnly; SameSite=Lax");
        if let Ok(mut line) = HeaderValue::from_str(&line) {
            line.set_sensitive(true);
            headers.append(SET_COOKIE, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Timestamp;
    use crate::base::entropy::OsEntropy;
    use crate::base::keys::KeyRing;
    use crate::base::names::{AccountId, InstitutionId, PersonKey};
    use crate::protocol::ticket_id::Bucket;
    use crate::tickets::Opened;

    fn scope(secure: bool) -> CookieScope<'static> {
        CookieScope { secure, base: "/cas" }
    }

    fn tgt() -> TicketId {
        let keys = KeyRing::ephemeral(&OsEntropy);
        let realm = RealmId::new("univ").expect("a slug");
        let account = AccountId {
            realm,
            person: PersonKey("p".into()),
        };
        TicketId::mint(
            TicketKind::TicketGranting,
            Bucket::of(&keys, &account),
            &keys,
            &OsEntropy,
        )
    }

    fn session(remembered: bool) -> Session {
        let now = Timestamp(1_795_000_000_000);
        Session {
            account: AccountId {
                realm: RealmId::new("univ").expect("a slug"),
                person: PersonKey("p".into()),
            },
            institution: InstitutionId::new("univ").expect("a slug"),
            login: "p".to_owned(),
            display_name: "P".to_owned(),
            signed_in_at: now,
            idle: Duration::from_secs(7200),
            hard_expiry: now.plus(Duration::from_secs(30 * 86_400)),
            remembered,
            warn: false,
            opened: Opened::ByPassword,
        }
    }

    fn lines(headers: &HeaderMap) -> Vec<&str> {
        headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .collect()
    }

    #[test]
    fn the_session_cookie_is_narrow_and_shut() {
        // CAS-116, CAS-117, CAS-118, CAS-119, CAS-120, CAS-124, T-28, CAS-327
        let mut headers = HeaderMap::new();
        let (realm, tgt) = (RealmId::new("univ").expect("a slug"), tgt());
        scope(true).set_session(&mut headers, &realm, &tgt, &session(false));
        let expected = format!(
            "__Secure-TGC-univ={}; Path=/cas; Secure; HttpOnly; SameSite=Lax",
            tgt.expose()
        );
        assert_eq!(lines(&headers), [expected.as_str()]);
    }

    #[test]
    fn the_cookie_of_a_long_session_ends_with_it() {
        // CAS-203
        let mut headers = HeaderMap::new();
        let (realm, tgt) = (RealmId::new("univ").expect("a slug"), tgt());
        scope(true).set_session(&mut headers, &realm, &tgt, &session(true));
        let expected = format!(
            "__Secure-TGC-univ={}; Path=/cas; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax",
            tgt.expose()
        );
        assert_eq!(lines(&headers), [expected.as_str()]);
    }

    #[test]
    fn it_is_cleared_by_the_same_name_and_path() {
        // CAS-123
        let mut headers = HeaderMap::new();
        scope(true).clear_session(&mut headers, &RealmId::new("univ").expect("a slug"));
        assert_eq!(
            lines(&headers),
            ["__Secure-TGC-univ=; Path=/cas; Max-Age=0; Secure; HttpOnly; SameSite=Lax"]
        );
    }

    #[test]
    fn a_cookie_that_is_no_ticket_is_none_and_marked_for_clearing() {
        // CAS-121, CAS-122, T-30
        let tgt = tgt();
        let text = format!(
            "a=b; __Secure-TGC-univ={}; __Secure-TGC-ent=TGT-{}; __Secure-TGC-x={}",
            tgt.expose(),
            "é".repeat(5),
            &tgt.expose()[..40]
        );
        let mut headers = HeaderMap::new();
        headers.insert(
            COOKIE,
            HeaderValue::from_bytes(text.replace('é', "e").as_bytes()).expect("a header"),
        );
        let scope = scope(true);
        let (sessions, broken) = Cookies::read(&headers, scope).sessions();
        assert!(matches!(sessions.as_slice(), [(realm, found)] if realm.as_str() == "univ" && *found == tgt));
        assert_eq!(
            broken.iter().map(RealmId::as_str).collect::<Vec<_>>(),
            ["ent", "x"]
        );
    }

    #[test]
    fn over_plain_http_the_names_have_no_prefix_and_secure_is_left_out() {
        let mut headers = HeaderMap::new();
        scope(false).set_presession(&mut headers, &"a".repeat(22));
        assert_eq!(
            lines(&headers),
            [format!(
                "presession={}; Path=/; HttpOnly; SameSite=Lax",
                "a".repeat(22)
            )]
        );
    }
}
