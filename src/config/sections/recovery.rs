//! `[recovery]` of a realm: how its people get back in after losing a password or an identifier.

use std::time::Duration;

use ipnet::IpNet;

use crate::config::section::{choice, section};
use crate::realms::Texts;

choice! {
    /// What the form asks for.
    AskWord {
        /// One field for either.
        IdentifierOrEmail = "identifier-or-email",
        /// The identifier.
        Identifier = "identifier",
        /// The e-mail address.
        Email = "email",
        /// The identifier and a validated address of its account.
        Both = "both",
    }
}

choice! {
    /// How far an address is known to be its person's.
    TrustWord {
        /// Its person has proved it.
        Validated = "validated",
        /// The institution gave it. Links go there when nothing is validated.
        Institution = "institution",
        /// Nobody has proved it: no link goes there.
        Unvalidated = "unvalidated",
    }
}

choice! {
    /// How it is reached.
    ReachWord {
        /// By e-mail.
        Mail = "mail",
        /// By text message.
        Sms = "sms",
    }
}

choice! {
    /// How values are compared.
    KnownWord {
        /// As the directory does. A value of two people is nobody's.
        Text = "text",
        /// As e-mail addresses.
        Mail = "mail",
        /// As telephone numbers, however they are written.
        Phone = "phone",
    }
}

choice! {
    /// What a mailbox of several people is sent.
    SharedWord {
        /// A link for each account.
        List = "list",
        /// One link, whose page asks for the username.
        AskUsername = "ask-username",
    }
}

section! {
    /// How people get back in by themselves. Without addresses, or without [directory.write], they do not.
    RecoverySection {
        /// What the form asks for.
        ask: AskWord = "\"identifier-or-email\"";
        /// Attributes that hold addresses, the best first.
        addresses: Vec<AddressSection> = "[]";
        /// By what people may say who they are, beside their login and their mailboxes. Letters go to
        /// their mailboxes all the same. The directory should index these attributes.
        known_by: Vec<KnownBySection> = "[]";
        /// What a mailbox is sent that several people share: a link for each of them in one letter, or one
        /// link whose page asks for the username (and no code).
        shared_mailbox: SharedWord = "\"list\"";
        /// How people find a forgotten identifier without an e-mail address; not at all without it.
        who: Option<WhoSection>;
        /// How long a link lives, from 5 minutes to 24 hours.
        lifetime: Duration = "\"24 h\"";
        /// Links of one account that live at a time. With 1, a new link replaces the one before.
        live_links: u32 = "3";
        /// Forms that one IPv4 address, or one /64 of IPv6, may send within an hour, 1 to 1000000; as many
        /// again with a CAPTCHA that only people answer, then none.
        forms_an_hour: u32 = "20";
        /// Networks where whole schools share an address.
        school_networks: Vec<IpNet> = "[]" => "[\"198.51.100.0/24\", \"2001:db8:12::/48\"]";
        /// From there so many times more forms are taken, 1 to 1000.
        school_factor: u32 = "50";
        /// Requests of the realm that are worked on within an hour, 1 to 10000000; the others wait.
        requests_an_hour: u32 = "1000";
        /// Letters of one account within an hour, 1 to 100.
        letters_an_hour: u32 = "3";
        /// Letters of one account within a day, 1 to 100.
        letters_a_day: u32 = "6";
        /// Text messages of one account within an hour, 1 to 100.
        texts_an_hour: u32 = "2";
        /// Text messages of one account within a day, 1 to 100.
        texts_a_day: u32 = "4";
        /// People who get no link because an administrator would have to look: a filter.
        protected: Option<String> => "\"(memberOf=cn=admins,ou=groups,dc=valmore,dc=example)\"";
        /// People who have a second factor elsewhere, which a link would go round: a filter.
        second_factor: Option<String> => "\"(otpEnabled=TRUE)\"";
        /// Temporary accounts: they get no letter at all. A filter.
        temporary: Option<String> => "\"(eduPersonPrimaryAffiliation=affiliate)\"";
        /// People whose password is kept elsewhere: a filter.
        federated: Option<String> => "\"(supannCMSSource=educonnect)\"";
        /// Where those are, for the letter that tells them.
        federated_at: Vec<FederatedSection> = "[]";
        /// Where accounts are activated, http or https, for the letter to who has not done so.
        activation: Option<String> => "\"https://activer.univ-valmore.example/\"";
        /// The code of the country that a number with a leading 0 belongs to.
        country: String = "\"33\"";
        /// Who writes.
        sender: SenderSection = "{}";
    }
}

section! {
    /// An attribute of people that holds addresses or numbers.
    AddressSection {
        /// Its name.
        attribute: String => "\"supannMailPerso\"";
        /// How far its values are known to be their person's. validated: the person proved them, or the
        /// institution collected private addresses and stands for them. institution: mailboxes that the
        /// institution gave; links go there only where a person has none that is validated. unvalidated:
        /// nobody stands for them, and no link and no notice goes there.
        trust: TrustWord => "\"validated\"";
        /// How it is reached.
        kind: ReachWord = "\"mail\"";
    }
}

section! {
    /// An attribute by which people are found when they ask.
    KnownBySection {
        /// Its name.
        attribute: String => "\"mobile\"";
        /// How its values are compared.
        kind: KnownWord = "\"text\"" => "\"phone\"";
    }
}

section! {
    /// « Qui suis-je »: a name, a birth date and a number must all fit one person; the identifier is then
    /// written to the recorded addresses, and nothing is shown. Attributes of one key are alternatives.
    WhoSection {
        /// Family names.
        names: Vec<String> = "[\"sn\"]" => "[\"sn\", \"supannNomdeNaissance\"]";
        /// Birth dates: 20040307, 2004-03-07 or 07/03/2004.
        births: Vec<String> => "[\"schacDateOfBirth\"]";
        /// Numbers that only the person and the institution know: INE, student number. Indexed ones.
        numbers: Vec<String> => "[\"supannCodeINE\", \"supannEtuId\"]";
    }
}

section! {
    /// Another place where people of this realm have a password.
    FederatedSection {
        /// What people call it.
        name: Texts => "{ fr = \"ÉduConnect\" }";
        /// Where a new password is asked for there, http or https.
        url: String => "\"https://educonnect.education.gouv.fr/\"";
    }
}

section! {
    /// Who writes letters. Each text is one line; {institution} in it stands for the name of the
    /// institution. What an institution leaves out is its group's, then its realm's.
    SenderSection {
        /// The name before the address; the institution's without it. In this and the other texts,
        /// {institution} stands for the institution's name.
        name: Option<Texts> => "{ fr = \"Support informatique {institution}\", en = \"{institution} IT support\" }";
        /// The address they come from. A realm whose people recover by themselves needs one.
        address: Option<String> => "\"ne-pas-repondre@univ-valmore.example\"";
        /// Where answers go.
        reply_to: Option<String> => "\"assistance@univ-valmore.example\"";
        /// In brackets before every subject; the institution's short name without it.
        brand: Option<Texts> => "{ fr = \"Valmoré\" }";
        /// The subject of the letter with a link to a new password; the theme's without it.
        subject: Option<Texts> => "{ fr = \"Réinitialisation de son mot de passe\", en = \"Password reset\" }";
        /// The subject of the letter with forgotten identifiers; the theme's without it.
        username_subject: Option<Texts> => "{ fr = \"Vos identifiants\", en = \"Your user names\" }";
        /// The last line of a letter; the institution's name without it.
        signature: Option<Texts> => "{ fr = \"Le service numérique de Valmoré\" }";
    }
}
