//! `[directory]`, `[people]` and `[states]` of a realm: where its people are kept, what an entry
//! means, and what its state is.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::problem::Problems;
use crate::config::read::{Node, Shape, Value};
use crate::config::section::{choice, section, word};
use crate::config::sections::directory_write::WriteSection;
use crate::config::values::FilePath;

/// A directory of one kind or the other; the key `kind` says which.
pub enum DirectorySection {
    Ldap(Box<LdapSection>),
    Ldif(LdifSection),
}

impl Value for DirectorySection {
    fn shape() -> Shape {
        Shape::Either(&[
            (LdapSection::ABOUT, LdapSection::entries),
            (LdifSection::ABOUT, LdifSection::entries),
        ])
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        node.table(problems)?;
        let Some(kind) = node.child("kind") else {
            problems.add(
                &node.place,
                "the key “kind” is missing",
                "kind = \"ldap\" or kind = \"ldif\"",
            );
            return None;
        };
        match word(&kind, &["ldap", "ldif"], problems)? {
            "ldap" => LdapSection::read(node, problems).map(|section| DirectorySection::Ldap(section.into())),
            _ => LdifSection::read(node, problems).map(DirectorySection::Ldif),
        }
    }
}

choice! {
    /// Which of the healthy servers is asked first.
    SelectionWord {
        /// As written.
        Order = "order",
        /// Any.
        Random = "random",
        /// The one that answered fastest of late.
        RoundTrip = "rtt",
    }
}

choice! {
    /// How deep a branch is searched.
    ScopeWord {
        /// The entry itself.
        Base = "base",
        /// The entries right below it.
        One = "one",
        /// Everything below it.
        Subtree = "subtree",
    }
}

section! {
    /// LDAP servers that all hold the same entries.
    LdapSection {
        /// The kind of this directory.
        kind: String = "\"ldap\"";
        /// ldaps://host[:636] or ldap://host[:389], in order of preference.
        urls: Vec<String> => "[\"ldaps://ldap1.univ-valmore.example\", \"ldaps://ldap2.univ-valmore.example\"]";
        /// Which of the healthy servers is asked first: as written, any, or the fastest of late.
        selection: SelectionWord = "\"order\"";
        /// Upgrade ldap:// by StartTLS before anything else is said.
        starttls: bool = "false";
        /// Let ldap:// without TLS reach other machines than this one.
        allow_clear: bool = "false";
        /// The authorities that certificates must come from, PEM; the system's without it. The host
        /// name is always checked.
        ca_file: Option<FilePath> => "\"tls/ldap-ca.pem\"";
        /// Who searches; anonymous without.
        bind_dn: Option<String> => "\"cn=mereau,ou=services,dc=univ-valmore,dc=example\"";
        /// The file that holds the password of bind_dn, readable by the server's user only.
        bind_password_file: Option<FilePath> => "\"ldap.password\"";
        /// The environment variable that holds it.
        bind_password_env: Option<String> => "\"MEREAU_LDAP_PASSWORD\"";
        /// The branches with people.
        base_dns: Vec<String> => "[\"ou=people,dc=univ-valmore,dc=example\"]";
        /// How deep they are searched.
        scope: ScopeWord = "\"subtree\"";
        /// An entry nobody owns whose password is hashed like everyone's: tries on unknown logins are
        /// made on it, so that they take as long. It must not be subject to a lock.
        decoy_dn: Option<String> => "\"uid=nobody,ou=services,dc=univ-valmore,dc=example\"";
        /// The directory's own lock after failed tries (pwdMaxFailure), when it has one: the server
        /// stays two below it. After lock_after - 2 wrong tries the account waits until they are forgotten
        /// ([throttle] memory of server.toml); a device on which its person signed in before has one more.
        /// Where the directory forgets sooner, as with 5 in 15 minutes: memory = "15 min".
        lock_after: Option<u32> => "10";
        /// Time for TCP, per address, and for TLS.
        connect_timeout: Duration = "\"2 s\"";
        /// Time for a whole operation, whatever it takes.
        op_timeout: Duration = "\"3 s\"";
        /// The next server is asked as well when one is silent for this long.
        next_server_after: Duration = "\"250 ms\"";
        /// Time in the queue of a crowded server, and how many may wait.
        queue_timeout: Duration = "\"2 s\"";
        /// How many operations may wait.
        queue_length: u32 = "256";
        /// Connections for searches, per server.
        search_connections: u32 = "2";
        /// Searches under way on one of them.
        searches_per_connection: u32 = "32";
        /// Connections for password tries, per server, one try at a time each.
        bind_connections: u32 = "12";
        /// A connection unused this long is closed.
        idle: Duration = "\"10 min\"";
        /// A connection this old is closed.
        max_age: Duration = "\"1 h\"";
        /// Idle connections are asked for a sign of life this often.
        health_every: Duration = "\"30 s\"";
        /// A server that failed this often in a row is left alone for a while.
        failures: u32 = "3";
        /// For this long, then twice as long …
        first_ejection: Duration = "\"1 s\"";
        /// … up to this.
        longest_ejection: Duration = "\"30 s\"";
        /// Writing to people's entries; nothing is written without it.
        write: Option<WriteSection>;
    }
}

section! {
    /// A file of people, for very small sites; read again when it changes.
    LdifSection {
        /// The kind of this directory.
        kind: String = "\"ldif\"";
        /// The file.
        file: FilePath => "\"people.ldif\"";
        /// Let new passwords and addresses be written into the file.
        writable: bool = "false";
    }
}

section! {
    /// What an entry of the directory means.
    PeopleSection {
        /// What people may type as their login, in order: the first attribute that finds someone ends
        /// the search. The entry's value of the first one is the user name that applications get.
        login_attributes: Vec<String> = "[\"uid\"]" => "[\"uid\", \"supannAliasLogin\", \"mail\"]";
        /// What never changes about a person: entryUUID, objectGUID, nsUniqueId.
        subject_attribute: String = "\"entryUUID\"";
        /// What is read of an entry, to be released to services; the usual ones without it.
        attributes: Option<Vec<String>> => "[\"uid\", \"displayName\", \"mail\", \"eduPersonAffiliation\"]";
        /// Which attributes tell what somebody is here: services may be for some profiles only.
        profile_attributes: Vec<String> = "[\"eduPersonAffiliation\"]" => "[\"ENTPersonProfils\"]";
        /// Entries outside this filter do not exist for the realm.
        user_filter: Option<String> => "\"(objectClass=inetOrgPerson)\"";
    }
}

choice! {
    /// Ready-made rules.
    PresetWord {
        /// supannRessourceEtat and supannRessourceEtatDate.
        Supann = "supann",
        /// Active Directory and Samba.
        Ad = "ad",
        /// OpenLDAP's ppolicy overlay.
        OpenldapPpolicy = "openldap-ppolicy",
        /// shadow(5) attributes.
        Shadow = "shadow",
        /// 389 Directory Server and FreeIPA.
        Ds389 = "389ds",
        /// ENT Core.
        Entcore = "entcore",
    }
}

choice! {
    /// The meaning of a state.
    StandingWord {
        /// Signs in.
        Active = "active",
        /// Known, opens later.
        Announced = "announced",
        /// Past its end, still let in for a while.
        Grace = "grace",
        /// Closed.
        Inactive = "inactive",
        /// Suspended or locked by staff.
        Suspended = "suspended",
        /// Locked by failed tries.
        Locked = "locked",
        /// Must choose a new password first.
        MustChange = "must-change",
        /// The password is too old.
        Expired = "expired",
        /// Never activated.
        NotActivated = "not-activated",
    }
}

choice! {
    /// What a state lets a person do.
    AllowWord {
        /// Sign in with the right password.
        Login = "login",
        /// Not sign in, but ask for a new password.
        Recover = "recover",
        /// Nothing.
        None = "none",
    }
}

section! {
    /// What the state of an account is: the site's rules in their order, then those of the presets.
    /// The first that holds decides; when none does, the account is active.
    StatesSection {
        /// Ready-made rules, after the site's own.
        presets: Vec<PresetWord> = "[]" => "[\"supann\", \"openldap-ppolicy\"]";
        /// Rules of the site.
        rule: Vec<RuleSection> = "[]";
    }
}

section! {
    /// A rule.
    RuleSection {
        /// An LDAP filter, or a comparison of dates, or several joined by “and”.
        when: String => "\"(employeeType=left) and time(leftAt) + 30d < now\"";
        /// What it means: active, announced, grace, inactive, suspended, locked, must-change, expired
        /// or not-activated.
        then: StandingWord => "\"inactive\"";
        /// What it lets a person do, when it is not what usually goes with it.
        allow: Option<AllowWord> => "\"none\"";
        /// What to tell the person, after the right password only, by language.
        message: BTreeMap<String, String> = "{}" => "{ fr = \"Votre compte est fermé.\", en = \"Your account is closed.\" }";
    }
}
