//! A script on the standard library of Python signs a person in over REST: the served binary, a real slapd,
//! a real Redis.

use std::path::Path;
use std::process::Command;

use mereau::base::key_digest::KeyDigest;
use serde_json::{Value, json};

use crate::support::application::Application;
use crate::support::redis::Redis;
use crate::support::run::succeed;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const KEY: &str = "3f9b0c1d2e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d";
/// Its SHA-256, as `sha256sum` prints it.
const HASH: &str = "06083e4a9310afefbc94d41a079c99ebd424909a4a7faaf32227cb290e040166  -\n";

struct Campus {
    served: Served,
    application: Application,
    redis: Redis,
    slapd: Slapd,
    _keys: tempfile::TempDir,
}

impl Campus {
    fn open() -> Campus {
        use std::os::unix::fs::PermissionsExt;
        let keys = tempfile::tempdir().unwrap();
        let file = keys.path().join("batch.sha256");
        std::fs::write(&file, HASH).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let slapd = Slapd::start(&slapd::Options::default());
        let redis = Redis::start(&[]);
        let application = Application::plain();
        let sections = format!(
            "[[rest.clients]]\nname = \"batch\"\nkey_hash_file = \"{}\"\nnetworks = [\"127.0.0.0/8\", \"::1\"]\n\
             realms = [\"campus\"]\nservices = [\"application\"]\n",
            file.display()
        );
        let tickets = redis.url();
        let services = [(
            "application",
            service(&application.url(), "attributes = [\"mail\"]"),
        )];
        let served = Served::start(&Options {
            services: &services,
            sections: &sections,
            log: "trace",
            ..Options::on(&slapd, &tickets)
        });
        Campus {
            served,
            application,
            redis,
            slapd,
            _keys: keys,
        }
    }

    fn service(&self) -> String {
        format!("{}/app", self.application.url())
    }

    fn run(&self) -> Vec<Value> {
        let ask = json!({
            "base": self.served.url(),
            "key": format!("batch:{KEY}"),
            "username": "camille.dupont",
            "password": "camille-corbeau-7",
            "service": self.service(),
        });
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/python/rest.py");
        let printed = succeed(Command::new("python3").arg(script), &ask.to_string());
        serde_json::from_str(&printed).expect("JSON")
    }
}

fn step<'a>(steps: &'a [Value], name: &str) -> &'a Value {
    let found = steps.iter().find(|step| step["step"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {steps:?}"))
}

#[test]
fn a_script_signs_a_person_in_on_real_servers_and_its_logout_reaches_the_application() {
    // CAS-227, CAS-228, CAS-229, CAS-231, CAS-232, CAS-235
    assert!(KeyDigest::parse(HASH).expect("a digest").is_of(KEY));
    let campus = Campus::open();
    let steps = campus.run();
    let statuses: Vec<(&str, u64)> = steps
        .iter()
        .map(|step| (step["step"].as_str().unwrap(), step["status"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        statuses,
        [
            ("stranger", 401),
            ("wrong", 401),
            ("check", 200),
            ("open", 201),
            ("ticket", 200),
            ("validate", 200),
            ("again", 200),
            ("foreign", 403),
            ("alive", 200),
            ("delete", 200),
            ("gone", 404),
        ]
    );
    let body = |name| step(&steps, name)["body"].as_str().unwrap();
    assert_eq!(
        body("wrong"),
        "{\"authentication_exceptions\":[\"FailedLoginException\"]}"
    );
    assert!(
        body("check").contains("\"mail\":[\"camille.dupont@"),
        "{}",
        body("check")
    );
    assert!(body("validate").contains("<cas:user>camille.dupont</cas:user>"));
    assert!(body("again").contains("INVALID_TICKET"));
    let ticket = body("ticket");
    wait::until("the logout message", || {
        let asked = campus.application.asked();
        let told = asked
            .iter()
            .find(|asked| asked.body.starts_with("logoutRequest="));
        told.map(|told| assert!(told.body.contains(ticket), "{}", told.body))
    });
    let log = campus.served.output();
    for secret in [body("alive"), ticket, KEY, "camille-corbeau-7"] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[test]
fn without_the_directory_or_the_store_a_script_is_told_to_come_back() {
    // CAS-228
    let mut campus = Campus::open();
    campus.slapd.kill();
    let steps = campus.run();
    for name in ["wrong", "check", "open"] {
        let step = step(&steps, name);
        let seconds = step["retry"].as_str().and_then(|text| text.parse::<u64>().ok());
        assert_eq!(step["status"], 503, "{step}");
        assert!(
            seconds.is_some_and(|seconds| (20..=40).contains(&seconds)),
            "{step}"
        );
    }
    assert_eq!(step(&steps, "stranger")["status"], 401);
    campus.slapd.restart();
    campus.redis.kill();
    let steps = campus.run();
    assert_eq!(step(&steps, "open")["status"], 503);
    campus.redis.restart();
    wait::until("sign-ins to work again", || {
        let steps = campus.run();
        (step(&steps, "open")["status"] == 201).then_some(())
    });
}
