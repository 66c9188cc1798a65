//! `[[delegation]]` in `realms/*.toml`: other servers by whose word people sign in.

use std::collections::BTreeMap;

use url::Url;

use crate::base::names::{InstitutionId, UpstreamId};
use crate::config::section::{choice, section};
use crate::config::values::FilePath;
use crate::realms::Texts;

choice! {
    /// What the other server speaks.
    UpstreamKind {
        /// CAS 3, with attributes.
        Cas = "cas",
        /// CAS 2: an older server without /p3/serviceValidate.
        Cas2 = "cas2",
    }
}

choice! {
    /// For whom a button is.
    ForWhomWord {
        /// Pupils and parents.
        Families = "families",
        /// Those who work there.
        Staff = "staff",
        /// Everybody.
        Everybody = "everybody",
    }
}

choice! {
    /// Where a button stands.
    PositionWord {
        /// Above the form.
        First = "first",
        /// Below the form.
        After = "after",
        /// Instead of the form.
        Only = "only",
    }
}

choice! {
    /// What a sign-out here does about the session there.
    OnLogoutWord {
        /// The last page has a link.
        Offer = "offer",
        /// The browser goes there and comes back.
        Forward = "forward",
        /// Nothing.
        Nothing = "nothing",
    }
}

section! {
    /// Another server that signs people of this realm in. They need an entry in the realm's directory,
    /// whose state decides as after a password. The address that the other server must allow is
    /// /login/from/REALM/ID below the public URL, with anything after it.
    DelegationSection {
        /// Its name in addresses: do not change it while people are signed in by it.
        id: UpstreamId => "\"academie\"";
        /// What it speaks.
        kind: UpstreamKind = "\"cas\"";
        /// What people call it; the button reads “Continue with …”.
        name: Texts => "{ fr = \"SSO CAS\", en = \"CAS SSO\" }";
        /// Where it is mounted: its /login is below. https only, except on this machine.
        url: Url => "\"https://cas.academie-valmore.example/cas\"";
        /// The authorities that its certificate is checked against, instead of the system's.
        ca_file: Option<FilePath> => "\"../tls/academie-ca.pem\"";
        /// For whom the button is.
        audience: ForWhomWord = "\"everybody\"" => "\"families\"";
        /// Where the button stands. “only” leaves the form out and, where it is the only button, goes
        /// there without asking: an institution's own server as its only way in.
        position: PositionWord = "\"after\"" => "\"first\"";
        /// The institutions whose people it is for; all of the realm without it.
        institutions: Vec<InstitutionId> = "[]" => "[\"college-rosa-parks\"]";
        /// How a person is found here, tried in this order.
        join: Vec<JoinSection> => "[{ theirs = \"user\", ours = \"uid\" }]";
        /// Attributes taken from its answer for applications, under the name that they have here; where
        /// the directory has the attribute, the directory's word stands.
        attributes: BTreeMap<String, String> = "{}" => "{ profil = \"ENTPersonProfils\" }";
        /// What a sign-out here does about the session there.
        logout: OnLogoutWord = "\"offer\"" => "\"forward\"";
    }
}

section! {
    /// The person is the one whose attribute has the value that the other server gives.
    JoinSection {
        /// An attribute of its answer, or “user”: what it calls the person.
        theirs: String => "\"user\"";
        /// The attribute of the realm's directory.
        ours: String => "\"uid\"";
    }
}
