//! Looks at what getting back in stands on, for `doctor`: a relay that takes letters, people's addresses,
//! a directory that can be written. Sends nothing and changes nothing.

use std::path::Path;
use std::time::Instant;

use futures_util::future::join;

use crate::base::clock::millis;
use crate::cli::findings::{Finding, codes};
use crate::config::{DirectorySettings, LettersSettings, MailWay, RealmSettings, SmsSettings};
use crate::directory::FenceKind;
use crate::flows::recovery::{Kind, RecoverySettings, Trust};
use crate::messages::gateway::Gateway;
use crate::messages::smtp::{Security, Smtp, SmtpSettings};
use crate::outgoing::{Outgoing, OutgoingSettings};

/// The ways by which letters and text messages leave.
pub async fn ways(settings: &LettersSettings, like: &OutgoingSettings, recovering: bool) -> Vec<Finding> {
    let mail = async {
        match &settings.way {
            Some(MailWay::Smtp(smtp)) => Some(relay(smtp).await),
            Some(MailWay::Folder(folder)) => Some(kept_in(folder)),
            None => recovering.then(|| {
                Finding::of(
                    &codes::MAIL_NONE,
                    "mail",
                    "people can ask for letters, and none leaves: [mail] url is not set",
                    "[mail] url = \"smtp://relay.example:587\" in server.toml",
                )
            }),
        }
    };
    let texts = async {
        match &settings.sms {
            Some(sms) => Some(gateway(sms, like).await),
            None => None,
        }
    };
    let (mail, texts) = join(mail, texts).await;
    mail.into_iter().chain(texts).collect()
}

/// What the realms say of it; `sms` tells whether text messages leave.
pub fn findings(realms: &[RealmSettings], sms: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for realm in realms {
        let about = format!("realm {}", realm.realm.id);
        if let Some(recovery) = &realm.recovery {
            findings.extend(addresses(&about, recovery, sms));
            findings.push(sender(&about, recovery));
            findings.extend(guard(&about, &realm.directory));
        }
    }
    findings
}

/// The relay, up to where a letter would begin.
async fn relay(smtp: &SmtpSettings) -> Finding {
    let about = format!("mail relay {}:{}", smtp.host, smtp.port);
    let post = match Smtp::new(smtp.clone()) {
        Ok(post) => post,
        Err(error) => {
            return Finding::of(
                &codes::MAIL_SETTINGS,
                &about,
                error.to_string(),
                "mend [mail] ca_file",
            );
        }
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
            let fact = format!("greets in {} ms, {way}, {user}", millis(asked.elapsed()));
            Finding::of(&codes::MAIL, &about, fact, "")
        }
        Err(error) => Finding::of(
            &codes::MAIL_UNREACHABLE,
            &about,
            error.to_string(),
            "check host, port, firewall, user and password; for TLS the authority ([mail] ca_file) and the name",
        ),
    }
}

/// The gateway for text messages, up to where a request would begin.
async fn gateway(sms: &SmsSettings, like: &OutgoingSettings) -> Finding {
    let about = format!("text messages by {}", sms.host);
    let mend = "check [sms] url, ca_file, the firewall, and the way out of this machine";
    let asked = Instant::now();
    let reached =
        match Outgoing::new(like.clone()).and_then(|like| like.towards(&sms.host, sms.roots.clone(), 1)) {
            Ok(outgoing) => Gateway::new(sms.gateway.clone(), outgoing)
                .reach()
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
    match reached {
        Ok(()) => {
            let fact = format!(
                "the gateway can be reached ({} ms); nothing was sent",
                millis(asked.elapsed())
            );
            Finding::of(&codes::SMS, &about, fact, "")
        }
        Err(fact) => Finding::of(&codes::SMS_UNREACHABLE, &about, fact, mend),
    }
}

fn kept_in(folder: &Path) -> Finding {
    match std::fs::metadata(folder) {
        Ok(found) if found.is_dir() && !found.permissions().readonly() => Finding::of(
            &codes::MAIL_IN_FOLDER,
            "mail",
            format!("letters are files in {}: nobody gets one", folder.display()),
            "[mail] url = \"smtp://relay.example:587\", unless this is a trial",
        ),
        _ => Finding::of(
            &codes::MAIL_NO_FOLDER,
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
        findings.push(Finding::of(
            &codes::RECOVERY_NO_ADDRESSES,
            about,
            "no link goes anywhere: none of [recovery] addresses is a mailbox that anybody vouches for",
            "an attribute with trust = \"validated\" or \"institution\"",
        ));
    } else {
        let fact = format!("links go to {}", mailboxes.join(", "));
        findings.push(Finding::of(&codes::RECOVERY_ADDRESSES, about, fact, ""));
    }
    if !sms && recovery.addresses.iter().any(|one| one.kind == Kind::Sms) {
        findings.push(Finding::of(
            &codes::SMS_NONE,
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
    let fact = match &sender.letterhead.reply_to {
        Some(reply) => format!("letters come from {from}, answers go to {}", reply.as_stored()),
        None => format!("letters come from {from}, and an answer reaches nobody"),
    };
    Finding::of(&codes::RECOVERY_SENDER, about, fact, "")
}

/// What keeps a link that came back from setting a second password.
fn guard(about: &str, directory: &DirectorySettings) -> Option<Finding> {
    let fence = match directory {
        DirectorySettings::Ldap(settings) => settings.write.as_ref().map(|write| write.fence()),
        DirectorySettings::Ldif { writable, .. } => writable.then_some(FenceKind::Compare),
    };
    Some(match fence {
        None => Finding::of(
            &codes::RECOVERY_READ_ONLY,
            about,
            "[recovery] is of no use: nothing can be written to this directory",
            "[directory.write], or writable = true for a file",
        ),
        // Each server's own lines warn of these.
        Some(FenceKind::None | FenceKind::ReadCompare) => return None,
        Some(_) => {
            let fact = "one link sets one password, and the directory sees to it";
            Finding::of(&codes::RECOVERY_GUARD, about, fact, "")
        }
    })
}
