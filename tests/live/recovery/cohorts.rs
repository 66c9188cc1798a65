//! Whoever is asked for, strangers see the same bytes: on the served binary, with a real directory and the
//! real CAPTCHA, mail server up or down.

use super::{Plan, Town, USUAL};
use crate::support::browser::{Browser, Page};
use crate::support::reply::Form;
use crate::support::slapd;

/// One of each kind, every name as long as the others.
const KINDS: [(&str, &str); 11] = [
    ("exists", ""),
    ("no-mail", "description: none\n"),
    ("disabled", "supannRessourceEtat: {COMPTE}I:SupannInactif\n"),
    ("admin-locked", "pwdAccountLockedTime: 000001010000Z\n"),
    ("failure-locked", "pwdAccountLockedTime: 20250101120000Z\n"),
    (
        "expired",
        "pwdChangedTime: 20200101000000Z\npwdPolicySubentry: cn=ageing,ou=policies,dc=campus,dc=example\n",
    ),
    ("not-activated", ""),
    ("federated", "employeeType: federated\n"),
    ("temporary", "employeeType: temporary\n"),
    ("shared", ""),
    ("over-limit", ""),
];

const RULES: &str = "forms_an_hour = 5000\nfederated = \"(employeeType=federated)\"\n\
     temporary = \"(employeeType=temporary)\"\n\
     federated_at = [{ name = { fr = \"ÉduConnect\" }, url = \"https://educonnect.example/\" }]\n";

fn login(number: usize) -> String {
    format!("cohort-person-{number:02}")
}

fn entries() -> String {
    let one = |number: usize, kind: &str, more: &str| {
        let uid = login(number);
        let mail = match kind {
            "no-mail" => String::new(),
            "shared" => "mail: cohort-people-99@maison.example\n".to_owned(),
            _ => format!("mail: {uid}@campus.example\n"),
        };
        let state = match more.contains("supannRessourceEtat") {
            true => "",
            false => "supannRessourceEtat: {COMPTE}A:SupannActif\n",
        };
        let password = match kind {
            "not-activated" => String::new(),
            _ => "userPassword: cohort-word-1\n".to_owned(),
        };
        format!(
            "dn: uid={uid},{}\nobjectClass: inetOrgPerson\nobjectClass: exampleSupannPerson\n\
             entryUUID: 5a1e7000-0000-4000-8000-0000000009{number:02}\nuid: {uid}\ncn: {uid}\nsn: {uid}\n\
             {mail}{state}{password}{more}\n",
            slapd::PEOPLE
        )
    };
    let kinds = KINDS.iter().enumerate();
    let all: String = kinds
        .map(|(number, (kind, more))| one(number, kind, more))
        .collect();
    // Three behind one mailbox.
    all + &one(20, "shared", "") + &one(21, "shared", "")
}

/// Every kind and its login, nobody among them.
fn everybody() -> Vec<(&'static str, String)> {
    let kinds = KINDS.iter().enumerate();
    let known = kinds.map(|(number, (kind, _))| (*kind, login(number)));
    known
        .chain([("unknown", "cohort-nobody-00".to_owned())])
        .collect()
}

/// What differs from one answer to the next by nature: proofs, flows, challenges, support codes, moments.
fn masked(text: &str) -> String {
    let marks = ['"', '<', '>', ' ', '&', '=', ';', '?', '/', '\n', '\''];
    let mut masked = String::new();
    for word in text.split_inclusive(marks) {
        let bare = word.trim_end_matches(marks);
        let (core, _) = bare.split_once('#').unwrap_or((bare, ""));
        let support = bare.len() == 9 && bare.as_bytes()[4] == b'-' && bare.to_uppercase() == bare;
        let symbols = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let drawn = core.len() >= 20
            && core.bytes().all(symbols)
            && core.bytes().any(|byte| byte.is_ascii_digit())
            && core.bytes().any(|byte| byte.is_ascii_uppercase());
        let flow = core.len() == 20 && core.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let moment = bare.len() == 5
            && bare.as_bytes()[2] == b':'
            && bare.bytes().filter(u8::is_ascii_digit).count() == 4;
        let seconds = bare.len() == 3 && bare.bytes().all(|byte| byte.is_ascii_digit());
        let typed = bare.starts_with("cohort-person-") || bare.starts_with("cohort-nobody-");
        match drawn || flow || support || moment || seconds || typed {
            true => {
                masked.push_str(&"*".repeat(bare.len()));
                masked.push_str(&word[bare.len()..]);
            }
            false => masked.push_str(word),
        }
    }
    masked
}

/// Status, headers in their order with the lengths of their values, and the masked body.
pub fn seen(page: &Page) -> String {
    let headers = page.reply.headers.iter();
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {}", value.len()))
        .collect();
    format!(
        "{}\n{}\n\n{}",
        page.reply.status,
        headers.join("\n"),
        masked(&page.reply.body)
    )
}

/// Everything that asking for `name` shows, the CAPTCHA once failed and once passed.
async fn all_seen(town: &Town, name: &str, language: &str, path: &str) -> Vec<String> {
    let mut browser = Browser::speaking(language);
    let field = match path {
        "/recover" => "identifier",
        _ => "email",
    };
    let page = browser.open(&town.at(path)).await;
    let form = page.reply.form().with(field, name).without("captcha-other");
    let failed = browser
        .submit(&page, &form.with("captcha-answer", "wrong!"))
        .await;
    let form = failed.reply.form().with(field, name).without("captcha-other");
    let symbols = town.symbols(form.value("captcha").expect("another challenge"));
    let posted = browser
        .submit(&failed, &form.with("captcha-answer", &symbols))
        .await;
    assert_eq!(posted.reply.status, 303, "{}", posted.reply.body);
    let next = posted.url.join(posted.reply.location()).unwrap();
    let waiting = browser.get(next.as_str()).await;
    let again = Form {
        action: town.at("/recover/again"),
        fields: [
            ("lt", waiting.reply.form().value("lt").unwrap()),
            ("flow", &posted.reply.location_flow()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
    };
    let resent = browser.submit(&waiting, &again).await;
    let next = resent.url.join(resent.reply.location()).unwrap();
    let after = browser.get(next.as_str()).await;
    [&page, &failed, &posted, &waiting, &resent, &after]
        .map(seen)
        .into()
}

/// In every language that there is, and in one that is not.
async fn all_alike(town: &Town, languages: &[&str]) {
    for language in languages {
        for path in ["/recover", "/recover/username"] {
            let mut first: Option<Vec<String>> = None;
            for (kind, name) in everybody() {
                let name = match path {
                    "/recover" => name,
                    _ => format!("{name}@campus.example"),
                };
                let seen = all_seen(town, &name, language, path).await;
                for (step, one) in seen.iter().enumerate() {
                    assert!(!one.contains('•'), "{kind}: a mask before any proof");
                    if let Some(first) = &first {
                        assert_eq!(
                            &first[step], one,
                            "{kind} differs in {language} at step {step} of {path}"
                        );
                    }
                }
                first.get_or_insert(seen);
            }
        }
    }
}

async fn town() -> Town {
    let town = Town::with(Plan {
        entries: &entries(),
        recovery: RULES,
        ..USUAL
    })
    .await;
    // The last one has got all the mails of this moment.
    for _ in 0..2 {
        town.asks(&mut Browser::new(None), &login(10)).await;
    }
    town
}

#[tokio::test]
async fn every_kind_of_account_looks_the_same_with_the_real_captcha_in_every_language() {
    // SEC-01, SEC-04, SEC-06, SEC-66, T-53
    let town = town().await;
    all_alike(&town, &["fr", "en", "ar", "de"]).await;
}

#[tokio::test]
async fn every_kind_of_account_looks_the_same_while_the_mail_server_is_dead() {
    // SEC-06
    let mut town = town().await;
    town.sink.kill().await;
    all_alike(&town, &["fr"]).await;
}
