//! `doctor person` on real servers: slapd alone and with a replica that lags, Samba as Active Directory, 389
//! Directory Server.

use std::fs;
use std::sync::Arc;

use mereau::base::clock::{Clock, SystemClock};
use mereau::base::names::Username;
use mereau::base::secret::Secret;
use mereau::cli::assemble::person::{Desk, Line, Question, Told, Topic};
use mereau::config::{self, DirectorySettings};
use mereau::directory::EntryMapping;
use mereau::directory::ldap::{LdapLimits, LdapSettings, ServiceAccount};
use mereau::directory::state::{Preset, StateRules};

use crate::directory::password;
use crate::directory_writes::FIRST;
use crate::support::slapd::{
    self, MANAGER_DN, MANAGER_PASSWORD, Options, PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Slapd,
};
use crate::{directory_389ds, directory_openldap_writes, directory_replica, directory_samba};

/// One realm on these servers, without a ticket store that could be asked.
pub async fn desk(ldap: LdapSettings) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("realms")).unwrap();
    let server = "[server]\npublic_url = \"http://localhost/cas\"\n[tickets]\nurl = \"memory:\"\n";
    fs::write(folder.path().join("server.toml"), server).unwrap();
    let realm = "name = \"Campus\"\n[directory]\nkind = \"ldif\"\nfile = \"none.ldif\"\n";
    fs::write(folder.path().join("realms/campus.toml"), realm).unwrap();
    // Read as long as the configuration is; the servers take its place.
    fs::write(folder.path().join("realms/none.ldif"), "version: 1\n").unwrap();
    let loaded = config::load(&folder.path().join("server.toml"), &|_| None);
    let mut settings = loaded.unwrap_or_else(|problems| panic!("{problems:?}")).settings;
    settings.realms[0].directory = DirectorySettings::Ldap(Box::new(ldap));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Desk::open(settings, &clock).await
}

pub async fn told(desk: &Desk, typed: &str, tried: Option<&str>) -> Told {
    let login = Username::typed(typed).unwrap();
    let tried = tried.map(password);
    let question = Question {
        typed,
        login: &login,
        realm: None,
        how: "the only one there is".to_owned(),
        institution: None,
        service: None,
        password: tried.as_ref(),
    };
    let mut all = desk.explain(&question).await;
    assert_eq!(all.len(), 1);
    let told = all.remove(0);
    for secret in [
        FIRST,
        SERVICE_PASSWORD,
        "camille-corbeau-7",
        "canary-7Hq2",
        "{SSHA}",
        "$argon2",
    ] {
        assert!(!told.to_string().contains(secret), "{told}");
    }
    told
}

fn lines(told: &Told, topic: Topic) -> Vec<&Line> {
    told.lines.iter().filter(|line| line.topic == topic).collect()
}

/// A line of the topic with this code that says these words.
fn says(told: &Told, topic: Topic, code: &str, words: &str) {
    let found = lines(told, topic).into_iter().any(|line| {
        let coded = code.is_empty()
            || line
                .reason
                .as_deref()
                .is_some_and(|reason| reason.starts_with(code));
        coded && line.finding.fact.contains(words)
    });
    assert!(found, "{topic:?} {code} {words} is not in\n{told}");
}

fn stops(told: &Told, code: &str) {
    assert!(!told.verdict.can_sign_in, "{told}");
    assert_eq!(told.verdict.reason.as_deref(), Some(code), "{told}");
    assert!(!told.verdict.advice.is_empty(), "{told}");
}

fn on_slapd(urls: &[&str]) -> LdapSettings {
    LdapSettings {
        limits: LdapLimits {
            operation: std::time::Duration::from_secs(60),
            ..LdapLimits::default()
        },
        account: Some(ServiceAccount {
            dn: SERVICE_DN.to_owned(),
            password: Secret::new(SERVICE_PASSWORD.to_owned()),
        }),
        mapping: EntryMapping {
            login_attributes: ["uid", "supannAliasLogin"].map(str::to_owned).to_vec(),
            state_rules: StateRules::default().with_presets(&[Preset::Supann]),
            ..EntryMapping::default()
        },
        ..LdapSettings::new(urls, PEOPLE)
    }
}

fn dn(login: &str) -> String {
    format!("uid={login},{PEOPLE}")
}

const GONE: &str = "dn: ou=anciens,dc=campus,dc=example\nobjectClass: organizationalUnit\nou: anciens\n\n\
    dn: uid=paul.parti,ou=anciens,dc=campus,dc=example\nobjectClass: inetOrgPerson\nuid: paul.parti\ncn: Paul\nsn: Parti\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
async fn openldap_says_who_is_meant_and_what_stops_them() {
    // experience §5.4
    let slapd = Slapd::start(&Options {
        entries: GONE,
        ..Options::default()
    });
    let desk = desk(on_slapd(&[&slapd.url()])).await;
    let fine = told(&desk, "cdupont", None).await;
    assert!(fine.verdict.can_sign_in, "{fine}");
    says(
        &fine,
        Topic::Entries,
        "",
        "uid finds nobody, supannAliasLogin finds one",
    );
    says(&fine, Topic::Directory, "", "in clear");
    says(&fine, Topic::ServiceAccount, "", "accepted");
    says(&fine, Topic::State, "", "no rule");
    says(&fine, Topic::Password, "", "hidden from the service account");
    says(&fine, Topic::Lock, "", "not locked");
    says(&fine, Topic::Replicas, "", "one server");
    says(&fine, Topic::Throttle, "STORE_DOWN", "memory of the server");
    // Whom nobody is.
    for (typed, near) in [
        ("camille.dupond", "camille.dupont (uid=camille.dupont"),
        ("camille dupont", "camille.dupont (uid=camille.dupont"),
        ("élise.lefèvre", "elise.lefevre (uid=elise.lefevre"),
        ("Amine Benali", "has it as cn, which is none of login_attributes"),
        (
            "paul.parti",
            "uid=paul.parti,ou=anciens,dc=campus,dc=example has it, outside base_dns",
        ),
    ] {
        let nobody = told(&desk, typed, None).await;
        stops(&nobody, "LOGIN_UNKNOWN");
        says(&nobody, Topic::Entries, "LOGIN_UNKNOWN", near);
    }
    let by_mail = told(&desk, "camille.dupont@campus.example", None).await;
    says(
        &by_mail,
        Topic::Entries,
        "",
        "it is no login but mail of entry uid=camille.dupont",
    );
    let twins = told(&desk, "adurand", None).await;
    stops(&twins, "LOGIN_AMBIGUOUS");
    says(&twins, Topic::Entries, "LOGIN_AMBIGUOUS", "uid=anna.durand");
    // A wrong password again and again, until the directory locks.
    for _ in 0..5 {
        let wrong = told(&desk, "camille.dupont", Some("canary-7Hq2")).await;
        stops(&wrong, "PWD_WRONG");
        says(
            &wrong,
            Topic::Password,
            "PWD_WRONG",
            "LDAP result 49 invalidCredentials",
        );
    }
    let locked = told(&desk, "camille.dupont", None).await;
    stops(&locked, "LOCK_DIRECTORY");
    says(
        &locked,
        Topic::Lock,
        "LOCK_DIRECTORY",
        "locked until somebody lifts it (pwdAccountLockedTime=",
    );
    says(&locked, Topic::Lock, "", "5 of 5 failures noted, the last 20");
    let right = told(&desk, "camille.dupont", Some("camille-corbeau-7")).await;
    says(
        &right,
        Topic::Password,
        "LOCK_DIRECTORY",
        "the directory has locked the account (LDAP result 49",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
async fn openldap_says_what_its_policy_makes_of_a_password() {
    // experience §5.4
    let slapd = Slapd::start(&Options::default());
    let desk = desk(on_slapd(&[&slapd.url()])).await;
    let set =
        |login: &str, lines: &str| slapd.modify(&format!("dn: {}\nchangetype: modify\n{lines}", dn(login)));
    set("amine.benali", "add: pwdReset\npwdReset: TRUE\n");
    let must = told(&desk, "amine.benali", None).await;
    stops(&must, "PWD_MUST_CHANGE");
    says(&must, Topic::Age, "PWD_MUST_CHANGE", "pwdReset=TRUE");
    let tried = told(&desk, "amine.benali", Some("amine-tulipe-8")).await;
    says(
        &tried,
        Topic::Password,
        "PWD_MUST_CHANGE",
        "the password is right, but must be changed first (LDAP result 0 success)",
    );
    set(
        "elise.lefevre",
        "add: pwdPolicySubentry\npwdPolicySubentry: cn=ageing,ou=policies,dc=campus,dc=example\n-\n\
         add: pwdChangedTime\npwdChangedTime: 20200101000000Z\n",
    );
    let old = told(&desk, "elise.lefevre", None).await;
    stops(&old, "PWD_EXPIRED");
    says(
        &old,
        Topic::Age,
        "PWD_EXPIRED",
        "too old since 2020-01-02T00:00:00Z (pwdMaxAge)",
    );
    set(
        "noe.martin",
        "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n",
    );
    let shut = told(&desk, "noe.martin", None).await;
    says(
        &shut,
        Topic::Lock,
        "LOCK_DIRECTORY",
        "locked by staff until they lift it",
    );
    // Two new passwords, and the history of two is full.
    for new in ["Premiere-Histoire-1", "Seconde-Histoire-2", "Tierce-Histoire-3"] {
        let mut command = std::process::Command::new("ldappasswd");
        command.args([
            "-x",
            "-H",
            &slapd.url(),
            "-D",
            MANAGER_DN,
            "-w",
            MANAGER_PASSWORD,
            "-s",
            new,
            &dn("camille.dupont"),
        ]);
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let full = told(&desk, "camille.dupont", None).await;
    says(
        &full,
        Topic::Age,
        "IN_HISTORY",
        "the history is full: 2 of 2 passwords are remembered",
    );
    assert!(!full.to_string().contains("Histoire"), "{full}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_lags_or_is_down_is_told_and_stops_nobody() {
    // experience §5.4
    let mut pair = directory_replica::pair().await;
    let urls = [pair.replica.url()];
    let desk = desk(directory_openldap_writes::settings(
        &urls,
        Some(&pair.primary.url()),
    ))
    .await;
    let before = told(&desk, "w.free", None).await;
    assert!(before.verdict.can_sign_in, "{before}");
    says(&before, Topic::Replicas, "", "the same on 2 servers (entryCSN");
    pair.link.hold();
    let entry = format!("uid=w.free,{}", slapd::PEOPLE);
    pair.primary.modify(&format!(
        "dn: {entry}\nchangetype: modify\nreplace: userPassword\nuserPassword: Retard-Sesame-72\n"
    ));
    let behind = told(&desk, "w.free", None).await;
    says(
        &behind,
        Topic::Replicas,
        "REPLICA_DIFFERS",
        "pwdChangedTime differs: ",
    );
    says(&behind, Topic::Replicas, "REPLICA_DIFFERS", &pair.primary.url());
    assert!(behind.verdict.can_sign_in, "{behind}");
    // The password is right on one of them.
    let tried = told(&desk, "w.free", Some(FIRST)).await;
    says(
        &tried,
        Topic::Password,
        "",
        "the password is right (LDAP result 0 success)",
    );
    says(&tried, Topic::Password, "PWD_WRONG", "LDAP result 49");
    pair.primary.kill();
    let down = told(&desk, "w.free", None).await;
    says(&down, Topic::Replicas, "DIR_DOWN", "");
    assert!(down.verdict.can_sign_in, "{down}");
    pair.replica.kill();
    let dark = told(&desk, "w.free", None).await;
    stops(&dark, "DIR_DOWN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn active_directory_says_why_by_its_bits_and_its_data_codes() {
    // experience §5.4
    directory_samba::ready().await;
    let mut settings = directory_samba::settings();
    // So that what the entry notes is told beside the rules.
    settings.mapping.state_rules = StateRules::default();
    let desk = desk(settings).await;
    let right = told(&desk, "r.doctor", Some(FIRST)).await;
    assert!(right.verdict.can_sign_in, "{right}");
    says(
        &right,
        Topic::Password,
        "",
        "the password is right (LDAP result 0 success)",
    );
    says(&right, Topic::Directory, "", "certificate until");
    let wrong = told(&desk, "r.doctor", Some("canary-7Hq2")).await;
    stops(&wrong, "PWD_WRONG");
    says(
        &wrong,
        Topic::Password,
        "PWD_WRONG",
        "AD data 52e (wrong password)",
    );
    let noted = told(&desk, "r.doctor", None).await;
    says(&noted, Topic::Lock, "", "1 of 5 failures noted");
    let disabled = told(&desk, "r.disabled", Some(FIRST)).await;
    says(&disabled, Topic::Lock, "DISABLED", "userAccountControl=514");
    says(&disabled, Topic::Password, "DISABLED", "AD data 533 (disabled)");
    let must = told(&desk, "r.obliged", Some(FIRST)).await;
    says(&must, Topic::Age, "PWD_MUST_CHANGE", "pwdLastSet=0");
    says(
        &must,
        Topic::Password,
        "PWD_MUST_CHANGE",
        "AD data 773 (must change the password)",
    );
    let twins = told(&desk, "twin@exemple.fr", None).await;
    stops(&twins, "LOGIN_AMBIGUOUS");
    for _ in 0..5 {
        told(&desk, "r.doctor", Some("canary-7Hq2")).await;
    }
    let locked = told(&desk, "r.doctor", Some(FIRST)).await;
    says(&locked, Topic::Lock, "LOCK_DIRECTORY", "locked until 20");
    says(&locked, Topic::Lock, "LOCK_DIRECTORY", "30 min (lockoutTime=");
    says(&locked, Topic::Password, "LOCK_DIRECTORY", "AD data 775 (locked)");
    let near = told(&desk, "r.docteur", None).await;
    stops(&near, "LOGIN_UNKNOWN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_389_directory_server_says_why_by_its_own_attributes() {
    // experience §5.4
    directory_389ds::ready().await;
    let mut settings = directory_389ds::settings();
    settings.mapping.state_rules = StateRules::default();
    let desk = desk(settings).await;
    let right = told(&desk, "r.doctor", Some(FIRST)).await;
    assert!(right.verdict.can_sign_in, "{right}");
    let must = told(&desk, "r.must", None).await;
    stops(&must, "PWD_MUST_CHANGE");
    says(
        &must,
        Topic::Age,
        "PWD_MUST_CHANGE",
        "passwordExpirationTime=19700101000000Z",
    );
    let shut = told(&desk, "w.locked", None).await;
    says(
        &shut,
        Topic::Lock,
        "LOCK_DIRECTORY",
        "locked by staff until they lift it (nsAccountLock=",
    );
    let twins = told(&desk, "twin@exemple.fr", None).await;
    stops(&twins, "LOGIN_AMBIGUOUS");
    for _ in 0..6 {
        told(&desk, "r.doctor", Some("canary-7Hq2")).await;
    }
    let locked = told(&desk, "r.doctor", Some(FIRST)).await;
    says(&locked, Topic::Lock, "LOCK_DIRECTORY", "(accountUnlockTime=");
    says(
        &locked,
        Topic::Password,
        "LOCK_DIRECTORY",
        "LDAP result 19 constraintViolation",
    );
    says(&locked, Topic::Lock, "", "failures noted");
    let near = told(&desk, "r.doctro", None).await;
    says(&near, Topic::Entries, "LOGIN_UNKNOWN", "r.doctor (uid=r.doctor");
}
