//! Who writes letters, in whose name, and where their links lead: from the configuration alone (SEC-38).

use crate::base::names::Locale;
use crate::flows::recovery::RecoverySettings;
use crate::flows::{Catalogue, Ports};
use crate::messages::{Destination, Letter, LinkBase, MessageId, Notice, Sender, Support};
use crate::realms::{Institution, Realm};

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

    fn sender(&self, ports: &Ports) -> Sender {
        let written = &self.settings.sender;
        let say = |texts: &crate::base::texts::Texts| texts.get(&self.locale).map(str::to_owned);
        let contact = self.institution.contact(self.realm);
        let short = self
            .institution
            .short_names
            .first()
            .map(|short| short.to_string());
        Sender {
            realm: self.realm.id.clone(),
            institution: Some(self.institution.id.clone()),
            name: say(&written.name).unwrap_or_else(|| self.place()),
            address: written.address.clone(),
            reply_to: written.reply_to.clone(),
            brand: written
                .brand
                .as_ref()
                .and_then(say)
                .or(short)
                .unwrap_or_else(|| self.place()),
            signature: written.signature.as_ref().and_then(say),
            reset_subject: None,
            support: Support {
                name: say(&contact.name),
                mail: contact.mail.clone(),
                faq: contact.url.clone(),
                phone: contact.phone.clone(),
            },
            theme: self.institution.theme(self.realm).cloned(),
            time_zone: ports.recovery.time_zone.clone(),
            host: self.links.host().to_owned(),
        }
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
