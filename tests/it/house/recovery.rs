//! What recovery stands on, in process: letters that are kept, humans that are believed, a store and a
//! directory that stop, lie or forget when told so.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::Timestamp;
use mereau::base::names::{AccountId, EmailAddress, Locale, RealmId};
use mereau::base::texts::Texts;
use mereau::directory::Filter;
use mereau::flows::recovery::{
    Elsewhere, HumanCheck, Kind, RecoveryAddress, RecoverySettings, SenderSettings, Stranger, Trust,
};
use mereau::guard::captcha::{Captcha, Challenge, Given, Verdict};
use mereau::jobs::recovery::{Line, take_one};
use mereau::messages::{
    Composed, Content, Destination, Letter, MessageId, Notice, Outbox, OutboxError, Sender, Typesetter,
};
use mereau::pages::Themes;
use mereau::passwords::policy::{Policy, PolicySettings};
use mereau::realms::Letterhead;
use mereau::tickets::{
    AccountMarks, Announced, BudgetKey, BudgetRule, Budgets, Claimed, CodeChance, DeathKind, FarewellId,
    FarewellLine, Farewells, Lane, Listed, Looked, Marks, Mint, Minted, Nodes, PendingKind, PendingToken,
    Queued, QueuedId, Released, Requests, ResetTickets, ResetToken, Spent, StoreError,
};
use tokio::sync::Notify;

use super::House;
use super::faults::FlakyStore;

/// A letter as the outbox was given it.
#[derive(Clone)]
pub struct Kept {
    pub to: String,
    pub from: String,
    pub locale: String,
    pub brand: String,
    pub message_id: String,
    pub notice: Notice,
    pub sender: Sender,
    destination: Destination,
    written: Timestamp,
}

/// Letters that were taken on.
#[derive(Default)]
pub struct Letters {
    pub kept: Mutex<Vec<Kept>>,
    pub down: AtomicBool,
}

#[async_trait]
impl Outbox for Letters {
    async fn take(&self, letter: &Letter<'_>) -> Result<(), OutboxError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(OutboxError::Full);
        }
        let to = match letter.to {
            Destination::Mail(address) => address.envelope().to_owned(),
            Destination::Sms(number) => number.international().to_owned(),
        };
        self.kept.lock().unwrap().push(Kept {
            to,
            from: letter.from.address.as_stored().to_owned(),
            locale: letter.locale.as_str().to_owned(),
            brand: letter.from.brand.clone(),
            message_id: letter.message_id.as_str().to_owned(),
            notice: letter.notice.clone(),
            sender: letter.from.clone(),
            destination: letter.to.clone(),
            written: letter.written,
        });
        Ok(())
    }
}

impl Letters {
    pub fn take(&self) -> Vec<Kept> {
        std::mem::take(&mut *self.kept.lock().unwrap())
    }
}

impl Kept {
    /// The letter in the words of the built-in theme.
    pub fn words(&self) -> Composed {
        static THEMES: OnceLock<Themes> = OnceLock::new();
        let letter = Letter {
            to: &self.destination,
            from: &self.sender,
            locale: &Locale::new(&self.locale).unwrap(),
            notice: &self.notice,
            message_id: &MessageId::of(&[self.message_id.as_bytes()]),
            written: self.written,
        };
        let themes = THEMES.get_or_init(|| Themes::built_in().unwrap());
        themes.compose(&letter).unwrap()
    }

    /// Subject and text of its words.
    pub fn text(&self) -> (String, String) {
        match self.words().content {
            Content::Mail { subject, text, .. } => (subject, text),
            Content::Sms { text } => (String::new(), text),
        }
    }

    /// Login, link and code of each block.
    pub fn links(&self) -> Vec<(String, String, String)> {
        match &self.notice {
            Notice::ResetLinks { accounts, .. } => accounts
                .iter()
                .map(|block| {
                    (
                        block.login.clone(),
                        block.link.expose().to_owned(),
                        block.code.expose().to_owned(),
                    )
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Believes whoever answers `human`, once for each challenge.
#[derive(Default)]
pub struct Humans {
    pub asked: AtomicBool,
    made: AtomicUsize,
    spent: Mutex<BTreeSet<String>>,
}

#[async_trait]
impl HumanCheck for Humans {
    async fn fresh(&self, _: &Captcha, who: &Stranger<'_>) -> Result<Option<Challenge>, StoreError> {
        if !who.only_people && !self.asked.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let id = format!("challenge-{:06}", self.made.fetch_add(1, Ordering::SeqCst));
        Ok(Some(Challenge { id, work: None }))
    }

    async fn judge(&self, _: &Captcha, who: &Stranger<'_>, given: Given<'_>) -> Result<Verdict, StoreError> {
        if !who.only_people && !self.asked.load(Ordering::SeqCst) {
            return Ok(Verdict::Right);
        }
        let fresh = self.spent.lock().unwrap().insert(given.id.to_owned());
        Ok(match given.typed {
            _ if !fresh || !given.id.starts_with("challenge-") => Verdict::Gone,
            "human" => Verdict::Right,
            _ => Verdict::Wrong,
        })
    }
}

/// A call at which a process can die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Claim,
    Read,
    Write,
    Spend,
    EndAll,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Before,
    After,
}

/// Stops whoever comes by, for good: as good as a killed process.
#[derive(Default)]
pub struct Halt {
    at: Mutex<Option<(Call, When)>>,
    pub reached: Notify,
}

impl Halt {
    pub fn set(&self, call: Call, when: When) {
        *self.at.lock().unwrap() = Some((call, when));
    }

    pub async fn pass(&self, call: Call, when: When) {
        if !self.is_here(call, when) {
            return;
        }
        self.reached.notify_one();
        std::future::pending::<()>().await;
    }
}

impl Halt {
    /// One process dies, not those that come after it.
    fn is_here(&self, call: Call, when: When) -> bool {
        let mut at = self.at.lock().unwrap();
        let here = *at == Some((call, when));
        if here {
            *at = None;
        }
        here
    }
}

/// An attribute of people.ldif as a mailbox.
pub fn mailbox(attribute: &str, trust: Trust) -> RecoveryAddress {
    RecoveryAddress {
        attribute: attribute.to_owned(),
        trust,
        kind: Kind::Mail,
    }
}

/// The same rules for each realm.
pub fn policies(realms: &[&str], settings: &PolicySettings) -> HashMap<RealmId, Arc<Policy>> {
    let rules = Arc::new(Policy {
        settings: settings.clone(),
        ..Policy::default()
    });
    let each = realms.iter().map(|id| (RealmId::new(id).unwrap(), rules.clone()));
    each.collect()
}

/// Recovery as the campus has it.
pub fn usual_recovery() -> RecoverySettings {
    let sender = SenderSettings {
        address: EmailAddress::stored("ne-pas-repondre@campus.example").unwrap(),
        letterhead: Letterhead {
            name: Some(Texts::same("Campus – comptes")),
            brand: Some(Texts::same("Campus")),
            ..Letterhead::default()
        },
    };
    let mut settings = RecoverySettings::new(vec![mailbox("mail", Trust::Validated)], sender);
    let filter = |text: &str| Some(Filter::parse(text).unwrap());
    settings.eligible.protected = filter("(employeeType=admin)");
    settings.eligible.second_factor = filter("(employeeType=otp)");
    settings.eligible.temporary = filter("(employeeType=temporary)");
    settings.eligible.federated = filter("(employeeType=federated)");
    settings.eligible.federated_at = vec![Elsewhere {
        name: Texts::same("ÉduConnect"),
        url: "https://educonnect.example/".to_owned(),
    }];
    // What is not about limits meets none.
    settings.network.an_hour = 200;
    settings.activation = Some("https://activer.campus.example/".to_owned());
    settings
}

impl House {
    /// Works on every request that is due.
    pub async fn work(&self) -> usize {
        let mut worked = 0;
        let line = Line::default();
        let catalogue = self.app.catalogue();
        while let Some(_done) = take_one(&self.app.ports, &catalogue, "test", &line)
            .await
            .unwrap()
        {
            worked += 1;
            assert!(worked < 1000, "a request comes back at once");
        }
        worked
    }
}

#[async_trait]
impl ResetTickets for FlakyStore {
    async fn mint(&self, mint: &Mint<'_>) -> Result<Minted, StoreError> {
        self.up()?.mint(mint).await
    }

    async fn look(&self, token: &ResetToken) -> Result<Looked, StoreError> {
        self.up()?.look(token).await
    }

    async fn codes(&self, account: &AccountId) -> Result<Vec<CodeChance>, StoreError> {
        self.up()?.codes(account).await
    }

    async fn try_code(&self, account: &AccountId, attempt: &[u8; 16]) -> Result<Vec<CodeChance>, StoreError> {
        self.up()?.try_code(account, attempt).await
    }

    async fn claim(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Claimed, StoreError> {
        self.halt.pass(Call::Claim, When::Before).await;
        let claimed = if self.forgets.load(Ordering::SeqCst) {
            match self.up()?.look(token).await? {
                Looked::Live(ticket) => Claimed::Yes(ticket),
                Looked::Claimed => Claimed::Busy,
                Looked::Dead(death) => Claimed::Dead(death),
                Looked::Unknown => Claimed::Unknown,
            }
        } else {
            self.up()?.claim(token, attempt).await?
        };
        self.halt.pass(Call::Claim, When::After).await;
        Ok(claimed)
    }

    async fn release(
        &self,
        token: &ResetToken,
        attempt: &[u8; 16],
        new_guard: Option<&[u8]>,
    ) -> Result<Released, StoreError> {
        if self.forgets.load(Ordering::SeqCst) {
            return Ok(Released::Open { left: 9 });
        }
        self.up()?.release(token, attempt, new_guard).await
    }

    async fn put_back(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Released, StoreError> {
        if self.forgets.load(Ordering::SeqCst) {
            return Ok(Released::Open { left: 10 });
        }
        self.up()?.put_back(token, attempt).await
    }

    async fn spend(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Spent, StoreError> {
        self.halt.pass(Call::Spend, When::Before).await;
        let spent = if self.forgets.load(Ordering::SeqCst) {
            Spent::Yes
        } else {
            ResetTickets::spend(self.up()?, token, attempt).await?
        };
        self.halt.pass(Call::Spend, When::After).await;
        Ok(spent)
    }

    async fn revoke(&self, account: &AccountId, why: DeathKind) -> Result<usize, StoreError> {
        if self.forgets.load(Ordering::SeqCst) {
            return Ok(0);
        }
        let left = |left: usize| left.checked_sub(1);
        if self
            .revocations
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .is_err()
        {
            return Err(StoreError::Unreachable("told so".to_owned()));
        }
        self.up()?.revoke(account, why).await
    }
}

#[async_trait]
impl Requests for FlakyStore {
    async fn push(&self, lane: Lane, sealed: &[u8], delay: Duration) -> Result<(), StoreError> {
        if self.crowded.load(Ordering::SeqCst) {
            return Err(StoreError::Crowded);
        }
        self.up()?.push(lane, sealed, delay).await
    }

    async fn take(&self, lane: Lane, worker: &str, lease: Duration) -> Result<Option<Queued>, StoreError> {
        Requests::take(self.up()?, lane, worker, lease).await
    }

    async fn done(&self, id: &QueuedId) -> Result<(), StoreError> {
        self.up()?.done(id).await
    }

    async fn later(&self, id: &QueuedId, delay: Duration) -> Result<(), StoreError> {
        self.up()?.later(id, delay).await
    }

    async fn depth(&self, lane: Lane) -> Result<usize, StoreError> {
        self.up()?.depth(lane).await
    }

    async fn list(&self, lane: Lane, most: usize) -> Result<Vec<Listed>, StoreError> {
        self.up()?.list(lane, most).await
    }

    async fn lag(&self, lane: Lane) -> Result<Duration, StoreError> {
        self.up()?.lag(lane).await
    }
}

#[async_trait]
impl Farewells for FlakyStore {
    async fn note(&self, of: &FarewellId, lines: &[FarewellLine]) -> Result<(), StoreError> {
        self.up()?.note(of, lines).await
    }

    async fn lines(&self, of: &FarewellId) -> Result<Vec<FarewellLine>, StoreError> {
        self.up()?.lines(of).await
    }
}

#[async_trait]
impl Budgets for FlakyStore {
    async fn spend(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError> {
        Budgets::spend(self.up()?, key, rules).await
    }

    async fn would_allow(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError> {
        self.up()?.would_allow(key, rules).await
    }
}

#[async_trait]
impl Nodes for FlakyStore {
    async fn announce(&self, name: &str, said: &[u8]) -> Result<(), StoreError> {
        self.up()?.announce(name, said).await
    }

    async fn leave(&self, name: &str) -> Result<(), StoreError> {
        self.up()?.leave(name).await
    }

    async fn nodes(&self) -> Result<Vec<Announced>, StoreError> {
        self.up()?.nodes().await
    }

    fn all_read(&self, session_form: u8) {
        if let Ok(store) = self.up() {
            store.all_read(session_form);
        }
    }
}

#[async_trait]
impl Marks for FlakyStore {
    async fn pin(&self, account: &AccountId, span: Duration) -> Result<(), StoreError> {
        self.up()?.pin(account, span).await
    }

    async fn of(&self, account: &AccountId) -> Result<AccountMarks, StoreError> {
        self.up()?.of(account).await
    }

    async fn close(&self, account: &AccountId) -> Result<(), StoreError> {
        self.up()?.close(account).await
    }

    async fn is_closed(&self, account: &AccountId) -> Result<bool, StoreError> {
        self.up()?.is_closed(account).await
    }

    async fn reopen(&self, account: &AccountId) -> Result<bool, StoreError> {
        self.up()?.reopen(account).await
    }

    async fn add_event(&self, account: &AccountId, sealed: &[u8]) -> Result<(), StoreError> {
        self.uncounted()?.add_event(account, sealed).await
    }

    async fn events(&self, account: &AccountId) -> Result<Vec<Vec<u8>>, StoreError> {
        self.up()?.events(account).await
    }

    async fn keep_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        self.up()?.keep_pending(kind, token, sealed).await
    }

    async fn pending(&self, kind: PendingKind, token: &PendingToken) -> Result<Option<Vec<u8>>, StoreError> {
        self.up()?.pending(kind, token).await
    }

    async fn take_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        attempt: &[u8; 16],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.up()?.take_pending(kind, token, attempt).await
    }
}

/// A form that a page would post, written by hand.
pub fn form_to(action: &str, fields: &[(&str, &str)]) -> super::browser::Form {
    super::browser::Form {
        action: action.to_owned(),
        fields: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }
}
