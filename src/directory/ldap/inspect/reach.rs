//! From the address to the first answer: TCP, TLS, certificate, service account. Each step that fails is
//! named with its evidence, and ends the look at this server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ldap3::LdapResult;
use tokio::time::timeout;

use super::super::answers::bound;
use super::super::barrier::{Barrier, BarrierKind};
use super::super::fault::Fault;
use super::super::server::Server;
use super::super::server_url::is_loopback;
use super::super::settings::{LdapSettings, ServiceAccount};
use super::super::writer::ROOTS;
use super::codes;
use super::eyes::Eyes;
use super::root::{Product, Root};
use crate::base::clock::{Timestamp, millis};
use crate::base::findings::{Code, Finding};
use crate::directory::{BindRefusal, Bound, DirectoryError, PasswordNotice};
use crate::tls;

/// A certificate or a password that ends sooner than this is worth a word.
const SOON: Duration = Duration::from_secs(30 * 24 * 3600);

/// An answer slower than this makes people wait, in milliseconds.
const SLOW: u64 = 1000;

const DAY: u64 = 24 * 3600;

/// A server that let us in.
pub struct Reached {
    pub eyes: Eyes,
    pub root: Root,
}

/// Goes as far as it can, and tells each step.
pub async fn reach(
    server: &Arc<Server>,
    settings: &LdapSettings,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) -> Option<Reached> {
    let url = server.url.to_string();
    let limit = settings.limits.operation;
    let asked = Instant::now();
    let opened = timeout(limit.max(settings.limits.connect * 2), server.open()).await;
    let connection = match opened.unwrap_or(Err(Fault::TimedOut)) {
        Ok(connection) => Arc::new(connection),
        Err(fault) => {
            findings.push(broken(&url, fault, limit));
            return None;
        }
    };
    let reached = format!("reached in {} ms", millis(asked.elapsed()));
    match &connection.tls {
        Some(facts) => {
            let fact = format!("{reached}, {}, host name checked", facts.version);
            findings.push(Finding::of(&codes::DIR_REACHED, &url, fact, ""));
            let end = tls::expires(&facts.certificate);
            findings.extend(end.map(|end| certificate(&url, end, now)));
        }
        None if is_loopback(&server.url.host) => {
            let fact = format!("{reached}, in clear on this machine");
            findings.push(Finding::of(&codes::DIR_REACHED, &url, fact, ""));
        }
        None => findings.push(Finding::of(
            &codes::DIR_IN_CLEAR,
            &url,
            format!("{reached}, in clear"),
            "ldaps://, or starttls = true; in clear only on this machine",
        )),
    }
    let eyes = Eyes {
        url,
        connection,
        limit,
    };
    match let_in(&eyes, settings.account.as_ref(), findings).await {
        Ok(root) => root.map(|root| Reached { eyes, root }),
        Err(fault) => {
            findings.push(broken(&eyes.url, fault, limit));
            None
        }
    }
}

/// The account, and the first search.
async fn let_in(
    eyes: &Eyes,
    account: Option<&ServiceAccount>,
    findings: &mut Vec<Finding>,
) -> Result<Option<Root>, Fault> {
    let mut notice = None;
    if let Some(account) = account {
        let answer = eyes.bind(account).await?;
        match bound(&answer)? {
            Bound::Accepted(told) => notice = told,
            refused => {
                findings.push(refused_account(&eyes.url, account, &refused, &answer));
                return Ok(None);
            }
        }
    }
    let asked = Instant::now();
    let root = Root::read(eyes).await?;
    let spent = millis(asked.elapsed());
    let Some(root) = root else {
        let fact = "the service account is let in, and may not even read the root entry";
        let mend = "let it read the root entry (RFC 4512 §5.1), or check bind_dn";
        findings.push(Finding::of(&codes::DIR_RIGHTS, &eyes.url, fact, mend));
        return Ok(None);
    };
    let vendor = root.vendor.as_deref().unwrap_or("of unknown make");
    let fact = format!("service account accepted; server {vendor}");
    findings.push(Finding::of(&codes::DIR_ACCOUNT, &eyes.url, fact, ""));
    if let Some(account) = account {
        findings.extend(notice.and_then(|notice| noticed(&eyes.url, account, notice)));
        findings.extend(is_root(&root, account).then(|| over_all(&eyes.url, account)));
    }
    findings.push(speed(&eyes.url, spent));
    Ok(Some(root))
}

fn speed(url: &str, spent: u64) -> Finding {
    let fact = format!("answers a search in {spent} ms");
    match spent > SLOW {
        true => Finding::of(
            &codes::DIR_SLOW,
            url,
            fact,
            "look at the server's load, indexes and network",
        ),
        false => Finding::of(&codes::DIR_ANSWERS, url, fact, ""),
    }
}

fn certificate(about: &str, end: Timestamp, now: Timestamp) -> Finding {
    let left = end.since(now);
    let fact = format!("certificate until {}, {} days", day(end), left.as_secs() / DAY);
    match left < SOON {
        true => Finding::of(
            &codes::DIR_CERT_SOON,
            about,
            fact,
            "renew it now: after that day nobody signs in",
        ),
        false => Finding::of(&codes::DIR_CERT, about, fact, ""),
    }
}

fn day(moment: Timestamp) -> String {
    let text = moment.to_rfc3339();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// A look that broke off.
pub fn broken(url: &str, fault: Fault, limit: Duration) -> Finding {
    match fault {
        Fault::Connect(barrier) => barred(url, &barrier),
        Fault::Violation(violation) => Finding::of(
            &codes::DIR_UNREADABLE,
            url,
            format!("what it sends is not read: {violation}"),
            "is this the LDAP port? check urls; look at the server's log",
        ),
        Fault::Final(DirectoryError::Answered { code: 10, text, .. }) => Finding::of(
            &codes::DIR_REFERRAL,
            url,
            format!("the server answers with {text}"),
            "write the server that holds the branch in urls; this one sends even binds elsewhere",
        ),
        Fault::TimedOut => Finding::of(
            &codes::DIR_NO_ANSWER,
            url,
            format!("no answer within {} ms", millis(limit)),
            "look at the server's load and log; an index on each login attribute helps; op_timeout",
        ),
        fault => Finding::of(
            &codes::DIR_NO_ANSWER,
            url,
            fault.into_error("look", millis(limit), url).to_string(),
            "check the rights of bind_dn, base_dns and user_filter; try ldapsearch with them; look at the server's log",
        ),
    }
}

fn barred(url: &str, barrier: &Barrier) -> Finding {
    let text = &barrier.text;
    let of = |code: &Code, fact: String, mend: &str| Finding::of(code, url, fact, mend);
    match &barrier.kind {
        BarrierKind::Name => of(
            &codes::DIR_NAME_UNKNOWN,
            text.clone(),
            "check host in urls, and the name service of this machine",
        ),
        BarrierKind::Closed => of(
            &codes::DIR_PORT_CLOSED,
            format!("nobody listens on that port ({text})"),
            "check host, port, firewall: start the directory, or mend the port in urls (ldap 389, ldaps 636)",
        ),
        BarrierKind::NoWay | BarrierKind::Account | BarrierKind::Here => of(
            &codes::DIR_UNREACHABLE,
            text.clone(),
            "check host, port, firewall, and the routes of this machine",
        ),
        BarrierKind::Silent => of(
            &codes::DIR_SILENT,
            format!("it does not answer at all ({text})"),
            "check host, port, firewall: something drops what is sent, or the machine is off",
        ),
        BarrierKind::Tls => of(
            &codes::DIR_TLS_REFUSED,
            text.clone(),
            "is this a TLS port? ldaps is 636; with starttls = true write ldap://; the server must speak TLS 1.2 or 1.3",
        ),
        BarrierKind::StartTls => of(
            &codes::DIR_STARTTLS_REFUSED,
            text.clone(),
            "give the server a certificate, or write ldaps:// in urls",
        ),
        _ => badly_certified(url, barrier),
    }
}

fn badly_certified(url: &str, barrier: &Barrier) -> Finding {
    let text = &barrier.text;
    let of = |code: &Code, fact: String, mend: &str| Finding::of(code, url, fact, mend);
    match &barrier.kind {
        BarrierKind::OtherName(names) => of(
            &codes::DIR_CERT_NAME,
            match names.is_empty() {
                true => "its certificate is not for this name".to_owned(),
                false => format!("its certificate is for {}, not for this name", names.join(", ")),
            },
            "write one of its names in urls, or give the server a certificate with this name (subjectAltName)",
        ),
        BarrierKind::Expired(end) => of(
            &codes::DIR_CERT_EXPIRED,
            match end {
                Some(end) => format!("its certificate ended on {}", day(*end)),
                None => format!("its certificate has ended ({text})"),
            },
            "renew the certificate of the server: until then nobody signs in",
        ),
        BarrierKind::NotYet => of(
            &codes::DIR_CERT_NOT_YET,
            text.clone(),
            "check the clocks of both machines",
        ),
        BarrierKind::Stranger => of(
            &codes::DIR_CERT_STRANGER,
            "its certificate comes from an authority that is not trusted here".to_owned(),
            "ca_file = the PEM file of that authority; the server must send its intermediate certificates too",
        ),
        _ => of(
            &codes::DIR_CERT_BAD,
            text.clone(),
            "give the server another certificate",
        ),
    }
}

fn refused_account(url: &str, account: &ServiceAccount, refused: &Bound, answer: &LdapResult) -> Finding {
    let evidence = match answer.text.trim() {
        "" => format!("({})", answer.rc),
        text => format!("({} {text})", answer.rc),
    };
    let dn = &account.dn;
    let (code, fact, mend) = match refused {
        Bound::Refused(BindRefusal::Locked) => (
            &codes::DIR_ACCOUNT_LOCKED,
            format!("the service account {dn} is locked {evidence}"),
            "unlock it in the directory, and exempt it from the lock by a policy of its own: anybody could lock it again",
        ),
        Bound::Refused(BindRefusal::Expired) => (
            &codes::DIR_ACCOUNT_EXPIRED,
            format!("the password of the service account {dn} has ended {evidence}"),
            "set a new one, write it to bind_password_file, and give the account a policy without an end",
        ),
        Bound::Refused(BindRefusal::MustChange) => (
            &codes::DIR_ACCOUNT_MUST_CHANGE,
            format!("the service account {dn} must choose another password first {evidence}"),
            "change it once as that account (ldappasswd), write it to bind_password_file",
        ),
        Bound::Refused(BindRefusal::Disabled) => (
            &codes::DIR_ACCOUNT_DISABLED,
            format!("the service account {dn} is disabled or past its end {evidence}"),
            "enable it in the directory",
        ),
        _ => (
            &codes::DIR_ACCOUNT_REFUSED,
            format!("the service account {dn} is refused {evidence}"),
            "check bind_dn and its password; try ldapwhoami with them; some servers do not say that an account is locked",
        ),
    };
    Finding::of(code, url, fact, mend)
}

fn noticed(url: &str, account: &ServiceAccount, notice: PasswordNotice) -> Option<Finding> {
    let dn = &account.dn;
    let (code, fact) = match notice {
        PasswordNotice::MustChange => (
            &codes::DIR_ACCOUNT_MUST_CHANGE,
            format!("the service account {dn} must choose another password first"),
        ),
        PasswordNotice::ExpiresInSeconds(left) if u64::from(left) > SOON.as_secs() => return None,
        PasswordNotice::ExpiresInSeconds(left) => (
            &codes::DIR_ACCOUNT_EXPIRES,
            format!("the password of {dn} ends in {} days", u64::from(left) / DAY),
        ),
        PasswordNotice::GraceLoginsLeft(left) => (
            &codes::DIR_ACCOUNT_EXPIRES,
            format!("the password of {dn} has ended; {left} more binds are granted"),
        ),
    };
    let mend = "set a new one, write it to bind_password_file, and give the account a policy without an end";
    Some(Finding::of(code, url, fact, mend))
}

fn is_root(root: &Root, account: &ServiceAccount) -> bool {
    let dn = account.dn.to_ascii_lowercase();
    // Right below a branch, as rootdn usually is; deeper it may be anybody.
    let top = root.product == Product::Ds389
        || root.contexts.iter().any(|context| {
            dn.split_once(',')
                .is_some_and(|(_, above)| super::dn::same(above, context))
        });
    let administrator = root.product == Product::ActiveDirectory && dn.starts_with("cn=administrator,");
    administrator || top && ROOTS.iter().any(|name| dn.starts_with(name))
}

fn over_all(url: &str, account: &ServiceAccount) -> Finding {
    Finding::of(
        &codes::DIR_ACCOUNT_ROOT,
        url,
        format!(
            "{} looks like the root of the directory, whom no rule binds",
            account.dn
        ),
        "an account of its own that may read people, and nothing else",
    )
}
