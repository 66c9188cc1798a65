//! One request as the endpoints see it: who asks, from where, for which institution, in which
//! language; and the frame its page will have.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::cookies::{CookieScope, Cookies};
use super::layers::access_log::may_hold_secret;
use super::layers::{Careful, ClientAddress, RequestId};
use super::recent::Recent;
use super::server::PeerAddress;
use crate::app::App;
use crate::base::clock::Timestamp;
use crate::base::names::{Locale, RealmId, ThemeName};
use crate::flows::login::BrowserSession;
use crate::flows::{Catalogue, FlowError};
use crate::pages::{Contact, Frame, LanguageLink, Themes, Wishes, choose_locale};
use crate::protocol::params::Params;
use crate::protocol::service_url::ServiceUrl;
use crate::realms::{Institution, InstitutionState, Realm};
use crate::services::Service;

/// A request with its parameters read.
pub struct Visit {
    pub app: Arc<App>,
    pub catalogue: Arc<Catalogue>,
    pub themes: Arc<Themes>,
    pub headers: HeaderMap,
    pub params: Params,
    pub client: IpAddr,
    /// The other end of the connection: a proxy's, where one stands in between.
    pub peer: IpAddr,
    pub request_id: RequestId,
    /// This node turns some requests away just now.
    pub node_is_busy: bool,
    /// The institution named by the path, `/t/<institution>/`.
    pub path_tenant: Option<String>,
    asked: Uri,
}

/// The path names an institution that there is not.
pub struct NoInstitution;

/// The sessions a browser holds, looked up.
#[derive(Default)]
pub struct BrowserSessions {
    pub live: Vec<BrowserSession>,
    /// Realms whose cookie names no live session: to be cleared (CAS-52).
    pub dead: Vec<RealmId>,
}

impl Visit {
    pub fn begin(app: Arc<App>, parts: Parts, path_tenant: Option<String>, form: &[u8]) -> Visit {
        let asked = parts.uri;
        let params = Params::of_query_and_form(asked.query().unwrap_or_default().as_bytes(), form);
        let client = parts.extensions.get::<ClientAddress>().map(|address| address.0);
        let peer = parts.extensions.get::<PeerAddress>().map(|peer| peer.0.ip());
        let request_id = parts.extensions.get::<RequestId>().copied();
        let node_is_busy = parts.extensions.get::<Careful>().is_some();
        tell_repeated(&params);
        let current = app.current();
        Visit {
            catalogue: current.catalogue,
            themes: current.themes,
            params,
            client: client.unwrap_or(IpAddr::from([0, 0, 0, 0])),
            peer: peer.unwrap_or(IpAddr::from([0, 0, 0, 0])),
            request_id: request_id.unwrap_or_default(),
            node_is_busy,
            path_tenant,
            asked,
            headers: parts.headers,
            app,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.app.ports.clock.now()
    }

    /// The realm of the institution that the path names, for endpoints that applications call:
    /// `/t/<institution>/serviceValidate` accepts tickets of that realm only.
    pub fn path_realm(&self) -> Result<Option<RealmId>, NoInstitution> {
        let Some(tenant) = &self.path_tenant else {
            return Ok(None);
        };
        let found = self.catalogue.institutions.named(tenant);
        found
            .map(|institution| Some(institution.realm.clone()))
            .ok_or(NoInstitution)
    }

    pub fn scope(&self) -> CookieScope<'_> {
        CookieScope::of(&self.app)
    }

    pub fn cookies(&self) -> Cookies<'_> {
        Cookies::read(&self.headers, self.scope())
    }

    /// The institutions this browser was asked to remember.
    pub fn recent(&self) -> Recent {
        let cookies = self.cookies();
        let cookie = cookies.recent().unwrap_or_default();
        Recent::open(&self.app.ports.keys, cookie)
    }

    /// Waits until institutions can be searched: they cannot right after a start with very many.
    pub async fn searchable(&self) {
        if !self.catalogue.institutions.is_searchable() {
            let catalogue = Arc::clone(&self.catalogue);
            let made = tokio::task::spawn_blocking(move || catalogue.institutions.make_searchable());
            // Where it fails, the search itself says so.
            let _ = made.await;
        }
    }

    /// The query as asked, without its `?`.
    pub(super) fn query(&self) -> &str {
        self.asked.query().unwrap_or_default()
    }

    pub(super) fn host(&self) -> Option<&str> {
        let host = self.headers.get(http::header::HOST)?.to_str().ok()?;
        Some(host.rsplit_once(':').map_or(host, |(name, _)| name))
    }

    /// Looks up the sessions of this browser, of `realms` only when given.
    pub async fn sessions(&self, realms: Option<&[RealmId]>) -> Result<BrowserSessions, FlowError> {
        let (cookies, dead) = self.cookies().sessions();
        let mut sessions = BrowserSessions {
            live: Vec::new(),
            dead,
        };
        for (realm, tgt) in cookies {
            if realms.is_some_and(|wanted| !wanted.contains(&realm)) {
                continue;
            }
            match self.app.ports.store.session(&tgt).await? {
                // T-90: a session moved under another realm's cookie name is no session there; nor is one
                // that a program opened for itself (CAS-235).
                Some(view) if view.session.account.realm == realm && view.session.is_for_browsers() => {
                    sessions.live.push(BrowserSession { tgt, view });
                }
                _ => sessions.dead.push(realm),
            }
        }
        Ok(sessions)
    }

    /// The language of the answer: `?lang=`, cookie, browser, realm.
    pub fn locale(&self, institution: Option<&Institution>) -> Locale {
        self.choose(&self.offered(institution, self.theme(institution)))
    }

    /// The languages in which a page about the server can be had.
    pub(super) fn languages(&self) -> Vec<Locale> {
        self.offered(None, self.theme(None))
    }

    pub fn realm_of(&self, institution: Option<&Institution>) -> Option<&Realm> {
        match institution {
            Some(institution) => self.catalogue.realms.get(&institution.realm),
            None => self.host_realm(),
        }
    }

    /// The realm that answers for pages of no institution.
    fn host_realm(&self) -> Option<&Realm> {
        let realms = &self.catalogue.realms;
        match &self.app.settings.host_realm {
            Some(id) => realms.get(id),
            None => realms.values().next().filter(|_| realms.len() == 1),
        }
    }

    fn choose(&self, offered: &[Locale]) -> Locale {
        let default = offered.first().cloned().unwrap_or_else(Locale::french);
        let wishes = Wishes {
            query: self.params.first("lang").ok().flatten(),
            cookie: self.cookies().language(),
            accept: self.header("accept-language"),
        };
        choose_locale(&wishes, offered, &default)
    }

    /// The languages of the realm that the theme speaks; of all realms when none is known. Drafts are
    /// among them only where a realm lists them.
    fn offered(&self, institution: Option<&Institution>, theme: Option<&ThemeName>) -> Vec<Locale> {
        let pages = self.themes.of(theme);
        let realm = institution.and_then(|institution| self.realm_of(Some(institution)));
        let wanted: Vec<&Locale> = match institution.zip(realm) {
            Some((institution, realm)) => institution.languages(realm).iter().collect(),
            None => {
                let realms = self.catalogue.realms.values();
                let listed: BTreeSet<&Locale> = realms.flat_map(|realm| &realm.languages).collect();
                let known = pages.languages().iter();
                known.filter(|language| listed.contains(language)).collect()
            }
        };
        let spoken = wanted
            .into_iter()
            .filter(|language| pages.languages().contains(language));
        let spoken: Vec<Locale> = spoken.cloned().collect();
        match spoken.is_empty() {
            true => vec![Locale::french()],
            false => spoken,
        }
    }

    /// Whether there are pages in `language` at all.
    pub fn offers(&self, language: &Locale) -> bool {
        self.themes.of(None).languages().contains(language)
    }

    /// The application's theme, else the institution's, else the realm's; `None` is the server's.
    fn theme<'a>(&'a self, institution: Option<&'a Institution>) -> Option<&'a ThemeName> {
        let asked = self.asked_service().and_then(|service| service.theme.as_ref());
        asked.or_else(|| match (institution, self.realm_of(institution)) {
            (Some(institution), Some(realm)) => institution.theme(realm),
            (_, realm) => realm?.theme.as_ref(),
        })
    }

    /// The application that this request names, whatever it may do.
    fn asked_service(&self) -> Option<&Service> {
        let named = self.params.agreed("service").ok().flatten()?;
        self.catalogue.services.find(&ServiceUrl::parse(named).ok()?)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The frame of a page about `institution`, or about the server when none is known.
    pub fn frame(&self, institution: Option<&Institution>) -> Frame {
        let realm = self.realm_of(institution);
        let theme = self.theme(institution);
        let offered = self.offered(institution, theme);
        let language = self.choose(&offered);
        let links = offered.iter().map(|language| LanguageLink {
            language: language.clone(),
            url: self.same_page_in(language),
        });
        let several = self.catalogue.institutions.only().is_none();
        Frame {
            theme: theme.cloned(),
            languages: links.collect(),
            place: self.place(institution, &language),
            logo: institution.and_then(|institution| self.logo_of(institution)),
            change_institution: (several && institution.is_some()).then(|| self.change_url()),
            base: self.app.settings.base.clone(),
            support_code: self.request_id.to_string(),
            contact: self.contact(institution, realm, &language),
            legal: self.legal(institution, realm),
            banner: self.banner(institution, realm, &language),
            time_zone: self.zone_name(realm).to_owned(),
            demo: self.app.settings.demo,
            test: institution.is_some_and(|institution| institution.state == InstitutionState::Test),
            language,
        }
    }

    /// The address of an institution's picture: its name changes with it, so that browsers may keep it.
    pub fn logo_of(&self, institution: &Institution) -> Option<String> {
        let base = &self.app.settings.base;
        institution
            .logo()
            .map(|logo| format!("{base}/logos/{}", logo.name()))
    }

    fn place(&self, institution: Option<&Institution>, language: &Locale) -> String {
        let name = institution.and_then(|institution| institution.name.get(language));
        name.unwrap_or("Méreau").to_owned()
    }

    /// Whom to ask, by the name of the place where the contact has none of its own.
    fn contact(
        &self,
        institution: Option<&Institution>,
        realm: Option<&Realm>,
        language: &Locale,
    ) -> Option<Contact> {
        let realm = realm?;
        let contact = institution.map_or(&realm.contact, |institution| institution.contact(realm));
        if *contact == crate::realms::Contact::default() {
            return None;
        }
        let name = contact.name.get(language).map(str::to_owned);
        Some(Contact {
            name: name.unwrap_or_else(|| self.place(institution, language)),
            url: contact.url.clone(),
            mail: contact.mail.clone(),
            phone: contact.phone.clone(),
        })
    }

    /// This very page in another language. Parameters of a form are in its action, so a page that
    /// answers a POST can be asked for again. A path that may hold a token stands in no page: the browser
    /// knows where it is (SEC-11, T-79).
    fn same_page_in(&self, language: &Locale) -> String {
        let path = self.asked.path();
        let path = if may_hold_secret(path) { "" } else { path };
        let kept = self
            .query()
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
        let lang = format!("lang={}", language.as_str());
        let query: Vec<&str> = kept.chain([lang.as_str()]).collect();
        format!("{path}?{}", query.join("&"))
    }

    /// The list of institutions, with everything of this request but its institution.
    pub(super) fn change_url(&self) -> String {
        let others = &self.app.settings.institution_parameters;
        let is_hint = |pair: &str| {
            let name = pair.split('=').next().unwrap_or_default();
            matches!(name, "tenant" | "lang") || others.iter().any(|other| other == name)
        };
        let kept = self.query().split('&').filter(|pair| !pair.is_empty());
        let kept: Vec<&str> = kept.filter(|pair| !is_hint(pair)).collect();
        let base = &self.app.settings.base;
        if kept.is_empty() {
            format!("{base}/discover")
        } else {
            format!("{base}/discover?{}", kept.join("&"))
        }
    }

    /// Whether `origin` (`https://host[:port]`) is where our pages come from: the public URL, or
    /// the host this very request was sent to.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        let public = self.app.settings.public_url.origin().ascii_serialization();
        let host = self.header("host").unwrap_or_default();
        origin == public || origin.split_once("://").is_some_and(|(_, from)| from == host)
    }

    /// From here on pages link to themselves as to `/login` with these parameters: what this request
    /// really asked works once only, and is nobody else's business.
    pub fn stand_at_login(&mut self, pairs: &[(&'static str, String)]) {
        let login = with_query(&self.endpoint("login"), pairs);
        // A service longer than an address may be is left out of the links.
        let bare = || Uri::try_from(self.endpoint("login")).unwrap_or_default();
        self.asked = Uri::try_from(login).unwrap_or_else(|_| bare());
    }

    /// Where this browser finds us: the public URL, or the same on an institution's own host.
    pub fn own_origin(&self) -> Url {
        let mut url = self.app.settings.public_url.clone();
        let asked = self.header("host").unwrap_or_default();
        let known = self.host().is_some_and(|host| {
            let institutions = &self.catalogue.institutions;
            institutions.at_host(host).is_some()
        });
        if known && let Ok(own) = Url::parse(&format!("{}://{asked}", url.scheme())) {
            url = own;
        }
        url.set_path("/");
        url
    }

    /// `/login` with the query of this request as it stands (CAS-2).
    pub fn login_with_same_query(&self) -> String {
        let login = self.endpoint("login");
        if self.query().is_empty() {
            login
        } else {
            format!("{login}?{}", self.query())
        }
    }

    /// Path of an endpoint for this visit: below `/t/<institution>/` when it came that way.
    pub fn endpoint(&self, name: &str) -> String {
        let base = &self.app.settings.base;
        match &self.path_tenant {
            Some(tenant) => format!("{base}/t/{}/{name}", utf8_percent_encode(tenant, SEGMENT)),
            None => format!("{base}/{name}"),
        }
    }
}

/// The first value counts; whoever looks for the reason finds it in the log (CAS-7). Names that no
/// application sends are not repeated there.
fn tell_repeated(params: &Params) {
    let mut names = params.repeated_names();
    names.retain(|name| name.len() <= 24 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !names.is_empty() {
        tracing::info!(?names, "parameters came more than once");
    }
}

/// An escaped `-` in a path would be another path than the one that was asked for.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');

/// Percent-encodes everything but letters and digits, for a query value or a path segment.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// `path` with parameters, encoded.
pub fn with_query(path: &str, pairs: &[(&'static str, String)]) -> String {
    let query: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", query.join("&"))
    }
}
