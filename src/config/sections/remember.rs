//! `[remember_me]` of a realm: the box “keep me signed in on this device”.

use std::time::Duration;

use crate::config::section::section;

section! {
    /// The box “keep me signed in on this device” of the sign-in page. It is never ticked for anybody.
    RememberSection {
        /// Whether the page has it.
        offered: bool = "false" => "true";
        /// A session whose person ticked it ends then, from 1 to 90 days; so does its cookie.
        longest: Duration = "\"30 d\"";
        /// One unused this long ends sooner; without it, only “longest” counts.
        idle: Option<Duration> => "\"14 d\"";
        /// People whose sessions are usual ones whatever they tick: a filter. Those of
        /// recovery.protected are among them.
        never: Option<String> => "\"(memberOf=cn=admins,ou=groups,dc=valmore,dc=example)\"";
    }
}
