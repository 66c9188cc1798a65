//! `[remember_me]` of a realm.

use std::time::Duration;

use mereau::flows::login::RememberMe;

use super::files::Folder;

const DAY: Duration = Duration::from_secs(86_400);

fn with(lines: &str) -> Folder {
    let folder = Folder::good();
    let to = format!("{lines}\n[contact]");
    folder.change("realms/univ.toml", "[contact]", &to);
    folder
}

#[test]
fn nobody_is_kept_signed_in_unless_the_realm_says_so_and_then_for_thirty_days() {
    // CAS-203
    assert!(Folder::good().loaded().settings.realms[0].remember.is_none());
    let folder = with("[remember_me]\noffered = true");
    let usual = RememberMe {
        longest: DAY * 30,
        idle: DAY * 30,
        never: Vec::new(),
    };
    assert_eq!(folder.loaded().settings.realms[0].remember, Some(usual));
}

#[test]
fn who_is_flagged_here_or_protected_in_recovery_is_never_and_the_entry_is_read_for_it() {
    // CAS-206
    let folder = with(
        "[remember_me]\noffered = true\nidle = \"14 d\"\nnever = \"(employeeType=admin)\"\n\
         [recovery]\nprotected = \"(memberOf=cn=admins,dc=valmore,dc=example)\"",
    );
    let settings = folder.loaded().settings;
    let realm = &settings.realms[0];
    let remember = realm.remember.as_ref().unwrap();
    assert_eq!(remember.idle, DAY * 14);
    let never: Vec<String> = remember.never.iter().map(ToString::to_string).collect();
    assert_eq!(
        never,
        [
            "(employeeType=admin)",
            "(memberOf=cn=admins,dc=valmore,dc=example)"
        ]
    );
    let mereau::config::DirectorySettings::Ldap(ldap) = &realm.directory else {
        panic!("another directory")
    };
    for name in ["employeetype", "memberof"] {
        let mut read = ldap.mapping.attributes.iter().chain(&ldap.mapping.own);
        assert!(read.any(|read| read.eq_ignore_ascii_case(name)), "{name}");
    }
}

#[test]
fn what_cannot_be_is_refused_with_file_line_and_mend() {
    // CAS-203, CAS-206
    for (lines, wrong) in [
        ("longest = \"91 d\"", "people are kept signed in for 1 to 90 days"),
        ("longest = \"23 h\"", "people are kept signed in for 1 to 90 days"),
        (
            "idle = \"31 d\"",
            "a session cannot be unused longer than it may live at all, nor no time",
        ),
        (
            "idle = \"0 s\"",
            "a session cannot be unused longer than it may live at all, nor no time",
        ),
        ("never = \"memberOf\"", "this is not a filter"),
        (
            "never = \"(memberOf:1.2.840.113556.1.4.1941:=cn=admins)\"",
            "only the directory could answer this filter",
        ),
    ] {
        let problems = with(&format!("[remember_me]\noffered = true\n{lines}")).problems();
        assert!(problems.contains(wrong), "{lines}: {problems}");
        assert!(
            problems.contains("realms/univ.toml") && problems.contains("remember_me."),
            "{problems}"
        );
    }
    let folder = with("[lifetimes]\nlongest = \"40 d\"\n[remember_me]\noffered = true");
    assert!(
        folder
            .problems()
            .contains("every session of this realm lives as long as that already")
    );
}
