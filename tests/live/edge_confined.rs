//! The kernel's hold on the served binary (Landlock, seccomp): every thread has it, what is configured goes on
//! under it, what is not is refused and counted, and what a reload would need beyond it is told.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use mereau::confine::refused_calls;

use crate::monitoring::{admin, asked, value};
use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::ports;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const LOGIN: &str = "camille.dupont";
const PASSWORD: &str = "camille-corbeau-7";

/// The values of a line of /proc/PID/task/*/status, over all threads.
fn threads(process: u32, line: &str) -> BTreeSet<String> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
    let statuses = tasks.filter_map(|task| fs::read_to_string(task.path().join("status")).ok());
    let lines = statuses.flat_map(|text| {
        let lines = text.lines().map(str::to_owned).collect::<Vec<_>>();
        lines
            .into_iter()
            .filter(|one| one.starts_with(line))
            .collect::<Vec<_>>()
    });
    lines.map(|one| one[line.len()..].trim().to_owned()).collect()
}

async fn signs_in(served: &Served, application: &Application) {
    let wanted = format!("{}/app", application.url());
    let mut browser = Browser::new(None);
    let page = browser
        .open(&served.address("/login", &[("service", &wanted)]))
        .await;
    let arrived = browser.sign_in(&page, LOGIN, PASSWORD).await;
    assert!(arrived.url.as_str().starts_with(&wanted), "{}", arrived.url);
}

#[tokio::test]
async fn the_served_binary_is_held_and_what_it_gives_up_is_refused_and_counted() {
    // T-97
    let slapd = Slapd::start(&slapd::Options::default());
    let application = Application::plain();
    let services = [("application", service(&application.url(), ""))];
    let port = ports::free();
    let sections = format!("{}[audit]\nfile = \"audit/log.jsonl\"\n", admin(port));
    let mut served = Served::written(
        &Options {
            services: &services,
            sections: &sections,
            ..Options::on(&slapd, "memory:")
        },
        ports::free(),
    );
    fs::create_dir(served.folder().join("audit")).unwrap();
    served.restart();
    let process = served.id();
    assert_eq!(threads(process, "Seccomp:"), BTreeSet::from(["2".to_owned()]));
    assert_eq!(threads(process, "NoNewPrivs:"), BTreeSet::from(["1".to_owned()]));
    wait::until("the line that says so", || {
        let said = "the kernel holds this process to what it needs";
        served.output().contains(said).then_some(())
    });
    signs_in(&served, &application).await;
    let page = asked(port, "/metrics").await.1;
    for part in ["files", "listen", "connect", "calls", "programs"] {
        let sample = format!("confined{{what=\"{part}\"}}");
        assert_eq!(value(&page, &sample), Some(1.0), "{part}: {}", served.output());
    }
    assert_eq!(value(&page, "confined_refused_total"), Some(0.0));

    // Its own folder leads elsewhere now: the file there is not the one it may write.
    let elsewhere = tempfile::tempdir().unwrap();
    let audit = served.folder().join("audit");
    fs::rename(&audit, served.folder().join("old")).unwrap();
    symlink(elsewhere.path(), &audit).unwrap();
    served.server().signal("HUP");
    let refused = || async {
        let page = asked(port, "/metrics").await.1;
        (value(&page, "confined_refused_total")? > 0.0).then_some(())
    };
    wait::until_async("a refusal that is counted", refused).await;
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    assert!(
        served
            .output()
            .contains("the audit's file cannot be opened again")
    );
    signs_in(&served, &application).await;
}

#[tokio::test]
async fn what_a_reload_needs_beyond_it_is_refused_with_the_way_out_and_the_old_goes_on() {
    // T-97
    let slapd = Slapd::start(&slapd::Options::default());
    let application = Application::plain();
    let services = [("application", service(&application.url(), ""))];
    let options = Options {
        services: &services,
        ..Options::on(&slapd, "memory:")
    };
    let mut served = Served::start(&options);
    signs_in(&served, &application).await;
    let more = served.folder().join("services/more.toml");
    fs::write(&more, service("https://more.example:8447", "")).unwrap();
    served.server().signal("HUP");
    wait::until("the refusal", || {
        served
            .output()
            .contains("it may not connect to port 8447")
            .then_some(())
    });
    signs_in(&served, &application).await;
    // A port that the web has anyway takes no restart.
    fs::write(&more, service("https://more.example", "")).unwrap();
    served.server().signal("HUP");
    wait::until("the reload", || {
        served.output().contains("config_reloaded").then_some(())
    });
    // A restart is the way out.
    fs::write(&more, service("https://more.example:8447", "")).unwrap();
    served.restart();
    signs_in(&served, &application).await;
}

#[test]
fn what_the_unit_refuses_is_refused_here_too_but_for_a_few() {
    // T-97, T-98
    let all = groups();
    let group = |name: &str| members(&all, name);
    let unit =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd/mereau.service"));
    let mut allowed = BTreeSet::new();
    for line in unit
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("SystemCallFilter="))
    {
        let (without, names) = match line.strip_prefix('~') {
            Some(names) => (true, names),
            None => (false, line),
        };
        let calls: BTreeSet<String> = names.split(' ').flat_map(group).collect();
        match without {
            true => allowed = &allowed - &calls,
            false => allowed.extend(calls),
        }
    }
    for needed in ["landlock_restrict_self", "seccomp", "read", "socket", "execve"] {
        assert!(allowed.contains(needed), "the unit refuses {needed}");
    }
    let ours: BTreeSet<String> = refused_calls().map(str::to_owned).collect();
    // Files keep their owners where they can; the allocator asks about memory; the last three are no more.
    let left = "chown fchown fchownat lchown mincore create_module get_kernel_syms query_module";
    let left: BTreeSet<&str> = left.split(' ').collect();
    let here = calls_of_this_machine();
    let answered =
        |name: &String| !here.contains(name) || ours.contains(name) || left.contains(name.as_str());
    let refused: BTreeSet<String> = [
        "@mount",
        "@module",
        "@debug",
        "@clock",
        "@cpu-emulation",
        "@obsolete",
        "@privileged",
        "@raw-io",
        "@reboot",
        "@resources",
        "@swap",
    ]
    .into_iter()
    .flat_map(group)
    .filter(|name| !allowed.contains(name))
    .collect();
    let open: Vec<&String> = refused.iter().filter(|name| !answered(name)).collect();
    assert!(
        open.is_empty(),
        "the unit refuses, and [server] confine does not: {open:?}"
    );
}

/// The kernel holds a process to ports; to addresses systemd holds the unit, and only to those that are listed.
#[test]
fn the_unit_denies_every_address_and_its_sample_allows_some_and_never_all() {
    // T-97, T-98
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd");
    let unit = fs::read_to_string(folder.join("mereau.service")).unwrap();
    let of = |text: &str, key: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(key));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(of(&unit, "IPAddressDeny="), ["any"]);
    assert!(of(&unit, "IPAddressAllow=").is_empty());
    let listed = fs::read_to_string(folder.join("mereau.service.d/networks.conf")).unwrap();
    assert!(of(&listed, "IPAddressDeny=").is_empty());
    let listed = of(&listed, "IPAddressAllow=");
    assert!(!listed.is_empty());
    for word in listed.iter().flat_map(|line| line.split(' ')) {
        assert!(word != "any" && !word.ends_with("/0"), "{word}");
    }
}

/// The names of those that have a number on this kind of processor.
fn calls_of_this_machine() -> BTreeSet<String> {
    let output = Command::new("sh")
        .args(["-c", "echo '#include <sys/syscall.h>' | cc -E -dM -"])
        .output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("#define __NR_"));
    let names: BTreeSet<String> = lines
        .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
        .collect();
    assert!(names.contains("execve"), "{text}");
    names
}

/// What systemd-analyze tells of all groups.
fn groups() -> String {
    let output = Command::new("systemd-analyze")
        .arg("syscall-filter")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The calls of a group, with those of its groups; a call is itself.
fn members(all: &str, name: &str) -> BTreeSet<String> {
    if !name.starts_with('@') {
        return [name.to_owned()].into();
    }
    let lines = all.lines().skip_while(|line| *line != name).skip(1);
    lines
        .take_while(|line| line.starts_with(' ') || line.is_empty())
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .flat_map(|line| members(all, line))
        .collect()
}
