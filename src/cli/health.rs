//! `mereau health`: one question to the server of this machine, one line, exit code 0 or 1. It looks at
//! nothing behind that server; `mereau doctor` does.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use url::Url;

use super::arguments::HealthArguments;
use super::print::Screen;
use super::{Outcome, check, serve};
use crate::config::{self, AdminSettings, Reach};
use crate::http::admin::AdminAccess;
use crate::outgoing::{Probe, probe};

/// Shorter than the patience of those who ask every half minute.
const PATIENCE: Duration = Duration::from_secs(5);

pub fn health(arguments: &HealthArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let question = match &arguments.url {
        Some(url) => Some(Question::of(url.clone())),
        None => configured(&arguments.from.config, arguments.ready, screen)?,
    };
    let Some(question) = question else {
        return Ok(Outcome::Bad);
    };
    let url = question.url.clone();
    let answer = serve::runtime()?.block_on(probe(Probe {
        url: &question.url,
        address: question.address,
        announced: question.announced,
        headers: Vec::new(),
        certificate: question.certificate,
        patience: PATIENCE,
    }));
    match answer {
        Ok((status, _)) if status.is_success() || status.is_redirection() => {
            screen.print(&format!("healthy: {url} answers {}", status.as_u16()));
            Ok(Outcome::Good)
        }
        Ok((status, body)) => {
            let reason = reason(&body);
            screen.complain(&format!("unhealthy: {url} answers {}{reason}", status.as_u16()));
            Ok(Outcome::Bad)
        }
        Err(error) => {
            let error = anyhow::Error::from(error);
            screen.complain(&format!(
                "unhealthy: {url}: {error:#}; is the server started, and is this its address?"
            ));
            Ok(Outcome::Bad)
        }
    }
}

/// What is asked, and where.
struct Question {
    url: Url,
    /// `None`: where the name of the URL leads.
    address: Option<SocketAddr>,
    announced: bool,
    certificate: Option<PathBuf>,
}

impl Question {
    fn of(url: Url) -> Question {
        Question {
            url,
            address: None,
            announced: false,
            certificate: None,
        }
    }
}

/// The question for the server of the configuration at `path`; `None` once its problems are told.
fn configured(path: &Path, ready: bool, screen: &mut Screen) -> anyhow::Result<Option<Question>> {
    let reach = match config::reach(path, &super::environment) {
        Ok(reach) => reach,
        Err(problems) => {
            check::tell(&problems, screen);
            return Ok(None);
        }
    };
    match reach.admin {
        Some(admin) => administered(&admin, if ready { "readyz" } else { "livez" }).map(Some),
        None if ready => {
            screen.complain(
                "unhealthy: cannot tell whether it is ready without an admin address; write [admin] listen",
            );
            Ok(None)
        }
        None => public(reach).map(Some),
    }
}

/// A page of the admin address of this machine that is shown to who has its token.
pub async fn page(admin: &AdminSettings, path: &str) -> anyhow::Result<String> {
    let Question { url, address, .. } = administered(admin, path)?;
    let headers = token(&admin.access)?.into_iter();
    let asked = probe(Probe {
        url: &url,
        address,
        announced: false,
        headers: headers.map(|token| (AUTHORIZATION, token)).collect(),
        certificate: None,
        patience: PATIENCE,
    });
    let (status, body) = asked.await?;
    if !status.is_success() {
        anyhow::bail!("{url} answers {}{}", status.as_u16(), reason(&body));
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// The whole of `Authorization`.
fn token(access: &AdminAccess) -> anyhow::Result<Option<HeaderValue>> {
    let AdminAccess::Token(token) = access else {
        return Ok(None);
    };
    let mut shown = HeaderValue::try_from(format!("Bearer {}", token.expose()))
        .context("the token of the admin address does not fit into a header")?;
    shown.set_sensitive(true);
    Ok(Some(shown))
}

/// Without the token, which `livez` and `readyz` do not need: when the server is away, whoever took its port
/// would get it every half minute.
fn administered(admin: &AdminSettings, path: &str) -> anyhow::Result<Question> {
    let address = here(admin.listen);
    Ok(Question::of(format!("http://{address}/{path}").parse()?))
}

/// The sign-in page, asked under the name that people know, at the address of this machine.
fn public(reach: Reach) -> anyhow::Result<Question> {
    let mut url: Url = format!("{}/login", reach.public_url).parse()?;
    let scheme = if reach.certificate.is_some() {
        "https"
    } else {
        "http"
    };
    // Behind a proxy the name has https and this server has not.
    if url.set_scheme(scheme).is_err() {
        anyhow::bail!("{url} cannot be asked");
    }
    Ok(Question {
        address: Some(here(reach.listen)),
        announced: reach.announced,
        certificate: reach.certificate,
        ..Question::of(url)
    })
}

/// Where an address that stands for all of this machine's is reached from here.
fn here(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// The first line of a plain answer, for a line of ours.
fn reason(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().next().unwrap_or_default().trim();
    let plain = !line.is_empty() && !line.starts_with('<');
    let line: String = line.chars().filter(|c| !c.is_control()).take(200).collect();
    if plain { format!(": {line}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_all_interfaces_is_asked_on_loopback() {
        let asked = |listen: &str| here(listen.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:443"), "127.0.0.1:443");
        assert_eq!(asked("[::]:443"), "[::1]:443");
        assert_eq!(asked("192.0.2.7:8080"), "192.0.2.7:8080");
    }

    #[test]
    fn a_reason_is_one_plain_line_and_no_page() {
        assert_eq!(reason(b"store: no answer\nmore"), ": store: no answer");
        assert_eq!(reason(b"<!doctype html>"), "");
        assert_eq!(reason(b"a\x1b[31mb"), ": a[31mb");
        assert_eq!(reason(b""), "");
    }
}
