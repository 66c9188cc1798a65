//! AuthCAS of Debian, Perl's client, as CGI of a real Apache: version 2, gateway, proxy. It knows neither
//! attributes nor renew nor messages about a sign-out.

use serde_json::json;

use super::{Campus, PERSON, told};
use crate::support::apache::{Apache, Site};
use crate::support::ports;

/// An Apache whose applications AuthCAS protects; callbacks come over TLS.
fn guarded(campus: &Campus, plain: u16, secure: u16) -> Apache {
    let text = format!(
        "SetEnv CAS_URL {}\nSetEnv CAS_AUTHORITY @/ca.pem\nSetEnv HERE http://localhost:{plain}\n\
         SetEnv CALLBACK https://localhost:{secure}/callback\nSetEnv PGT_FILE @/kept/pgt\n\
         <VirtualHost *:{plain}>\n</VirtualHost>\n\
         <VirtualHost *:{secure}>\nSSLEngine on\n</VirtualHost>\n\
         ScriptAliasMatch \"^/(app|gateway|portal|target|callback|logout)$\" @/application.pl\n",
        campus.served.url()
    );
    Apache::start(&Site {
        ports: &[plain, secure],
        modules: &[],
        text: &text,
        programs: &["perl/application.pl"],
        authority: &campus.authority,
    })
}

#[tokio::test]
async fn auth_cas_learns_the_name_and_lets_strangers_in_where_it_is_told_to() {
    // CAS-21, CAS-134, CAS-184
    let [plain, secure] = [ports::free(), ports::free()];
    let url = format!("http://localhost:{plain}");
    let campus = Campus::open(&[(&url, "")]);
    let apache = guarded(&campus, plain, secure);
    let mut browser = campus.browser();
    let gateway = format!("{url}/gateway");
    assert_eq!(told(&browser.open(&gateway).await)["user"], json!(null));
    let page = campus.sign_in(&mut browser, &format!("{url}/app")).await;
    assert_eq!(told(&page)["user"], PERSON.0, "{}", apache.output());
    assert_eq!(told(&browser.open(&gateway).await)["user"], PERSON.0);
    let used = page.url.as_str();
    let again = told(&browser.open(used).await);
    assert_eq!(again["user"], json!(null), "a ticket is good once");
    let out = browser.open(&format!("{url}/logout")).await;
    assert!(
        out.reply.has_form(),
        "sent back to the application, which asks again: {}",
        out.url
    );
}

#[tokio::test]
async fn auth_cas_asks_another_application_in_the_person_s_name() {
    // CAS-146, CAS-162, CAS-164, CAS-172, CAS-176
    let [plain, secure] = [ports::free(), ports::free()];
    let url = format!("http://localhost:{plain}");
    let callback = format!("https://localhost:{secure}/callback");
    let may_proxy = format!("proxy_callbacks = [\"{callback}\"]");
    let campus = Campus::open(&[(&url, &may_proxy)]);
    let apache = guarded(&campus, plain, secure);
    let page = campus
        .sign_in(&mut campus.browser(), &format!("{url}/portal"))
        .await;
    let told = told(&page);
    assert_eq!(told["user"], PERSON.0, "{}", apache.output());
    assert_eq!(told["target"]["user"], PERSON.0, "{told} {}", apache.output());
    assert_eq!(told["target"]["proxies"], json!([callback]));
}
