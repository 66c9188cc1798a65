//! Who writes to whom in which language, and that pages say what to look for.

use mereau::base::names::{EmailAddress, InstitutionId, Locale, RealmId};
use mereau::base::texts::Texts;
use mereau::flows::recovery::{Kind, RecoveryAddress, Trust};
use mereau::messages::Notice;
use mereau::realms::{Institution, Letterhead, Particulars};

use super::{asks, entry, letters_for, link_for, open};
use crate::house::recovery::{Kept, usual_recovery};
use crate::house::{AMINE, CAMILLE, House, Plan, build};

fn both(fr: &str, en: &str) -> Option<Texts> {
    let pairs = [("fr", fr), ("en", en)].map(|(tag, text)| (tag.to_owned(), text.to_owned()));
    Some(Texts::new(pairs.into()))
}

fn address(text: &str) -> Option<EmailAddress> {
    Some(EmailAddress::stored(text).unwrap())
}

fn institution(id: &str, own: Option<Letterhead>) -> Institution {
    let realm = RealmId::new("campus").unwrap();
    let name = Texts::same(&format!("Institut {id}"));
    let mut institution = Institution::new(InstitutionId::new(id).unwrap(), realm, name);
    institution.own = Particulars {
        letterhead: own,
        languages: (id == "anglais").then(|| vec![Locale::new("en").unwrap()]),
        ..Particulars::default()
    }
    .within(None);
    institution
}

/// One realm of three institutions: one without a word of its own, one with its own letterhead, one that
/// speaks English alone.
async fn several() -> House {
    let mut settings = usual_recovery();
    settings.sender.letterhead = Letterhead {
        name: both("Support informatique {institution}", "{institution} IT support"),
        subject: both("Réinitialisation de son mot de passe", "Password reset"),
        username_subject: both("Ses identifiants", "Your names"),
        signature: both("L’équipe de {institution}", "The team of {institution}"),
        ..Letterhead::default()
    };
    let own = Letterhead {
        name: Some(Texts::same("Vie scolaire\r\nBcc: espion@evil.example")),
        address: address("vie-scolaire@ecole.example"),
        reply_to: address("reponses@ecole.example"),
        brand: Some(Texts::same("École")),
        ..Letterhead::default()
    };
    let institutions = vec![
        institution("simple", None),
        institution("propre", Some(own)),
        institution("anglais", None),
    ];
    build(Plan {
        institutions: Some(institutions),
        recovery: Some(settings),
        ..Plan::default()
    })
    .await
}

/// The letter that the form of an institution brings, and the text of the page that says what to look for.
async fn asked_at(house: &House, place: &str, who: &str, language: &str) -> (Kept, String) {
    let mut browser = house.browser();
    browser.cookies.insert("lang".to_owned(), language.to_owned());
    let form = browser.get(&format!("/cas/t/{place}/recover")).await.form();
    let reply = browser.submit(&form.with("identifier", who)).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let page = browser.get(reply.location()).await;
    house.work().await;
    let mut letters = house.letters.take();
    assert_eq!(letters.len(), 1);
    (letters.remove(0), page.text_of("main"))
}

#[tokio::test]
async fn the_realm_says_who_writes_and_under_which_subject() {
    // S3-13, S1-05
    let house = several().await;
    let (letter, page) = asked_at(&house, "simple", CAMILLE.0, "fr").await;
    assert_eq!(letter.sender.name, "Support informatique Institut simple");
    assert_eq!(letter.from, "ne-pas-repondre@campus.example");
    let (subject, text) = letter.text();
    assert_eq!(subject, "[Institut simple] Réinitialisation de son mot de passe");
    assert!(text.contains("\nL’équipe de Institut simple\n"), "{text}");
    for seen in [
        subject.as_str(),
        "Support informatique Institut simple",
        "ne-pas-repondre@campus.example",
    ] {
        assert!(page.contains(seen), "{seen} not in {page}");
    }
    let (letter, page) = asked_at(&house, "simple", AMINE.0, "en").await;
    let (subject, text) = letter.text();
    assert_eq!(letter.sender.name, "Institut simple IT support");
    assert_eq!(subject, "[Institut simple] Password reset");
    assert!(text.contains("\nThe team of Institut simple\n"), "{text}");
    assert!(page.contains(&subject), "{page}");
}

#[tokio::test]
async fn an_institution_has_its_own_sender_line_by_line_and_no_line_ends_a_header() {
    // S3-13, S1-05, SEC-39, SEC-40
    let house = several().await;
    let (letter, page) = asked_at(&house, "propre", CAMILLE.0, "fr").await;
    assert_eq!(letter.from, "vie-scolaire@ecole.example");
    assert_eq!(letter.brand, "École");
    let (subject, _) = letter.text();
    assert_eq!(
        subject, "[École] Réinitialisation de son mot de passe",
        "of its realm"
    );
    assert!(
        page.contains("vie-scolaire@ecole.example") && page.contains(&subject),
        "{page}"
    );
    let folder = tempfile::tempdir().unwrap();
    let post = mereau::messages::folder::Folder::open(folder.path().join("out")).unwrap();
    mereau::messages::Post::send(&post, &letter.words())
        .await
        .unwrap();
    let mut files = std::fs::read_dir(folder.path().join("out")).unwrap();
    let bytes = std::fs::read(files.next().unwrap().unwrap().path()).unwrap();
    let head = String::from_utf8(bytes).unwrap();
    let head = head.split("\r\n\r\n").next().unwrap();
    let headers = |name: &str| {
        head.lines()
            .filter(|line| line.to_lowercase().starts_with(name))
            .count()
    };
    assert_eq!(
        (headers("from:"), headers("to:"), headers("reply-to:")),
        (1, 1, 1),
        "{head}"
    );
    assert_eq!((headers("bcc:"), headers("subject:")), (0, 1), "{head}");
    assert!(head.contains("reponses@ecole.example"));
}

#[tokio::test]
async fn forgotten_identifiers_and_notices_come_from_the_same_desk() {
    // S3-13, S2-11
    let house = several().await;
    let mut browser = house.browser();
    let form = browser.get("/cas/t/propre/recover/username").await.form();
    let mail = "camille.dupont@campus.example";
    let reply = browser.submit(&form.with("email", mail)).await;
    let page = browser.get(reply.location()).await.text_of("main");
    house.work().await;
    let letter = house.letters.take().remove(0);
    assert_eq!(letter.from, "vie-scolaire@ecole.example");
    assert_eq!(letter.text().0, "[École] Ses identifiants");
    assert!(page.contains("[École] Ses identifiants"), "{page}");
    // A password that was changed.
    let (letter, _) = asked_at(&house, "propre", CAMILLE.0, "fr").await;
    let link = super::path_of(&letter.links()[0].1);
    let mut browser = house.browser();
    let form = open(&mut browser, &link).await;
    assert_eq!(super::choose(&mut browser, &form, super::NEW).await.status, 303);
    let told = house.letters.take().remove(0);
    assert!(matches!(told.notice, Notice::PasswordChanged { .. }));
    assert_eq!(
        (told.from.as_str(), told.brand.as_str()),
        ("vie-scolaire@ecole.example", "École")
    );
}

#[tokio::test]
async fn an_institution_is_written_to_in_its_own_languages_whatever_the_browser_asks() {
    // S2-11, S3-13
    let house = several().await;
    let (letter, page) = asked_at(&house, "anglais", CAMILLE.0, "fr").await;
    assert_eq!(letter.locale, "en");
    let (subject, text) = letter.text();
    assert_eq!(subject, "[Institut anglais] Password reset");
    assert!(text.starts_with("Hello"), "{text}");
    assert!(page.contains(&subject), "{page}");
}

#[tokio::test]
async fn the_letter_says_the_very_minute_that_the_page_says_and_the_link_lives_that_long() {
    // S2-13, S2-15
    let house = super::recovering().await;
    // Twenty seconds past the minute, and the letter is written half a minute later.
    house.clock.advance(std::time::Duration::from_secs(40));
    let mut browser = house.browser();
    let sent = asks(&mut browser, CAMILLE.0).await;
    house.clock.advance(std::time::Duration::from_secs(5));
    house.work().await;
    let (_, text) = house.letters.take().remove(0).text();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = browser.get(sent.location()).await.text_of("main");
    assert!(
        text.contains("Demande reçue le 18 novembre 2026 à 12:07 (heure de Paris)"),
        "{text}"
    );
    assert!(
        text.contains("24 heures, jusqu’au 19 novembre 2026 à 12:07 (heure de Paris)"),
        "{text}"
    );
    assert!(
        page.contains("jusqu’au 19 novembre 2026 à 12:07 (heure de Paris)"),
        "{page}"
    );
}

#[tokio::test]
async fn the_page_says_how_long_a_code_by_text_message_is_good_only_where_there_are_any() {
    // S2-13
    let mut settings = usual_recovery();
    settings.addresses.push(RecoveryAddress {
        attribute: "mobile".to_owned(),
        trust: Trust::Validated,
        kind: Kind::Sms,
    });
    let plan = |settings| Plan {
        one_institution: true,
        recovery: Some(settings),
        ..Plan::default()
    };
    for (settings, told) in [(settings, true), (usual_recovery(), false)] {
        let house = build(plan(settings)).await;
        // The same for everybody: nobody is told which of the two they get.
        for who in [CAMILLE.0, "personne"] {
            let mut browser = house.browser();
            let sent = asks(&mut browser, who).await;
            let page = browser.get(sent.location()).await.text_of("main");
            assert_eq!(page.contains("son code est valable 10 minutes"), told, "{page}");
        }
    }
}

#[tokio::test]
async fn an_address_is_masked_and_shown_to_who_holds_its_message_alone() {
    // SEC-42
    let house = super::recovering().await;
    let mut stranger = house.browser();
    let mut anonymous = vec![
        stranger.get("/cas/recover").await.body,
        stranger.get("/cas/recover/username").await.body,
        stranger.get("/cas/recover/code").await.body,
        stranger.get("/cas/help").await.body,
    ];
    let sent = asks(&mut stranger, CAMILLE.0).await;
    anonymous.push(stranger.get(sent.location()).await.body);
    house.work().await;
    let form = stranger.get("/cas/recover/code").await.form();
    let form = form.with("identifier", CAMILLE.0).with("code", "WRNG-CODE");
    anonymous.push(stranger.submit(&form).await.body);
    for page in &anonymous {
        assert!(!page.contains('•') && !page.contains("camille.dupont@"), "{page}");
    }
    let link = super::path_of(&house.letters.take()[0].links()[0].1);
    let mut reader = house.browser();
    let page = open(&mut reader, &link).await;
    assert!(
        page.text_of("main").contains("c•••@c•••.example"),
        "{}",
        page.body
    );
    assert!(
        !page.body.contains("camille.dupont@"),
        "never whole: {}",
        page.body
    );
    let weak = super::choose(&mut reader, &page, "court").await;
    assert!(!weak.body.contains("camille.dupont@"));
    // The address that is to be confirmed, to who has opened the link in its message.
    let house = crate::account::house().await;
    let mut owner = crate::account::signed_in(&house).await;
    crate::account::adds(&mut owner, "mail", crate::account::OWN).await;
    let (_, _, link) = crate::account::confirmation(house.letters.take());
    let page = house.browser().get(&link.unwrap()).await;
    assert!(
        page.text_of("main").contains("c•••@m•••.example"),
        "{}",
        page.body
    );
    assert!(!page.body.contains(crate::account::OWN));
}

#[tokio::test]
async fn who_is_written_to_without_a_page_of_theirs_is_written_to_in_their_own_language() {
    // S2-11
    use mereau::base::names::Username;
    use mereau::flows::recovery::{To, Wish, send_by_agent};
    let people = [
        entry(
            1,
            "jane",
            "jane@campus.example",
            "preferredLanguage: en-GB, fr;q=0.5",
        ),
        entry(2, "jeanne", "jeanne@campus.example", ""),
    ];
    let house = super::with_people(&format!("\n{}", people.join("\n"))).await;
    let catalogue = house.app.catalogue();
    for (login, language) in [("jane", "en"), ("jeanne", "fr")] {
        let wish = Wish {
            institution: catalogue.institutions.only().unwrap(),
            login: &Username::typed(login).unwrap(),
            to: To::Agent,
            agent: "guichet",
            reason: "carte vue",
        };
        send_by_agent(&house.app.ports, &catalogue, &wish).await.unwrap();
        assert_eq!(house.letters.take()[0].locale, language, "{login}");
    }
}

#[tokio::test]
async fn whoever_has_chosen_a_password_is_expected_by_the_sign_in_form_and_no_address_says_who() {
    // S5-08, SX-01
    let house = super::recovering().await;
    let mut browser = house.browser();
    let form = browser
        .get(&crate::house::login_path(crate::house::APP).replace("/login", "/recover"))
        .await
        .form();
    let sent = browser.submit(&form.with("identifier", CAMILLE.0)).await;
    assert_eq!(sent.status, 303);
    house.work().await;
    let link = super::path_of(&house.letters.take()[0].links()[0].1);
    let form = open(&mut browser, &link).await;
    let saved = super::choose(&mut browser, &form, super::NEW).await;
    let done = browser.get(saved.location()).await;
    assert!(
        done.text_of("main").contains("Gardez-le pour vous"),
        "{}",
        done.body
    );
    assert_eq!(done.text_of(".actions a.main"), "Se connecter à Service app");
    let on = done
        .addresses()
        .into_iter()
        .find(|to| to.starts_with("/cas/login?"));
    let on = on.expect("the way to the sign-in");
    assert!(!on.contains("camille"), "{on}");
    let page = browser.get(&on).await;
    assert_eq!(page.form().value("username"), Some(CAMILLE.0), "{}", page.body);
    assert!(page.body.contains("Service app"));
    let form = page.form().with("password", super::NEW);
    let arrived = browser.submit(&form).await;
    assert!(
        arrived.location().starts_with(crate::house::APP),
        "{}",
        arrived.location()
    );
    // The address alone tells nobody else.
    let stranger = house.browser().get(&on).await;
    assert_eq!(stranger.form().value("username"), Some(""));
    assert!(!stranger.body.contains(CAMILLE.0));
}

#[tokio::test]
async fn a_plain_sign_in_form_expects_nobody() {
    // S5-08
    let house = super::recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let holding = page.location_flow();
    // A right to choose is no name to be shown on the sign-in page.
    let login = browser.get(&format!("/cas/login?flow={holding}")).await;
    assert_eq!(login.form().value("username"), Some(""));
    assert_eq!(letters_for(&house, AMINE.0).await.len(), 1);
}
