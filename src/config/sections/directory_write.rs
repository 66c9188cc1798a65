//! `[directory.write]` of a realm: where, as whom, how and behind which fence passwords and
//! attributes are written.

use std::time::Duration;

use crate::config::section::{choice, section};
use crate::config::values::FilePath;

choice! {
    /// How a password gets into an entry.
    MethodWord {
        /// OpenLDAP: the password operation of RFC 3062 with the password-policy control.
        Exop = "exop",
        /// Active Directory and Samba: unicodePwd.
        Ad = "ad",
        /// 389 Directory Server: userPassword, hashed by the server.
        Ds389 = "389ds",
        /// Any other server that hashes what it is given (server_hashes).
        Modify = "modify",
    }
}

choice! {
    /// What keeps a reset link that came back from setting a second password.
    GuardWord {
        /// A generation in the entry that moves at every write: guard_attribute.
        Generation = "generation",
        /// The assertion control of RFC 4528, on OpenLDAP.
        Assertion = "assertion",
        /// The time of the last change, compared after reading it: two at the same instant may pass.
        ReadCompare = "read-compare",
        /// None.
        None = "none",
    }
}

section! {
    /// Writing to people's entries: passwords, recovery addresses. Without this section nothing is
    /// ever written.
    WriteSection {
        /// The write primary. A second one is asked only while the first cannot be reached: name two
        /// only where both have every write before it is answered.
        urls: Vec<String> => "[\"ldaps://ldap1.univ-valmore.example\"]";
        /// How a password gets into an entry.
        method: MethodWord => "\"exop\"";
        /// What keeps a reset link that came back (a store that failed over, a restored backup) from
        /// setting a second password. It has no default: "read-compare" and "none" are a choice.
        guard: Option<GuardWord> => "\"generation\"";
        /// The attribute that holds the generation, of conf/schema or one of yours with one value;
        /// mereauGeneration with guard = "generation".
        guard_attribute: Option<String> => "\"mereauGeneration\"";
        /// The attribute in which the directory notes when a password changed; pwdChangedTime,
        /// pwdLastSet or pwdUpdateTime by the method.
        changed_attribute: Option<String> => "\"pwdChangedTime\"";
        /// The class that allows guard_attribute, added to entries that lack it; mereauAccount without
        /// it, except on Active Directory. An empty text: none is added.
        auxiliary_class: Option<String> => "\"mereauAccount\"";
        /// Who writes, and what the policy holds to account: on OpenLDAP with the right write, not manage.
        bind_dn: String => "\"cn=mereau-writer,ou=services,dc=univ-valmore,dc=example\"";
        /// The file that holds the password of bind_dn.
        bind_password_file: Option<FilePath> => "\"ldap-writer.password\"";
        /// The environment variable that holds it.
        bind_password_env: Option<String> => "\"MEREAU_LDAP_WRITER_PASSWORD\"";
        /// Who may set and clear the mark "must change" (OpenLDAP: manage), when bind_dn may not.
        manage_dn: Option<String> => "\"cn=mereau-manager,ou=services,dc=univ-valmore,dc=example\"";
        /// The file that holds the password of manage_dn.
        manage_password_file: Option<FilePath> => "\"ldap-manager.password\"";
        /// The environment variable that holds it.
        manage_password_env: Option<String> => "\"MEREAU_LDAP_MANAGER_PASSWORD\"";
        /// Who has just chosen a password is not asked for another one.
        after_reset_clear_must_change: bool = "true";
        /// A reset is no change: the least age of passwords does not hold it up. Takes manage_dn.
        reset_ignores_min_age: bool = "true";
        /// Active Directory: hold a reset to the history as well.
        ad_history: bool = "true";
        /// method = "modify": you have seen that the server stores a hash of what it is given.
        server_hashes: bool = "false";
        /// Entries whose password another system holds are never written; {SASL} entries never are. An
        /// empty text: none but those.
        pass_through: String = "\"(krbPrincipalName=*)\"";
        /// After a write that person is asked about on the primary for this long, by every node: longer
        /// than replicas ever lag.
        pin_after_write: Duration = "\"300 s\"";
        /// Time for a whole write, whatever it takes.
        op_timeout: Duration = "\"10 s\"";
        /// A program that is told of every new password, as JSON on its standard input, and its
        /// arguments.
        hook: Option<Vec<String>> => "[\"/usr/local/sbin/after-password\", \"--eduroam\"]";
        /// Time for that program; then it is killed.
        hook_timeout: Duration = "\"5 s\"";
    }
}
