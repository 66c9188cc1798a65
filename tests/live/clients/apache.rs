//! mod_auth_cas of Debian in a real Apache: every version it speaks, its modes, its sign-out, and the
//! bytes that it forgets to encode.

use http::header::LOCATION;
use serde_json::json;

use super::{Campus, PERSON, told};
use crate::support::apache::{Apache, Site};
use crate::support::ports;
use crate::support::tunnel::Tunnel;

const ATTRIBUTES: &str = "attributes = [\"displayName\", \"eduPersonAffiliation\"]";

/// Apache 2.4 lets nobody in whom the module does not name: who came back without a ticket is allowed to
/// stay nobody.
const STRANGERS: &str = "Require expr \"%{HTTP_COOKIE} =~ /MOD_CAS_G=/ && \
    %{HTTP_COOKIE} !~ /MOD_AUTH_CAS=/ && %{QUERY_STRING} !~ /ticket=/\"";

/// An Apache with one protected place, in clear and over TLS.
struct Place {
    plain: u16,
    secure: u16,
}

impl Place {
    fn new() -> Place {
        Place {
            plain: ports::free(),
            secure: ports::free(),
        }
    }

    fn plain(&self) -> String {
        format!("http://localhost:{}", self.plain)
    }

    fn secure(&self) -> String {
        format!("https://localhost:{}", self.secure)
    }

    /// Protected by `campus`, which checks tickets at `validation`.
    fn guarded(&self, campus: &Campus, validation: &str, more: &str) -> Apache {
        let Place { plain, secure } = self;
        let text = format!(
            "CASCookiePath @/kept/\nCASLoginURL {}/login\nCASValidateURL {validation}\n\
             CASCertificatePath @/ca.pem\nCASDebug On\n{more}\n\
             <VirtualHost *:{plain}>\n</VirtualHost>\n\
             <VirtualHost *:{secure}>\nSSLEngine on\n</VirtualHost>\n\
             ScriptAlias /page @/who.pl\n<Location /page>\nAuthType CAS\nRequire valid-user\n\
             CASScope /\nCASAuthNHeader CAS-User\n</Location>\n\
             ScriptAlias /again @/who.pl\n<Location /again>\nAuthType CAS\nRequire valid-user\n\
             CASRenew /again\n</Location>\n\
             ScriptAlias /open @/who.pl\n<Location /open>\nAuthType CAS\nCASGateway /\n\
             <RequireAny>\nRequire valid-user\n{STRANGERS}\n</RequireAny>\n</Location>\n",
            campus.served.url()
        );
        Apache::start(&Site {
            ports: &[*plain, *secure],
            modules: &["auth_cas"],
            text: &text,
            programs: &["apache/who.pl"],
            authority: &campus.authority,
        })
    }
}

#[tokio::test]
async fn mod_auth_cas_of_version_1_learns_the_name() {
    // CAS-125
    let place = Place::new();
    let campus = Campus::open(&[(&place.plain(), ATTRIBUTES)]);
    let validation = format!("{}/validate", campus.served.url());
    let apache = place.guarded(&campus, &validation, "CASVersion 1");
    let page = campus
        .sign_in(&mut campus.browser(), &format!("{}/page?a=b&c=d", place.plain()))
        .await;
    assert_eq!(page.reply.status, 200, "{}", apache.output());
    assert_eq!(told(&page)["user"], PERSON.0);
    assert!(campus.paths().contains(&"/cas/validate".to_owned()));
}

#[tokio::test]
async fn mod_auth_cas_of_version_2_learns_the_name_and_what_the_registration_adds() {
    // CAS-10, CAS-134, CAS-137
    let place = Place::new();
    let more = format!("{ATTRIBUTES}\nattributes_in_v2 = true");
    let campus = Campus::open(&[(&place.plain(), &more)]);
    let validation = format!("{}/serviceValidate", campus.served.url());
    let apache = place.guarded(&campus, &validation, "CASVersion 2");
    let mut browser = campus.browser();
    let page = campus
        .sign_in(&mut browser, &format!("{}/page?x=a%20b+c%26d", place.plain()))
        .await;
    assert_eq!(page.reply.status, 200, "{}", apache.output());
    let told = told(&page);
    assert_eq!(told["user"], PERSON.0);
    assert_eq!(told["told"]["user"], PERSON.0);
    assert_eq!(told["told"]["displayname"], "Élise Lefèvre");
    assert_eq!(told["told"]["edupersonaffiliation"], "teacher,member");
}

#[tokio::test]
async fn mod_auth_cas_learns_attributes_by_saml() {
    // CAS-209, CAS-212, CAS-215, CAS-219, CAS-221
    let place = Place::new();
    let campus = Campus::open(&[(&place.secure(), ATTRIBUTES)]);
    let validation = format!("{}/samlValidate", campus.served.url());
    let apache = place.guarded(&campus, &validation, "CASVersion 2\nCASValidateSAML On");
    let page = campus
        .sign_in(&mut campus.browser(), &format!("{}/page", place.secure()))
        .await;
    assert_eq!(page.reply.status, 200, "{}", apache.output());
    let told = told(&page);
    assert_eq!(told["user"], PERSON.0);
    assert_eq!(told["told"]["displayname"], "Élise Lefèvre");
    assert_eq!(told["told"]["edupersonaffiliation"], "teacher,member");
    assert!(campus.paths().contains(&"/cas/samlValidate".to_owned()));
}

#[tokio::test]
async fn mod_auth_cas_asks_for_the_password_again_and_lets_strangers_in_where_it_is_told_to() {
    // CAS-20, CAS-21, CAS-159
    let place = Place::new();
    let campus = Campus::open(&[(&place.plain(), "")]);
    let validation = format!("{}/serviceValidate", campus.served.url());
    let apache = place.guarded(&campus, &validation, "CASVersion 2");
    let open = format!("{}/open", place.plain());
    let mut stranger = campus.browser();
    for _ in 0..2 {
        let page = stranger.open(&open).await;
        assert_eq!(told(&page)["user"], json!(null), "{}", apache.output());
    }
    let mut browser = campus.browser();
    campus
        .sign_in(&mut browser, &format!("{}/page", place.plain()))
        .await;
    // The page before is no proof: the form comes although the session lives.
    let page = campus
        .sign_in(&mut browser, &format!("{}/again", place.plain()))
        .await;
    assert_eq!(page.reply.status, 200, "{}", apache.output());
    assert_eq!(told(&page)["user"], PERSON.0);
    assert_eq!(told(&browser.open(&open).await)["user"], PERSON.0);
}

#[tokio::test]
async fn mod_auth_cas_ends_its_session_when_it_is_told() {
    // CAS-190, CAS-193, CAS-194
    let place = Place::new();
    let campus = Campus::open(&[(&place.plain(), "")]);
    let validation = format!("{}/serviceValidate", campus.served.url());
    let apache = place.guarded(&campus, &validation, "CASVersion 2\nCASSSOEnabled On");
    let url = format!("{}/page", place.plain());
    let mut browser = campus.browser();
    campus.sign_in(&mut browser, &url).await;
    assert_eq!(
        told(&browser.open(&url).await)["user"],
        PERSON.0,
        "{}",
        apache.output()
    );
    campus.sign_out(&mut browser).await;
    campus.is_out(&mut browser, &url).await;
    crate::support::wait::until("the delivery in the log", || {
        campus.served.output().contains("logout delivered").then_some(())
    });
}

#[tokio::test]
async fn mod_auth_cas_whose_tickets_vanish_sends_round_five_times_and_then_the_person_reads_why() {
    // F-06
    let place = Place::new();
    let campus = Campus::open(&[(&place.plain(), "")]);
    let validation = format!("{}/serviceValidate", campus.served.url());
    let apache = place.guarded(&campus, &validation, "CASVersion 2\nCASSSOEnabled On");
    let forget = |kind: &str| {
        let script =
            "for _, name in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', name) end return 'gone'";
        let all = format!("*v1:{kind}:*");
        assert_eq!(campus.redis.cli(&["eval", script, "0", &all]), "gone");
    };
    let mut browser = campus.browser();
    let url = format!("{}/page", place.plain());
    campus.sign_in(&mut browser, &url).await;
    campus.sign_out(&mut browser).await;
    campus.is_out(&mut browser, &url).await;
    // With the cookie of a session that is over, it sends people to us again when a ticket is no good.
    let page = browser.open(&campus.served.address("/login", &[])).await;
    browser.sign_in(&page, PERSON.0, PERSON.1).await;
    let (mut page, mut tickets) = (browser.get(&url).await, 0);
    while page.reply.headers.contains_key(LOCATION) {
        let next = page.url.join(page.reply.location()).unwrap();
        if next.query_pairs().any(|(name, _)| name == "ticket") {
            tickets += 1;
            forget("s");
        }
        assert!(tickets < 20, "round and round: {}", apache.output());
        page = browser.get(next.as_str()).await;
    }
    assert_eq!(tickets, 5, "{}", apache.output());
    assert!(page.url.as_str().starts_with(campus.served.url()), "{}", page.url);
    assert_eq!(page.reply.status, 429);
    assert_eq!(
        page.reply.text_of("h1"),
        "L’application vous renvoie ici sans cesse"
    );
    let checked = campus
        .paths()
        .into_iter()
        .filter(|path| path == "/cas/serviceValidate");
    assert_eq!(checked.count(), 1 + 5, "each was brought …");
    let refused = apache.output().matches("MOD_AUTH_CAS: INVALID_TICKET").count();
    assert_eq!(refused, 5, "… and refused: {}", apache.output());
    // The window is over, and tickets stay where they are.
    forget("l");
    let page = browser.open(&url).await;
    assert_eq!(page.reply.status, 200, "{}", apache.output());
    assert_eq!(told(&page)["user"], PERSON.0);
}

#[tokio::test]
async fn mod_auth_cas_forgets_to_encode_utf8_and_latin_1_and_is_understood() {
    // CAS-8
    let place = Place::new();
    let campus = Campus::over(false, &[(&place.plain(), "")]);
    let tunnel = Tunnel::to(&campus.authority, campus.served.port()).await;
    let validation = format!("{}/cas/serviceValidate", tunnel.url());
    let apache = place.guarded(&campus, &validation, "CASVersion 2");
    for (path, raw) in [
        ("/page/%C3%A9t%C3%A9", b"%2f\xc3\xa9t\xc3\xa9".as_slice()),
        ("/page/caf%E9", b"%2fcaf\xe9"),
        (
            "/page/ann%E9e%20[1]{2}|3%5E%60?q=%E9&r=[\"x\"]",
            b"%2fann\xe9e%20",
        ),
    ] {
        let url = format!("{}{path}", place.plain());
        let page = campus.sign_in(&mut campus.browser(), &url).await;
        assert_eq!(page.reply.status, 200, "{path} {}", apache.output());
        assert_eq!(told(&page)["user"], PERSON.0);
        let heard = tunnel.heard();
        let is_raw = heard.windows(raw.len()).any(|bytes| bytes == raw);
        assert!(is_raw, "{}", String::from_utf8_lossy(&heard));
    }
}
