//! Looks at what getting back in stands on, for `doctor`: a relay that takes letters, people's addresses,
//! a directory that can be written. Sends nothing and changes nothing.

use std::path::Path;
use std::time::Instant;

use crate::base::clock::millis;
use crate::cli::findings::Finding;
use crate::config::{DirectorySettings, MailWay, RealmSettings, Settings};
use crate::directory::FenceKind;
use crate::flows::recovery::{Kind, RecoverySettings, Trust};
use crate::messages::smtp::{Security, Smtp, SmtpSettings};

pub async fn findings(settings: &Settings) -> Vec<Finding> {
    let recovering: Vec<&RealmSettings> = settings.realms.iter().filter(|r| r.recovery.is_some()).collect();
    let mut findings = Vec::new();
    match &settings.letters.way {
        Some(MailWay::Smtp(smtp)) => findings.push(relay(smtp).await),
        Some(MailWay::Folder(folder)) => findings.push(kept_in(folder)),
        None if recovering.is_empty() => {}
        None => findings.push(Finding::warn(
            "mail",
            "people can ask for letters, and none leaves: [mail] url is not set",
            "[mail] url = \"smtp://relay.example:587\" in server.toml",
        )),
    }
    for realm in recovering {
        let about = format!("realm {}", realm.realm.id);
        if let Some(recovery) = &realm.recovery {
            findings.extend(addresses(&about, recovery, settings.letters.sms.is_some()));
            findings.push(sender(&about, recovery));
        }
        findings.extend(guard(&about, &realm.directory));
    }
    findings
}

/// The relay, up to where a letter would begin.
async fn relay(smtp: &SmtpSettings) -> Finding {
    let about = format!("mail relay {}:{}", smtp.host, smtp.port);
    let post = match Smtp::new(smtp.clone()) {
        Ok(post) => post,
        Err(error) => return Finding::fail(&about, error.to_string(), "mend [mail] ca_file"),
    };
    let asked = Instant::now();
    match post.probe().await {
        Ok(()) => {
            let way = match smtp.security {
                Security::StartTls => "TLS by STARTTLS, host name checked",
                Security::Implicit => "TLS, host name checked",
                Security::Plain => "without TLS, on this machine",
            };
            let user = smtp.user.as_ref().map_or("without a user", |_| "user accepted");
            Finding::ok(
                &about,
                format!("greets in {} ms, {way}, {user}", millis(asked.elapsed())),
            )
        }
        Err(error) => Finding::fail(
            &about,
            error.to_string(),
            "check host, port, firewall, user and password; for TLS the authority ([mail] ca_file) and the name",
        ),
    }
}

fn kept_in(folder: &Path) -> Finding {
    match std::fs::metadata(folder) {
        Ok(found) if found.is_dir() && !found.permissions().readonly() => Finding::warn(
            "mail",
            format!("letters are files in {}: nobody gets one", folder.display()),
            "[mail] url = \"smtp://relay.example:587\", unless this is a trial",
        ),
        _ => Finding::fail(
            "mail",
            format!("{} is no folder that letters can be put in", folder.display()),
            "make the folder, or mend [mail] url",
        ),
    }
}

/// Where links and codes go.
fn addresses(about: &str, recovery: &RecoverySettings, sms: bool) -> Vec<Finding> {
    let word = |trust| match trust {
        Trust::Validated => "validated",
        Trust::Institution => "institution",
        Trust::Unvalidated => "unvalidated",
    };
    let mailboxes: Vec<String> = recovery
        .mailboxes()
        .map(|one| format!("{} ({})", one.attribute, word(one.trust)))
        .collect();
    let mut findings = Vec::new();
    if mailboxes.is_empty() {
        findings.push(Finding::fail(
            about,
            "no link goes anywhere: none of [recovery] addresses is a mailbox that anybody vouches for",
            "an attribute with trust = \"validated\" or \"institution\"",
        ));
    } else {
        findings.push(Finding::ok(
            about,
            format!("links go to {}", mailboxes.join(", ")),
        ));
    }
    if !sms && recovery.addresses.iter().any(|one| one.kind == Kind::Sms) {
        findings.push(Finding::warn(
            about,
            "[recovery] addresses has mobile numbers, and no text message leaves",
            "[sms] url in server.toml",
        ));
    }
    findings
}

fn sender(about: &str, recovery: &RecoverySettings) -> Finding {
    let sender = &recovery.sender;
    let from = sender.address.as_stored();
    match &sender.letterhead.reply_to {
        Some(reply) => Finding::ok(
            about,
            format!("letters come from {from}, answers go to {}", reply.as_stored()),
        ),
        None => Finding::ok(
            about,
            format!("letters come from {from}, and an answer reaches nobody"),
        ),
    }
}

/// What keeps a link that came back from setting a second password.
fn guard(about: &str, directory: &DirectorySettings) -> Option<Finding> {
    let fence = match directory {
        DirectorySettings::Ldap(settings) => settings.write.as_ref().map(|write| write.fence()),
        DirectorySettings::Ldif { writable, .. } => writable.then_some(FenceKind::Compare),
    };
    Some(match fence {
        None => Finding::fail(
            about,
            "[recovery] is of no use: nothing can be written to this directory",
            "[directory.write], or writable = true for a file",
        ),
        // Each server's own lines warn of these.
        Some(FenceKind::None | FenceKind::ReadCompare) => return None,
        Some(_) => Finding::ok(about, "one link sets one password, and the directory sees to it"),
    })
}
