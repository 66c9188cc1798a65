//! What letters say of who writes them: a realm's, a group's or an institution's. What one does not say is
//! what the wider one says. It sends nothing.

use super::realm::Texts;
use crate::base::names::EmailAddress;

/// Stands for the name of the institution in every text of a [`Letterhead`].
pub const INSTITUTION: &str = "{institution}";

/// Who writes. What is `None` is inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// Before the address.
    pub name: Option<Texts>,
    /// `From`, and the envelope’s sender.
    pub address: Option<EmailAddress>,
    pub reply_to: Option<EmailAddress>,
    /// In brackets before every subject.
    pub brand: Option<Texts>,
    /// The subject of the letter with a reset link, instead of the theme's (S3-13).
    pub subject: Option<Texts>,
    /// The same for the letter with forgotten identifiers.
    pub username_subject: Option<Texts>,
    /// The last line.
    pub signature: Option<Texts>,
}

impl Letterhead {
    /// This one, with `under` wherever it says nothing.
    #[must_use]
    pub fn or(&self, under: &Letterhead) -> Letterhead {
        let text = |own: &Option<Texts>, under: &Option<Texts>| own.clone().or_else(|| under.clone());
        let address =
            |own: &Option<EmailAddress>, under: &Option<EmailAddress>| own.clone().or_else(|| under.clone());
        Letterhead {
            name: text(&self.name, &under.name),
            address: address(&self.address, &under.address),
            reply_to: address(&self.reply_to, &under.reply_to),
            brand: text(&self.brand, &under.brand),
            subject: text(&self.subject, &under.subject),
            username_subject: text(&self.username_subject, &under.username_subject),
            signature: text(&self.signature, &under.signature),
        }
    }
}
