//! The post that hands mails to a relay by SMTP. One deadline holds for a mail from the look-up of the
//! relay's name to its last answer; connections are used again while they are fresh.

mod line;
mod settings;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use lettre::transport::smtp::{Error, commands::Rset};
use tokio::time::Instant;
use tokio_rustls::rustls::ClientConfig;

use self::line::NoLine;
pub use self::settings::{Security, SmtpSettings};
use super::letter::{Composed, Destination};
use super::mime;
use super::post::{Post, PostError, Sent};
use crate::tls::{RootsError, client_config};

pub struct Smtp {
    settings: SmtpSettings,
    tls: Arc<ClientConfig>,
    idle: Mutex<VecDeque<Kept>>,
}

/// A connection between two mails.
struct Kept {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Smtp {
    /// Connects to nothing yet: the relay may come later.
    pub fn new(settings: SmtpSettings) -> Result<Smtp, RootsError> {
        Ok(Smtp {
            tls: client_config(&settings.roots)?,
            settings,
            idle: Mutex::new(VecDeque::new()),
        })
    }

    /// Greets the relay, with TLS and password as configured, and sends nothing: for `doctor`.
    pub async fn probe(&self) -> Result<(), PostError> {
        let greet = async {
            let mut connection = self.connect().await?;
            // As between two letters: a relay that greets and takes no command is none.
            let reset = connection.command(Rset).await;
            let _ = connection.quit().await;
            judged("RSET", reset).map(|_| ())
        };
        let greeted = tokio::time::timeout(self.settings.deadline, greet).await;
        greeted.unwrap_or(Err(PostError::TimedOut))
    }

    async fn hand_over(&self, to: &str, from: &str, mail: &[u8]) -> Result<Sent, PostError> {
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let outcome = converse(&mut connection, (from, to), mail).await;
        let again = match &outcome {
            Ok(_) => true,
            // After a refusal the dialogue goes on; after anything else the line is in doubt.
            Err(PostError::Refused(_) | PostError::Later(_)) => connection.command(Rset).await.is_ok(),
            Err(_) => false,
        };
        if again {
            self.keep(connection);
        }
        outcome
    }

    /// A connection of before that still answers.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let kept = self
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_back()?;
            if kept.since.elapsed() > self.settings.idle {
                continue;
            }
            let mut connection = kept.connection;
            if connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        if connection.has_broken() || self.settings.kept == 0 {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push_back(Kept {
            connection,
            since: Instant::now(),
        });
        while idle.len() > self.settings.kept {
            idle.pop_front();
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, PostError> {
        let settings = &self.settings;
        let line = line::open(settings, &self.tls).await.map_err(no_line)?;
        let hello = ClientId::Domain(settings.hello.clone());
        let connection = AsyncSmtpConnection::connect_with_transport(Box::new(line), &hello).await;
        let mut connection = connection.map_err(|error| match error.status() {
            Some(_) => PostError::Later(told("greeting", &error)),
            None => unreachable_relay(&error),
        })?;
        if let Some((user, password)) = &settings.user {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            // A wrong password is the operator's mistake, and no letter's.
            connection
                .auth(&mechanisms, &credentials)
                .await
                .map_err(|error| PostError::Unreachable(told("sign-in", &error)))?;
        }
        Ok(connection)
    }
}

#[async_trait]
impl Post for Smtp {
    async fn send(&self, composed: &Composed) -> Result<Sent, PostError> {
        let Destination::Mail(to) = &composed.to else {
            return Err(PostError::Refused("not a mail".to_owned()));
        };
        let mail = mime::bytes(composed)?;
        let sent = self.hand_over(to.envelope(), composed.from.address.envelope(), &mail);
        // lettre's own time-out ends with the connecting, so this one is around everything.
        let sent = tokio::time::timeout(self.settings.deadline, sent).await;
        sent.unwrap_or(Err(PostError::TimedOut))
    }
}

/// One mail to one recipient (SEC-40), up to the relay's word that it has it.
async fn converse(
    connection: &mut AsyncSmtpConnection,
    (from, to): (&str, &str),
    mail: &[u8],
) -> Result<Sent, PostError> {
    let address = |text: &str| {
        let parsed = text.parse();
        parsed.map_err(|_| PostError::Refused("an address is not one".to_owned()))
    };
    let from = Mail::new(Some(address(from)?), Vec::new());
    judged("MAIL FROM", connection.command(from).await)?;
    let to = Rcpt::new(address(to)?, Vec::new());
    judged("RCPT TO", connection.command(to).await)?;
    judged("DATA", connection.command(Data).await)?;
    let answer = judged("mail", connection.message(mail).await)?;
    Ok(Sent {
        receipt: answer.first_line().map(printable),
    })
}

fn judged(step: &'static str, answer: Result<Response, Error>) -> Result<Response, PostError> {
    answer.map_err(|error| match () {
        () if error.is_permanent() && of_the_operator(step, &error) => PostError::Later(told(step, &error)),
        () if error.is_permanent() => PostError::Refused(told(step, &error)),
        () if error.is_transient() => PostError::Later(told(step, &error)),
        () => unreachable_relay(&error),
    })
}

/// Whether the refusal is about this server and no letter: its sender, its right to send through the
/// relay (RFC 3463 §3.8, RFC 4954 §6). The operator mends that, and the letters of meanwhile are not lost.
fn of_the_operator(step: &str, error: &Error) -> bool {
    let code = error.status().map(u16::from);
    let policy = || told(step, error).contains(" 5.7.");
    matches!(code, Some(530 | 535 | 538)) || step == "MAIL FROM" || (step == "RCPT TO" && policy())
}

/// The step and the status codes; the rest of an answer often repeats the address.
fn told(step: &str, error: &Error) -> String {
    let Some(code) = error.status() else {
        return format!("{step}: no usable answer");
    };
    let source = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    let enhanced = source.split_whitespace().next().filter(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok())
    });
    match enhanced {
        Some(enhanced) => format!("{step}: {code} {enhanced}"),
        None => format!("{step}: {code}"),
    }
}

fn unreachable_relay(error: &Error) -> PostError {
    let source = std::error::Error::source(error);
    let kind = source.and_then(|source| source.downcast_ref::<std::io::Error>());
    PostError::Unreachable(
        kind.map_or_else(|| "no usable answer".to_owned(), |error| error.kind().to_string()),
    )
}

fn no_line(no: NoLine) -> PostError {
    match no {
        NoLine::Io(error) => PostError::Unreachable(error.kind().to_string()),
        NoLine::Tls(error) => PostError::Unreachable(format!("TLS: {error}")),
        NoLine::NoStartTls => PostError::Unreachable("the relay offers no STARTTLS".to_owned()),
        NoLine::Refused(code) => PostError::Later(format!("greeting: {code}")),
    }
}

/// At most 100 printable characters of what a relay says.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_graphic() || *c == ' ')
        .take(100)
        .collect()
}
