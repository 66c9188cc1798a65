//! Whom a request means, whether they may be sent a link, and where. Runs in the background, or behind a
//! proof: what it finds never shows on an anonymous page.

use super::settings::{Kind, RecoverySettings, Trust};
use crate::base::addresses::is_same_text;
use crate::base::names::{EmailAddress, PhoneNumber, Username};
use crate::directory::{Directory, DirectoryError, Found, Person, Standing};
use crate::tickets::{Channel, ResetTicket};

/// What an account may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eligibility {
    Yes,
    /// It waits for its activation (SX-06).
    NotActivated,
    /// Its password is elsewhere (SX-05).
    Federated,
    /// Disabled, locked by staff, outside its dates, protected, with a second factor (SEC-48, SEC-51).
    Refused,
    /// No letter at all (S3-01).
    Silent,
}

impl Eligibility {
    pub fn of(person: &Person, settings: &RecoverySettings) -> Eligibility {
        let rules = &settings.eligible;
        let fits = |filter: &Option<crate::directory::Filter>| {
            filter
                .as_ref()
                .is_some_and(|filter| filter.matches(&person.attributes))
        };
        if fits(&rules.temporary) {
            return Eligibility::Silent;
        }
        if fits(&rules.federated) {
            return Eligibility::Federated;
        }
        match person.state.standing {
            Standing::NotActivated => Eligibility::NotActivated,
            Standing::Announced | Standing::Inactive | Standing::Suspended => Eligibility::Refused,
            _ if fits(&rules.protected) || fits(&rules.second_factor) => Eligibility::Refused,
            Standing::Active
            | Standing::Grace
            | Standing::Locked
            | Standing::MustChange
            | Standing::Expired => Eligibility::Yes,
        }
    }
}

/// The people whom an identifier means, an address, or both together.
pub async fn meant(
    directory: &dyn Directory,
    settings: &RecoverySettings,
    identifier: Option<&str>,
    email: Option<&str>,
) -> Result<Vec<Person>, DirectoryError> {
    match (identifier, email) {
        (None, None) => Ok(Vec::new()),
        (Some(identifier), None) => by_login(directory, identifier, None).await,
        (None, Some(email)) => by_address(directory, settings, email).await,
        (Some(identifier), Some(email)) if settings.ask == super::AskFor::Both => {
            let mut found = by_login(directory, identifier, None).await?;
            found.retain(|person| has_validated(person, settings, email));
            Ok(found)
        }
        (Some(identifier), Some(email)) => by_either(directory, settings, identifier, email).await,
    }
}

/// Whom one field for either means; `raw` is as it was typed. Asked while somebody waits: the directory
/// is searched as often for an address that nobody has.
pub async fn by_one_field(
    directory: &dyn Directory,
    settings: &RecoverySettings,
    raw: &str,
) -> Result<Vec<Person>, DirectoryError> {
    if !raw.contains('@') {
        return by_login(directory, raw, None).await;
    }
    let addressed = by_address(directory, settings, raw).await?;
    let named = by_login(directory, raw, Some(raw)).await?;
    Ok(if addressed.is_empty() { named } else { addressed })
}

/// An address first, since a shared mailbox means several (S2-18).
async fn by_either(
    directory: &dyn Directory,
    settings: &RecoverySettings,
    identifier: &str,
    email: &str,
) -> Result<Vec<Person>, DirectoryError> {
    match by_address(directory, settings, email).await? {
        found if found.is_empty() => by_login(directory, identifier, Some(email)).await,
        found => Ok(found),
    }
}

/// Exactly one, or nobody (SEC-46). `written`: a value of the entry must be this very text (SEC-41).
async fn by_login(
    directory: &dyn Directory,
    identifier: &str,
    written: Option<&str>,
) -> Result<Vec<Person>, DirectoryError> {
    let Ok(login) = Username::typed(identifier) else {
        return Ok(Vec::new());
    };
    Ok(match directory.find(&login).await? {
        Found::One(person) if written.is_none_or(|text| has_text(&person, text)) => vec![*person],
        _ => Vec::new(),
    })
}

/// Directories compare addresses their own way; what counts is compared again here (SEC-41).
async fn by_address(
    directory: &dyn Directory,
    settings: &RecoverySettings,
    email: &str,
) -> Result<Vec<Person>, DirectoryError> {
    let mut people: Vec<Person> = Vec::new();
    for address in settings.mailboxes() {
        for person in directory.find_by(&address.attribute, email).await? {
            let is_it = stored(&person, &address.attribute).any(|stored| stored.is_typed_as(email));
            if is_it && people.iter().all(|known| known.key != person.key) {
                people.push(person);
            }
        }
    }
    Ok(people)
}

/// Addresses of an attribute that can be written to; others are told to the operator (SEC-40).
fn stored<'a>(person: &'a Person, attribute: &'a str) -> impl Iterator<Item = EmailAddress> + 'a {
    person.attributes.texts(attribute).filter_map(move |text| {
        let address = EmailAddress::stored(text);
        if let Err(flaw) = &address {
            tracing::warn!(attribute, ?flaw, entry = %person.entry, "a stored address is none that can be written to");
        }
        address.ok()
    })
}

fn has_validated(person: &Person, settings: &RecoverySettings, email: &str) -> bool {
    let validated = settings
        .mailboxes()
        .filter(|address| address.trust == Trust::Validated);
    let mut addresses = validated.flat_map(|address| stored(person, &address.attribute));
    addresses.any(|stored| stored.is_typed_as(email))
}

fn has_text(person: &Person, typed: &str) -> bool {
    let mut values = person.attributes.iter().flat_map(|(_, values)| values);
    is_same_text(&person.login, typed)
        || values.any(|value| value.text().is_some_and(|text| is_same_text(text, typed)))
}

/// Where a person's links go: every proved mailbox; where nothing is proved, those of the institution.
pub fn mailboxes(person: &Person, settings: &RecoverySettings) -> Vec<EmailAddress> {
    let with = |trust| of_trust(person, settings, trust);
    match with(Trust::Validated) {
        proved if proved.is_empty() => with(Trust::Institution),
        proved => proved,
    }
}

/// Where a person is told what happened: everywhere that is known to be theirs (SEC-58).
pub fn every_mailbox(person: &Person, settings: &RecoverySettings) -> Vec<EmailAddress> {
    let mut all = of_trust(person, settings, Trust::Validated);
    for address in of_trust(person, settings, Trust::Institution) {
        if !all.contains(&address) {
            all.push(address);
        }
    }
    all
}

/// Whether the link went to where the person is still reached: by its mask, which is all that a ticket
/// keeps of the address. One that an agent typed was never theirs.
pub fn still_reached(person: &Person, settings: &RecoverySettings, ticket: &ResetTicket) -> bool {
    let is_it = |mask: String| mask == ticket.destination_mask;
    match ticket.channel {
        Channel::Mail => every_mailbox(person, settings)
            .iter()
            .any(|address| is_it(address.masked())),
        Channel::Sms => phone(person, settings).is_some_and(|number| is_it(number.masked())),
        Channel::Agent => true,
    }
}

fn of_trust(person: &Person, settings: &RecoverySettings, trust: Trust) -> Vec<EmailAddress> {
    let mut found: Vec<EmailAddress> = Vec::new();
    for one in settings.mailboxes().filter(|one| one.trust == trust) {
        for address in stored(person, &one.attribute) {
            if found.iter().all(|known| known.envelope() != address.envelope()) {
                found.push(address);
            }
        }
    }
    found
}

/// The first number that a text message can be sent to.
pub fn phone(person: &Person, settings: &RecoverySettings) -> Option<PhoneNumber> {
    let kinds = settings.addresses.iter();
    let mut phones = kinds
        .filter(|one| one.kind == Kind::Sms && one.trust != Trust::Unvalidated)
        .flat_map(|one| person.attributes.texts(&one.attribute));
    phones.find_map(|text| PhoneNumber::stored(text, &settings.country).ok())
}
