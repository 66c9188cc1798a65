//! `services test`: whose an address is, who may go there, what the application is told; and a wrong
//! registration under a running server.

use std::path::Path;

use serde_json::Value;

use super::demo::PASSWORD;
use super::process::{Server, change, demo_folder, mereau, text};
use super::web::Browser;

/// The demonstration with more applications, and a way to ask about them.
struct Desk(tempfile::TempDir);

const SERVICES: [(&str, &str); 5] = [
    (
        "moodle",
        "urls = [\"https://moodle.valmore.example/login/**\"]\nrealms = [\"valmore\"]\n\
         attributes = [\"mail\", \"eduPersonAffiliation\"]\n\
         renamed_attributes = { supannEtablissement = \"uai\" }\nsso_enabled = false\n",
    ),
    ("wide", "urls = [\"https://**.valmore.example/**\"]\n"),
    (
        "staff",
        "urls = [\"https://staff.valmore.example/**\"]\nprofiles = [\"faculty\", \"staff\"]\n",
    ),
    (
        "nostudents",
        "urls = [\"https://conseil.valmore.example/**\"]\nrealms = [\"valmore\"]\nuser = \"attribute:employeeNumber\"\n\
         rejected_attributes = { eduPersonAffiliation = [\"student\"] }\n",
    ),
    (
        "soon",
        "urls = [\"https://soon.valmore.example/**\"]\nopens = \"2099-09-08T18:00[Europe/Paris]\"\n",
    ),
];

impl Desk {
    fn new() -> Desk {
        let folder = demo_folder();
        for (name, content) in SERVICES {
            write(folder.path(), name, content);
        }
        Desk(folder)
    }

    /// Exit code, and all that is printed.
    fn ask(&self, arguments: &[&str]) -> (i32, String) {
        let config = self.0.path().join("server.toml").display().to_string();
        let mut all = vec!["services", "test", "--config", config.as_str()];
        all.extend(arguments);
        let told = mereau(&all, "");
        let said = text(&told.stdout) + &text(&told.stderr);
        (told.status.code().unwrap(), said)
    }
}

fn write(folder: &Path, service: &str, content: &str) {
    let content = format!("{content}name = \"{service}\"\n");
    std::fs::write(folder.join(format!("services/{service}.toml")), content).unwrap();
}

fn is_said(said: &str, lines: &[&str]) {
    for line in lines {
        assert!(said.contains(line), "{line}\nis not in\n{said}");
    }
}

#[test]
fn an_address_is_told_its_registration_and_those_that_lost() {
    let desk = Desk::new();
    let (code, said) = desk.ask(&["https://moodle.valmore.example/login/index.php?a=b"]);
    assert_eq!(code, 0, "{said}");
    is_said(
        &said,
        &[
            "OK    service moodle: matches by https://moodle.valmore.example/login/** (this very host, this path and below)",
            "OK    service wide: https://**.valmore.example/** matches, too, and loses: its host is wider",
        ],
    );
    let (code, said) = desk.ask(&["https://soon.valmore.example/"]);
    assert_eq!(code, 1);
    is_said(&said, &["FAIL  service soon: it opens at 2099-09-08T16:00:00Z"]);
    let (code, said) = desk.ask(&["http://moodle.valmore.example/admin"]);
    assert_eq!(code, 1);
    is_said(
        &said,
        &[
            "no registered service has this address",
            "WARN  service wide: https://**.valmore.example/** would match, but for the scheme",
            "WARN  service moodle: https://moodle.valmore.example/login/** would match, but for the scheme and the path",
        ],
    );
    let (code, said) = desk.ask(&["https://moodle.valmore.example@evil.example/"]);
    assert_eq!(code, 1);
    is_said(
        &said,
        &["this is no address of an application: it holds a user name before the host"],
    );
}

#[test]
fn a_person_is_told_why_they_may_go_there_and_what_the_application_learns() {
    let desk = Desk::new();
    let moodle = "https://moodle.valmore.example/login/";
    let (code, said) = desk.ask(&[moodle, "--person", "CDurand"]);
    assert_eq!(code, 0, "{said}");
    is_said(
        &said,
        &[
            "OK    realm valmore: camille.durand of ",
            " may go there and is asked for the password each time",
            "OK    service moodle: knows the person as camille.durand",
            "OK    service moodle: learns eduPersonAffiliation = student | member",
            "OK    service moodle: learns uai = {UAI}0999901A",
            "/p3/serviceValidate answers:\n<cas:serviceResponse",
            "<cas:user>camille.durand</cas:user>",
            "<cas:eduPersonAffiliation>student</cas:eduPersonAffiliation><cas:eduPersonAffiliation>member<",
            "<cas:isFromNewLogin>true</cas:isFromNewLogin>",
        ],
    );
    assert!(
        !said.contains("22100417"),
        "nothing else leaves the directory: {said}"
    );
    for (word, shown) in [
        ("v1", "/validate answers:\nyes\ncamille.durand"),
        (
            "v2",
            "/serviceValidate answers:\n<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess><cas:user>camille.durand</cas:user></cas:authenticationSuccess>",
        ),
        ("saml", "/samlValidate answers:\n<SOAP-ENV:Envelope"),
    ] {
        let (code, said) = desk.ask(&[moodle, "--person", "camille.durand", "--answer", word]);
        assert_eq!(code, 0, "{said}");
        is_said(&said, &[shown]);
    }
    let (_, said) = desk.ask(&[moodle, "--person", "camille.durand", "--answer", "json"]);
    let json = said.split_once("answers:\n").expect("an answer").1;
    let json: Value = serde_json::from_str(json).unwrap();
    let success = &json["serviceResponse"]["authenticationSuccess"];
    assert_eq!(success["user"], "camille.durand");
    assert_eq!(success["attributes"]["uai"][0], "{UAI}0999901A");
}

#[test]
fn who_may_not_go_there_is_told_by_which_rule() {
    let desk = Desk::new();
    let camille = |url: &str| desk.ask(&[url, "--person", "camille.durand"]);
    for (url, why) in [
        (
            "https://staff.valmore.example/",
            "may not go there: it is for faculty, staff only",
        ),
        (
            "https://conseil.valmore.example/",
            "may not go there: eduPersonAffiliation is student | member, which is turned away",
        ),
    ] {
        let (code, said) = camille(url);
        assert_eq!(code, 1, "{said}");
        is_said(&said, &[why]);
        assert!(!said.contains("answers:"), "{said}");
    }
    let staff = desk.ask(&["https://staff.valmore.example/", "--person", "youssef.benali"]);
    assert_eq!(staff.0, 0, "{}", staff.1);
    is_said(
        &staff.1,
        &["<cas:user>youssef.benali@univ-valmore.example</cas:user>"],
    );
    let nameless = desk.ask(&["https://conseil.valmore.example/", "--person", "youssef.benali"]);
    assert_eq!(nameless.0, 1);
    is_said(
        &nameless.1,
        &[
            "USER_NAME: the person has no value for employeeNumber",
            "code=\"UNAUTHORIZED_SERVICE\"",
        ],
    );
    let locked = desk.ask(&["https://wide.valmore.example/", "--person", "hugo.martin"]);
    is_said(&locked.1, &["hugo.martin may not sign in"]);
    let nobody = desk.ask(&[
        "https://wide.valmore.example/",
        "--person",
        "nobody",
        "--realm",
        "valmore",
    ]);
    assert_eq!(nobody.0, 1);
    is_said(&nobody.1, &["FAIL  realm valmore: LOGIN_UNKNOWN"]);
    let nowhere = desk.ask(&[
        "https://wide.valmore.example/",
        "--person",
        "x",
        "--realm",
        "valmor",
    ]);
    is_said(
        &nowhere.1,
        &["there is no realm valmor; there are: haut-marais, rosa-bonheur, valmore"],
    );
}

#[test]
fn a_wrong_registration_is_told_and_leaves_the_registry_as_it_was() {
    // F-24
    let desk = Desk::new();
    let folder = desk.0.path();
    let (mut server, port) = Server::serve(&folder.join("server.toml"));
    let mut browser = Browser::default();
    let page = browser.get(port, "/cas/t/valmore/login");
    browser.sign_in(port, &page, "camille.durand", PASSWORD);
    let mut status = |service: &str| {
        let path = format!("/cas/t/valmore/login?service=https%3A%2F%2F{service}.valmore.example%2Flogin%2F");
        browser.get(port, &path).status
    };
    assert_eq!([status("wide"), status("staff")], [302, 403]);
    write(
        folder,
        "staff",
        "urls = [\"https://staff.valmore.example/**\"]\nprofiles = [\"student\"]\nattribute_values = \"pattern\"\n\
         required_attributes = { mail = [\"(.*@univ\"] }\nclose = \"2099-01-01T00:00:00Z\"\n",
    );
    std::fs::remove_file(folder.join("services/wide.toml")).unwrap();
    server.signal("HUP");
    server.err.until_said("config_reload_failed");
    let log = server.err.so_far();
    assert!(
        log.contains("staff.toml:5:") && log.contains("did you mean") && log.contains("closes"),
        "{log}"
    );
    assert_eq!([status("wide"), status("staff")], [302, 403], "as before");
    change(&folder.join("services/staff.toml"), "close = ", "closes = ");
    server.signal("HUP");
    server.err.until("the second refusal", |log| {
        (log.matches("config_reload_failed").count() >= 2).then_some(())
    });
    let log = server.err.so_far();
    assert!(
        log.contains("staff.toml:4:") && log.contains("unclosed group"),
        "{log}"
    );
    assert_eq!([status("wide"), status("staff")], [302, 403], "as before");
    change(&folder.join("services/staff.toml"), "(.*@univ", ".*@univ.*");
    server.signal("HUP");
    server.err.until_said("config_reloaded");
    assert_eq!([status("wide"), status("staff")], [403, 302]);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}
