//! Lines 9, 13 and 15: what the ticket store knows of the account: tries that wait, links that live, letters
//! on their way, open sessions. Where the store cannot be asked, the other lines are told all the same.

use std::sync::Arc;

use super::report::{Line, Topic};
use crate::base::clock::{Clock, Timestamp};
use crate::base::entropy::OsEntropy;
use crate::base::keys::KeyRing;
use crate::base::names::{AccountId, RealmId, Username};
use crate::cli::assemble::store::{self, Store};
use crate::config::TicketsSettings;
use crate::directory::Person;
use crate::flows::account::{Happened, remembered};
use crate::flows::recovery::RecoverySettings;
use crate::guard::{Counted, SignInGuard, ThrottleSettings, Visitor};
use crate::messages::Destination;
use crate::messages::outbox::QueuedOutbox;
use crate::tickets::{Channel, Connection, Lane, Looked, Opened, ResetTicket, StoreError};

/// Letters that are looked through.
const MOST_LETTERS: usize = 2000;

/// Sessions that are told each by itself.
const SESSIONS_TOLD: usize = 10;

/// The store, opened as the server does, and its keys.
pub struct Kept {
    store: Store,
    keys: KeyRing,
    guard: SignInGuard,
    clock: Arc<dyn Clock>,
}

/// By what failures are counted.
pub struct Counter<'a> {
    pub realm: &'a RealmId,
    pub login: &'a Username,
    /// Of the directory.
    pub lock: Option<u32>,
}

impl Kept {
    /// An error says why nobody can be asked, and what to do.
    pub fn open(
        tickets: TicketsSettings,
        keys: Option<KeyRing>,
        throttle: ThrottleSettings,
        clock: &Arc<dyn Clock>,
    ) -> Result<Kept, (String, &'static str)> {
        if matches!(tickets, TicketsSettings::Memory) {
            return Err((
                "the ticket store is the memory of the server that runs: nothing of it is seen from here"
                    .to_owned(),
                "[tickets] url with redis:// or embedded:",
            ));
        }
        let Some(keys) = keys else {
            return Err((
                "there are no keys to read the ticket store with".to_owned(),
                "[keys] files",
            ));
        };
        let store = store::store(tickets, &keys, clock, &Arc::default()).map_err(|error| {
            let advice = "with the embedded store only one process can be at it: stop the server for this, or use Redis";
            (format!("{error:#}"), advice)
        })?;
        let guard = SignInGuard::new(
            store.throttle.clone(),
            keys.clone(),
            Arc::new(OsEntropy),
            throttle,
        );
        Ok(Kept {
            store,
            keys,
            guard,
            clock: clock.clone(),
        })
    }

    pub async fn happened(&self, account: &AccountId) -> Result<Vec<Happened>, StoreError> {
        remembered(self.store.marks.as_ref(), &self.keys, account).await
    }

    /// Line 9.
    pub async fn throttle(
        &self,
        about: &str,
        counter: &Counter<'_>,
        account: Option<&AccountId>,
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some(account) = account {
            match self.store.marks.is_closed(account).await {
                Ok(true) => lines.push(Topic::Throttle.fail(
                    "DISOWNED",
                    about,
                    "its person said that a new password was somebody else's: the account is closed here",
                    "make sure who they are; then mereau recovery unlock",
                )),
                Ok(false) => {}
                Err(error) => return vec![down(Topic::Throttle, about, &error)],
            }
        }
        let visitor = Visitor {
            realm: counter.realm,
            name: counter.login,
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            device: None,
            directory_lock: counter.lock,
        };
        let standing = match self.guard.standing(&visitor, account).await {
            Ok(standing) => standing,
            Err(error) => return vec![down(Topic::Throttle, about, &error)],
        };
        let mut counted = Vec::new();
        for one in standing {
            let of = match one.of {
                Counted::Name => "this login",
                Counted::Account => "the account",
            };
            match (one.wait, one.failures) {
                (Some(wait), _) => {
                    let fact = format!(
                        "tries of {of} wait {} s more: too many wrong passwords",
                        wait.as_secs() + 1
                    );
                    let advice = "wait, nothing is to be lifted; a browser in which they signed in before is not held up";
                    lines.push(Topic::Throttle.fail("LOCK_OURS", about, fact, advice));
                }
                (None, Some(failures)) => counted.push(format!("{failures} of {of}")),
                (None, None) => counted.push(format!("others of {of} are under way")),
            }
        }
        if !counted.is_empty() {
            lines.push(Topic::Throttle.ok(about, format!("failures that count now: {}", counted.join(", "))));
        }
        lines
    }

    /// Line 13.
    pub async fn links(
        &self,
        about: &str,
        account: &AccountId,
        person: &Person,
        recovery: Option<&RecoverySettings>,
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        match self.tickets(account).await {
            Ok(tickets) if tickets.is_empty() => {
                lines.push(Topic::Links.ok(about, "no link or code that works"))
            }
            Ok(tickets) => lines.extend(
                tickets
                    .iter()
                    .map(|ticket| Topic::Links.ok(about, told_ticket(ticket, self.clock.now()))),
            ),
            Err(error) => return vec![down(Topic::Links, about, &error)],
        }
        match self.letters(person, recovery).await {
            Ok(lines_of_letters) => lines.extend(lines_of_letters.into_iter().map(|(late, fact)| match late {
                true => Topic::Links.warn(about, fact, "the log tells why it does not leave: event=letter_delayed, letter_refused; mereau doctor tries the relay"),
                false => Topic::Links.ok(about, fact),
            })),
            Err(error) => lines.push(down(Topic::Links, about, &error)),
        }
        lines
    }

    async fn tickets(&self, account: &AccountId) -> Result<Vec<ResetTicket>, StoreError> {
        let mut live = Vec::new();
        for chance in self.store.resets.codes(account).await? {
            if let Looked::Live(ticket) = self.store.resets.look(&chance.token).await? {
                live.push(*ticket);
            }
        }
        Ok(live)
    }

    /// Letters to one of the person's addresses, and whether each is late; and how the queues stand.
    async fn letters(
        &self,
        person: &Person,
        recovery: Option<&RecoverySettings>,
    ) -> Result<Vec<(bool, String)>, StoreError> {
        let outbox = QueuedOutbox::new(
            self.store.requests.clone(),
            self.keys.clone(),
            Arc::new(OsEntropy),
        );
        let now = self.clock.now();
        let mut told = Vec::new();
        for (to, written) in outbox.waiting(MOST_LETTERS).await? {
            let address = match &to {
                Destination::Mail(address) => address.as_stored().to_owned(),
                Destination::Sms(number) => number.international().to_owned(),
            };
            if is_of(person, recovery, &address) {
                let minutes = now.since(written).as_secs() / 60;
                told.push((
                    minutes >= 5,
                    format!(
                        "a letter to {} waits since {}, {minutes} min",
                        masked(&to),
                        written.to_rfc3339()
                    ),
                ));
            }
        }
        let lag = self.store.requests.lag(Lane::Recovery).await?;
        if lag.as_secs() >= 60 {
            told.push((
                true,
                format!("requests for links are {} min behind", lag.as_secs() / 60),
            ));
        }
        if told.is_empty() {
            told.push((false, "no letter of theirs waits".to_owned()));
        }
        Ok(told)
    }

    /// Line 15.
    pub async fn sessions(&self, about: &str, account: &AccountId) -> Vec<Line> {
        let connections = match self.store.tickets.connections(account).await {
            Ok(connections) => connections,
            Err(error) => return vec![down(Topic::Sessions, about, &error)],
        };
        let count = connections.listed.len();
        if count == 0 && !connections.perhaps_more {
            return vec![Topic::Sessions.ok(about, "no open session")];
        }
        let mut lines: Vec<Line> = connections
            .listed
            .iter()
            .take(SESSIONS_TOLD)
            .map(|one| Topic::Sessions.ok(about, told_session(one)))
            .collect();
        if count > SESSIONS_TOLD {
            lines.push(Topic::Sessions.ok(about, format!("and {} more sessions", count - SESSIONS_TOLD)));
        }
        if connections.perhaps_more {
            lines.push(Topic::Sessions.ok(about, "perhaps others that are too many to be listed"));
        }
        lines
    }
}

fn masked(to: &Destination) -> String {
    match to {
        Destination::Mail(address) => address.masked(),
        Destination::Sms(number) => number.masked(),
    }
}

fn is_of(person: &Person, recovery: Option<&RecoverySettings>, address: &str) -> bool {
    let listed = recovery.iter().flat_map(|recovery| &recovery.addresses);
    let names = listed.map(|one| one.attribute.as_str()).chain(["mail"]);
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let mut texts = names.flat_map(|name| person.attributes.texts(name));
    texts.any(|text| {
        let number = digits(text);
        // 06… and +336… end alike.
        let by_phone = address.starts_with('+')
            && number.len() >= 9
            && digits(address).ends_with(number.trim_start_matches('0'));
        text.trim().eq_ignore_ascii_case(address) || by_phone
    })
}

fn told_ticket(ticket: &ResetTicket, now: Timestamp) -> String {
    let way = match ticket.channel {
        Channel::Mail => "by mail",
        Channel::Sms => "by text message",
        Channel::Agent => "by an agent",
    };
    let minutes = ticket.expires_at.since(now).as_secs() / 60;
    format!(
        "a link or code {way} to {}, since {}, works until {}, {minutes} min",
        ticket.destination_mask,
        ticket.issued_at.to_rfc3339(),
        ticket.expires_at.to_rfc3339()
    )
}

fn told_session(one: &Connection) -> String {
    let session = &one.view.session;
    let by = match &session.opened {
        Opened::ByPassword => "by password",
        Opened::ByUpstream(_) => "by another server's word",
        Opened::ByRest(_) => "by a program",
        Opened::ByHeader => "by a proxy's word",
    };
    let remembered = if session.remembered {
        ", kept signed in"
    } else {
        ""
    };
    let visited = match one.visited().as_slice() {
        [] => "no application".to_owned(),
        services => services.join(", "),
    };
    format!(
        "open since {} {by} for {}{remembered}, used {}, until {} at the latest; visited {visited}",
        session.signed_in_at.to_rfc3339(),
        session.institution,
        one.view.last_used.to_rfc3339(),
        session.hard_expiry.to_rfc3339()
    )
}

/// What is told instead of a line that only the store knows.
pub fn down(topic: Topic, about: &str, error: &dyn std::fmt::Display) -> Line {
    let advice = "mereau doctor tells more; the server itself lets nobody in without its store";
    topic
        .warn(about, format!("the ticket store does not tell: {error}"), advice)
        .because("STORE_DOWN")
}
