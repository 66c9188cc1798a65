//! Who writes letters, in whose name, and where their links lead: from the configuration alone (SEC-38).

use super::settings::LANGUAGE;
use crate::base::names::Locale;
use crate::base::texts::Texts;
use crate::directory::Person;
use crate::flows::recovery::RecoverySettings;
use crate::flows::{Catalogue, Ports};
use crate::messages::{Destination, Letter, LinkBase, MessageId, Notice, Sender, Support};
use crate::realms::{INSTITUTION, Institution, Realm};

/// What letters of one institution have in common.
pub struct Desk<'a> {
    pub institution: &'a Institution,
    pub realm: &'a Realm,
    pub settings: &'a RecoverySettings,
    pub locale: Locale,
    pub links: LinkBase,
}

impl<'a> Desk<'a> {
    /// `None` when the realm recovers nobody, or no link can be made of what is configured.
    pub fn of(
        ports: &Ports,
        catalogue: &'a Catalogue,
        institution: &'a Institution,
        locale: &Locale,
    ) -> Option<Desk<'a>> {
        let settings = catalogue.recovery_of(&institution.realm)?;
        let realm = catalogue.realms.get(&institution.realm)?;
        let host = institution.hosts.iter().find(|host| !host.starts_with('*'));
        let public = &ports.recovery.public_url;
        let links =
            LinkBase::new(public, host.map(|host| &**host)).or_else(|| LinkBase::new(public, None))?;
        let offered = institution.languages(realm);
        let known = offered.contains(locale);
        let locale = if known { Some(locale) } else { offered.first() };
        Some(Desk {
            institution,
            realm,
            settings,
            locale: locale.cloned().unwrap_or_else(Locale::french),
            links,
        })
    }

    pub fn place(&self) -> String {
        let name = self.institution.name.get(&self.locale);
        name.unwrap_or(self.institution.id.as_str()).to_owned()
    }

    /// What stands in the head and foot of its letters: its own, else its group's, else its realm's.
    pub fn sender(&self, ports: &Ports) -> Sender {
        let realm = &self.settings.sender;
        let own = self.institution.letterhead();
        let head = own.map_or_else(|| realm.letterhead.clone(), |own| own.or(&realm.letterhead));
        let place = self.place();
        let plain = |texts: &Texts| texts.get(&self.locale).map(str::to_owned);
        let say = |texts: &Option<Texts>| {
            let said = plain(texts.as_ref()?)?;
            Some(said.replace(INSTITUTION, &place))
        };
        let contact = self.institution.contact(self.realm);
        let short = self.institution.short_names.first();
        Sender {
            realm: self.realm.id.clone(),
            institution: Some(self.institution.id.clone()),
            name: say(&head.name).unwrap_or_else(|| place.clone()),
            address: head.address.clone().unwrap_or_else(|| realm.address.clone()),
            reply_to: head.reply_to.clone(),
            brand: say(&head.brand)
                .or_else(|| short.map(ToString::to_string))
                .unwrap_or_else(|| place.clone()),
            signature: say(&head.signature).or_else(|| Some(place.clone())),
            reset_subject: say(&head.subject),
            username_subject: say(&head.username_subject),
            support: Support {
                name: plain(&contact.name),
                mail: contact.mail.clone(),
                faq: contact.url.clone(),
                phone: contact.phone.clone(),
            },
            theme: self.institution.theme(self.realm).cloned(),
            time_zone: self.zone(ports),
            host: self.links.host().to_owned(),
        }
    }

    /// As on the realm's pages.
    fn zone(&self, ports: &Ports) -> String {
        let own = self.realm.time_zone.clone();
        own.unwrap_or_else(|| ports.recovery.time_zone.clone())
    }

    /// Puts a letter into the outbox. `parts` name it: the same parts are the same letter.
    pub async fn send(
        &self,
        ports: &Ports,
        to: &Destination,
        notice: &Notice,
        parts: &[&[u8]],
    ) -> Result<(), crate::messages::OutboxError> {
        let address = match to {
            Destination::Mail(address) => address.envelope().to_ascii_lowercase(),
            Destination::Sms(number) => number.international().to_owned(),
        };
        let name = notice.name();
        let mut all: Vec<&[u8]> = parts.to_vec();
        all.extend([name.as_bytes(), address.as_bytes()]);
        let letter = Letter {
            to,
            from: &self.sender(ports),
            locale: &self.locale,
            notice,
            message_id: &MessageId::of(&all),
            written: ports.clock.now(),
        };
        ports.recovery.outbox.take(&letter).await
    }
}

/// The language of a letter that no page of its person asked for: theirs where the entry says one, else
/// the institution's.
pub fn spoken_to(person: &Person, institution: &Institution, realm: &Realm) -> Locale {
    let offered = institution.languages(realm);
    // As browsers say it (RFC 2798): `fr-CA, en;q=0.8`, the first that is offered.
    let wishes = person.attributes.first_text(LANGUAGE).unwrap_or_default();
    let wished = wishes.split([',', ';']).filter_map(|wish| {
        let (language, _) = wish.trim().split_once('-').unwrap_or((wish.trim(), ""));
        offered
            .iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(language))
    });
    let found = wished.into_iter().next().or_else(|| offered.first());
    found.cloned().unwrap_or_else(Locale::french)
}

/// Who writes the letters of an institution, in the language that a letter in `locale` would have, for
/// pages that tell people what to look for; `None` where the realm recovers nobody.
pub fn writes(
    ports: &Ports,
    catalogue: &Catalogue,
    institution: &Institution,
    locale: &Locale,
) -> Option<(Sender, Locale)> {
    let desk = Desk::of(ports, catalogue, institution, locale)?;
    Some((desk.sender(ports), desk.locale.clone()))
}
