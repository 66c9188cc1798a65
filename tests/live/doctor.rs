//! `doctor` and the start of `serve` on a real slapd and a real Redis, whole and broken.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::mail_sink::{Protection, Sink};
use crate::support::certificates::Authority;
use crate::support::child::Server;
use crate::support::redis::Redis;
use crate::support::sentinel::Sentinel;
use crate::support::slapd::{
    Options, PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Slapd, WRITER_DN, WRITER_PASSWORD,
};
use crate::support::wait;

fn mereau(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_mereau"))
        .args(arguments)
        .arg("--config")
        .arg(folder.path().join("server.toml"))
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    let told = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    (status.code(), told)
}

fn private(path: &Path, content: &str) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A configuration on these servers.
fn configured(slapd: &Slapd, redis: &Redis, service_password: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("realms")).unwrap();
    private(
        &folder.path().join("1.key"),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    );
    private(&folder.path().join("ldap.password"), service_password);
    let server = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://localhost/cas\"\n[keys]\nfiles = [\"1.key\"]\n\
         [tickets]\nurl = \"{}\"\nread_deadline = \"20 s\"\nwrite_deadline = \"20 s\"\n",
        redis.url()
    );
    fs::write(folder.path().join("server.toml"), server).unwrap();
    let realm = format!(
        "name = \"Campus\"\nscope = \"campus.example\"\n[directory]\nkind = \"ldap\"\nurls = [\"{}\"]\n\
         ca_file = \"{}\"\nbase_dns = [\"{PEOPLE}\"]\nbind_dn = \"{SERVICE_DN}\"\n\
         bind_password_file = \"../ldap.password\"\nconnect_timeout = \"20 s\"\nop_timeout = \"20 s\"\n\
         [people]\nlogin_attributes = [\"uid\", \"supannAliasLogin\"]\n[states]\npresets = [\"supann\"]\n",
        slapd.ldaps_url(),
        slapd.authority_file().display()
    );
    fs::write(folder.path().join("realms/campus.toml"), realm).unwrap();
    folder
}

fn slapd() -> Slapd {
    Slapd::start(&Options {
        authority: Some(&Authority::new()),
        ..Options::default()
    })
}

#[test]
fn whole_servers_are_described_line_by_line() {
    let (slapd, redis) = (slapd(), Redis::start(&["--appendonly", "yes"]));
    let folder = configured(&slapd, &redis, SERVICE_PASSWORD);
    let (code, told) = mereau(&folder, &["doctor"]);
    assert_eq!(code, Some(0), "{told}");
    let url = slapd.ldaps_url();
    for line in [
        format!("OK    {url}: reached in "),
        "host name checked".to_owned(),
        format!("{url}: certificate until "),
        format!("OK    {url}: service account accepted; server OpenLDAP"),
        "OK    realm campus: people can be searched".to_owned(),
        "answers: version ".to_owned(),
    ] {
        assert!(told.contains(&line), "{line} is not in\n{told}");
    }
    assert!(
        !told.contains("FAIL") && !told.contains(SERVICE_PASSWORD),
        "{told}"
    );
    let (code, told) = mereau(&folder, &["doctor", "person", "cdupont"]);
    assert_eq!(code, Some(0), "{told}");
    for line in [
        "uid finds nobody, supannAliasLogin finds one",
        "login camille.dupont, key ",
        "so it is active",
        "no open session",
        "=> campus: can sign in as camille.dupont",
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
}

#[test]
fn a_wrong_service_password_and_a_dead_server_say_what_to_look_at() {
    let (mut slapd, redis) = (slapd(), Redis::start(&[]));
    let folder = configured(&slapd, &redis, "canary-7Hq2");
    let (code, told) = mereau(&folder, &["doctor"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("→ check bind_dn and its password"), "{told}");
    assert!(!told.contains("canary-7Hq2"), "{told}");
    slapd.kill();
    let (code, told) = mereau(&folder, &["doctor"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("→ check host, port, firewall"), "{told}");
}

#[test]
fn a_redis_that_evicts_keys_is_found_and_stops_the_start() {
    // F-09, SEC-27
    let (slapd, redis) = (slapd(), Redis::start(&["--maxmemory-policy", "allkeys-lru"]));
    let folder = configured(&slapd, &redis, SERVICE_PASSWORD);
    for command in ["doctor", "serve"] {
        let (code, told) = mereau(&folder, &[command]);
        assert_eq!(code, Some(1), "{command}: {told}");
        assert!(told.contains("maxmemory-policy noeviction"), "{command}: {told}");
    }
}

/// Writes more lines under `[tickets]`.
fn of_tickets(folder: &TempDir, lines: &str) {
    let path = folder.path().join("server.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("[tickets]\n", &format!("[tickets]\n{lines}"))).unwrap();
}

/// Starts `serve` and ends it once it serves.
fn serves(folder: &TempDir) -> String {
    let config = folder.path().join("server.toml").display().to_string();
    let arguments = ["serve", "--config", &config].map(str::to_owned);
    let mut server = Server::start(
        env!("CARGO_BIN_EXE_mereau"),
        &arguments,
        &folder.path().join("log"),
    );
    wait::until("the server", || {
        let told = server.output();
        assert!(server.has_ended().is_none(), "{told}");
        told.contains("serving").then_some(told)
    })
}

#[test]
fn a_redis_that_evicts_keys_is_served_on_by_who_says_so() {
    // F-09
    let (slapd, redis) = (slapd(), Redis::start(&["--maxmemory-policy", "allkeys-lru"]));
    let folder = configured(&slapd, &redis, SERVICE_PASSWORD);
    of_tickets(&folder, "eviction = \"warn\"\n");
    assert!(serves(&folder).contains("maxmemory-policy"), "and is told of it");
}

#[test]
fn a_redis_that_keeps_snapshots_only_forgets_at_a_restart_and_does_not_pass_a_strict_start() {
    // F-07
    let slapd = slapd();
    let mut redis = Redis::start(&["--save", "3600 1"]);
    assert_eq!(redis.cli(&["set", "spent", "no"]), "OK");
    redis.snapshot();
    assert_eq!(redis.cli(&["set", "spent", "yes"]), "OK");
    redis.restart();
    assert_eq!(redis.cli(&["get", "spent"]), "no", "why it must not pass");
    let folder = configured(&slapd, &redis, SERVICE_PASSWORD);
    of_tickets(&folder, "persistence = \"refuse\"\n");
    for command in ["doctor", "serve"] {
        let (code, told) = mereau(&folder, &[command]);
        assert_eq!(code, Some(1), "{command}: {told}");
        assert!(told.contains("appendonly yes"), "{command}: {told}");
    }

    let mut redis = Redis::start(&["--appendonly", "yes", "--appendfsync", "everysec"]);
    for number in 0..200 {
        assert_eq!(redis.cli(&["set", &format!("spent-{number}"), "yes"]), "OK");
    }
    redis.restart();
    assert_eq!(redis.cli(&["dbsize"]), "200", "nothing is lost with the process");
    let folder = configured(&slapd, &redis, SERVICE_PASSWORD);
    of_tickets(&folder, "persistence = \"refuse\"\n");
    serves(&folder);
}

#[test]
fn sentinels_that_are_too_few_and_act_too_soon_and_a_primary_that_keeps_nothing_are_told() {
    // F-03, F-07
    let (slapd, sentinel) = (slapd(), Sentinel::start());
    let folder = configured(&slapd, &sentinel.primary, SERVICE_PASSWORD);
    let path = folder.path().join("server.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(&sentinel.primary.url(), &sentinel.url())).unwrap();
    let (_, told) = mereau(&folder, &["doctor"]);
    for line in [
        "is watched by 1 Sentinels",
        "counts as gone after 500 ms of silence → write down-after-milliseconds 2000 to 5000",
        "keeps nothing on disk and has replicas",
        "write “min-replicas-to-write 1”",
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
    assert!(
        !told.contains("REDIS_NEVER_PROMOTED") && !told.contains("REDIS_UNPROTECTED"),
        "{told}"
    );
    sentinel.primary.cli(&["config", "set", "protected-mode", "no"]);
    sentinel.replica.cli(&["config", "set", "replica-priority", "0"]);
    let never = || {
        let (_, told) = mereau(&folder, &["doctor"]);
        told.contains("[REDIS_NEVER_PROMOTED]").then_some(told)
    };
    // The Sentinel asks its replicas now and then.
    let told = wait::until("the Sentinel to hear of it", never);
    assert!(told.contains("[REDIS_UNPROTECTED]"), "{told}");
}

/// What getting back in stands on, in the realm's file and in server.toml.
fn recovering(folder: &TempDir, slapd: &Slapd, (bind_dn, bind): (&str, &str), attribute: &str, relay: u16) {
    private(&folder.path().join("writer.password"), bind);
    let append = |name: &str, more: &str| {
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap() + more;
        fs::write(path, text).unwrap();
    };
    append(
        "realms/campus.toml",
        &format!(
            "[directory.write]\nurls = [\"{}\"]\nmethod = \"exop\"\nguard = \"generation\"\nbind_dn = \"{bind_dn}\"\n\
             bind_password_file = \"../writer.password\"\nop_timeout = \"20 s\"\n\
             [recovery.sender]\naddress = \"ne-pas-repondre@campus.example\"\n\
             [[recovery.addresses]]\nattribute = \"{attribute}\"\ntrust = \"institution\"\n\
             [[recovery.addresses]]\nattribute = \"mobile\"\ntrust = \"institution\"\nkind = \"sms\"\n",
            slapd.ldaps_url()
        ),
    );
    append(
        "server.toml",
        &format!(
            "[mail]\nurl = \"smtp://localhost:{relay}\"\nca_file = \"{}\"\ndeadline = \"20 s\"\n",
            folder.path().join("ca.pem").display()
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_getting_back_in_stands_on_has_a_line_each_and_says_what_to_mend() {
    // SEC-85, SEC-27, SEC-76
    let (slapd, redis) = tokio::task::spawn_blocking(|| (slapd(), Redis::start(&["--appendonly", "yes"])))
        .await
        .unwrap();
    let folder = configured(&slapd, &redis, SERVICE_PASSWORD);
    let sink = Sink::start(Protection::StartTls, folder.path()).await;
    recovering(&folder, &slapd, (WRITER_DN, WRITER_PASSWORD), "mail", sink.port);
    let (code, told) = mereau(&folder, &["doctor"]);
    assert_eq!(code, Some(0), "{told}");
    let url = slapd.ldaps_url();
    for line in [
        format!("OK    mail relay localhost:{}: greets in ", sink.port),
        "TLS by STARTTLS, host name checked, without a user".to_owned(),
        "OK    realm campus: links go to mail (institution)".to_owned(),
        "OK    realm campus: letters come from ne-pas-repondre@campus.example".to_owned(),
        "OK    realm campus: one link sets one password".to_owned(),
        format!("OK    {url} (writing): of "),
        " people looked at, the server stored the newest password as ".to_owned(),
        format!("OK    {url} (writing): may write mereauGeneration"),
        // The mailbox may lie behind the very password.
        "recovery.addresses.attribute: a mailbox of the institution may open with the very password"
            .to_owned(),
        "mobile numbers, and no text message leaves → [sms] url".to_owned(),
        "do everything, list and erase".to_owned(),
    ] {
        assert!(told.contains(&line), "{line} is not in\n{told}");
    }
    assert!(sink.received().is_empty(), "no letter is sent");

    let folder = configured(&slapd, &redis, SERVICE_PASSWORD);
    let elsewhere = Sink::start(Protection::StartTls, &tempfile::tempdir().unwrap().keep()).await;
    fs::copy(slapd.authority_file(), folder.path().join("ca.pem")).unwrap();
    recovering(
        &folder,
        &slapd,
        (SERVICE_DN, SERVICE_PASSWORD),
        "supannMailPersoo",
        elsewhere.port,
    );
    let (code, told) = mereau(&folder, &["doctor"]);
    assert_eq!(code, Some(1), "{told}");
    for line in [
        format!("FAIL  mail relay localhost:{}: ", elsewhere.port),
        "has no supannMailPersoo".to_owned(),
        "may not write mereauGeneration → give it the rights of conf/schema/README.md".to_owned(),
    ] {
        assert!(told.contains(&line), "{line} is not in\n{told}");
    }
    assert!(
        !told.contains(SERVICE_PASSWORD) && !told.contains(WRITER_PASSWORD),
        "{told}"
    );
}
