//! The closed list of what can happen to an account. Their names stand in files that are kept for
//! months: one may be added, none changes its meaning.

/// Declares the events: variant, name in the file, key of its text.
macro_rules! events {
    ($($(#[doc = $doc:literal])+ $event:ident = $name:literal,)+) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Event {
            $($(#[doc = $doc])+ $event,)+
        }

        impl Event {
            pub const ALL: &'static [Event] = &[$(Event::$event),+];

            /// Keys of the texts in which people are told, in the order of [`Event::ALL`].
            pub const KEYS: &'static [&'static str] = &[$(concat!("event-", $name)),+];

            /// As it stands in the file.
            pub fn name(self) -> &'static str {
                match self {
                    $(Event::$event => $name,)+
                }
            }

            /// The text that tells its person.
            pub fn key(self) -> &'static str {
                match self {
                    $(Event::$event => concat!("event-", $name),)+
                }
            }

            pub fn named(name: &str) -> Option<Event> {
                Event::ALL.iter().copied().find(|event| event.name() == name)
            }
        }
    };
}

impl Event {
    /// The step of its flow at which it happens; some happen at another one, too, and their record says so.
    pub fn step(self) -> &'static str {
        match self {
            Event::SignedIn | Event::SignInRefused | Event::SignInThrottled => "sign-in",
            Event::SessionEnded | Event::SessionsEnded => "sign-out",
            Event::EpochRaised | Event::MustChange | Event::MustChangeLifted | Event::KeysRotated => {
                "operate"
            }
            Event::TicketReplayed => "validate",
            Event::RecoveryRequested => "ask",
            Event::RecoveryCrowded
            | Event::LettersCrowded
            | Event::TextMessagesSpent
            | Event::RecoveryGivenUp => "queue",
            Event::RecoverySent | Event::RecoveryOverBudget | Event::RecoveryRefused => "letter",
            Event::LinkOpened | Event::CodeTried => "open",
            Event::TicketClaimed | Event::PasswordRefused => CHOOSE,
            Event::PasswordWritten | Event::TicketSpent => "done",
            Event::NoticeQueued => "notice",
            Event::RecoveryRevoked => "revoke",
            Event::AccountDisowned => "disown",
            Event::AccountReopened => "reopen",
            Event::AddressAdded => "add",
            Event::AddressConfirmed => CONFIRM,
            Event::AddressRemoved => "remove",
            Event::AddressRestored => "restore",
            Event::SentByAgent => "hand-over",
        }
    }

    /// By what, where it can be one thing only.
    pub fn method(self) -> Option<&'static str> {
        match self {
            Event::LinkOpened | Event::RecoveryRevoked | Event::AccountDisowned | Event::AddressRestored => {
                Some("link")
            }
            Event::CodeTried => Some("code"),
            Event::NoticeQueued => Some("mail"),
            Event::TextMessagesSpent => Some("sms"),
            _ => None,
        }
    }
}

/// A new password is chosen.
pub const CHOOSE: &str = "choose";
/// An address is proved to be the person's.
pub const CONFIRM: &str = "confirm";
/// The password is asked again, of who is signed in.
pub const PROVE: &str = "prove";

events! {
    /// A session was opened.
    SignedIn = "signed-in",
    /// Wrong or unknown credentials, or an account that may not sign in.
    SignInRefused = "sign-in-refused",
    /// Too many tries before: nothing was tried.
    SignInThrottled = "sign-in-throttled",
    /// A service ticket that was used was presented once more: its service asked twice, or somebody had it.
    TicketReplayed = "ticket-replayed",
    /// One session was ended, by its person or because it could not go on.
    SessionEnded = "session-ended",
    /// Every session of the account was ended, or of the realm.
    SessionsEnded = "sessions-ended",
    /// Everything that the ticket store held died at once: it had been restored, or might have been read.
    EpochRaised = "epoch-raised",
    /// The person must choose a new password at the next sign-in.
    MustChange = "must-change",
    /// That was taken back.
    MustChangeLifted = "must-change-lifted",
    /// The keys that all nodes share were changed.
    KeysRotated = "keys-rotated",
    /// Somebody asked for help with a password; whether there is an account is not known yet.
    RecoveryRequested = "recovery-requested",
    /// A message with a link was handed to the mail server or the gateway.
    RecoverySent = "recovery-sent",
    /// Nothing was sent: too many were.
    RecoveryOverBudget = "recovery-over-budget",
    /// Nothing was sent: the account may not be recovered this way.
    RecoveryRefused = "recovery-refused",
    /// A realm is asked for more than its requests of an hour: the others wait.
    RecoveryCrowded = "recovery-crowded",
    /// Half as many letters wait as may.
    LettersCrowded = "letters-crowded",
    /// The text messages of the month are nearly or all spent.
    TextMessagesSpent = "text-messages-spent",
    /// A request came to nothing, for long or with harm: it is not tried any more.
    RecoveryGivenUp = "recovery-given-up",
    /// Somebody says that the request was not theirs: its links are dead.
    RecoveryRevoked = "recovery-revoked",
    /// Its person says that a new password is somebody else's: the account is closed here.
    AccountDisowned = "account-disowned",
    /// An operator opened it again.
    AccountReopened = "account-reopened",
    /// Nothing is spent by it.
    LinkOpened = "link-opened",
    /// A code was typed, right or wrong.
    CodeTried = "code-tried",
    /// A ticket was taken for the writing of a password.
    TicketClaimed = "ticket-claimed",
    /// The directory refused the new password; the ticket is free again.
    PasswordRefused = "password-refused",
    /// A new password is in the directory.
    PasswordWritten = "password-written",
    /// The ticket is used up.
    TicketSpent = "ticket-spent",
    /// The person will be told of a change.
    NoticeQueued = "notice-queued",
    /// An address or a number for recovery, not proved yet.
    AddressAdded = "address-added",
    /// It was proved that it is the person's.
    AddressConfirmed = "address-confirmed",
    /// Nothing more is sent there.
    AddressRemoved = "address-removed",
    /// A change of addresses was taken back by the old one.
    AddressRestored = "address-restored",
    /// Somebody of the help desk sent a link or printed a code.
    SentByAgent = "sent-by-agent",
}
