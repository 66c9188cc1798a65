//! `[mail]` and `[sms]` of `server.toml`: how letters and text messages leave.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::section::{choice, section};
use crate::config::values::FilePath;

section! {
    /// How letters leave. They wait in the ticket store until they have.
    MailSection {
        /// "smtp://host:587" (TLS begun by STARTTLS, always), "smtps://host:465" (TLS from the first
        /// byte), "smtp+plain://127.0.0.1:25" (no TLS, this machine only) or "folder:/path" (one .eml
        /// file each). Without it no letter leaves. User and password have their own keys.
        url: Option<String> => "\"smtp://relay.univ-valmore.example:587\"";
        /// The user of the relay.
        username: Option<String> => "\"mereau\"";
        /// The file that holds its password.
        password_file: Option<FilePath> => "\"relay.password\"";
        /// The environment variable that holds it.
        password_env: Option<String> => "\"MEREAU_RELAY_PASSWORD\"";
        /// The authorities that the relay's certificate must come from, PEM; the system's without it.
        ca_file: Option<FilePath> => "\"tls/relay-ca.pem\"";
        /// What the server calls itself to the relay; the host of public_url without it.
        hello: Option<String> => "\"cas.univ-valmore.example\"";
        /// For one letter, from the look-up of the relay's name to its last answer.
        deadline: Duration = "\"30 s\"";
        /// Letters a second, of all servers on one ticket store together.
        per_second: u32 = "20";
        /// Letters at once to one domain.
        per_domain: u32 = "2";
        /// Letters at once over all.
        at_once: u32 = "16";
        /// A letter that could not leave is tried again after this pause, from 1 second to 10 minutes;
        /// then after 2, 5, 10 and 20 times as long.
        first_pause: Duration = "\"1 min\"";
        /// Letters that may wait, 10 to 50000; beyond that, requests wait before they become letters. At
        /// half of them there is an alarm in log and audit.
        waiting: u32 = "5000";
        /// A letter that could not leave is given up at this age.
        keep: Duration = "\"24 h\"";
    }
}

choice! {
    /// How the body of a request is written.
    SmsFormatWord {
        /// to={to}&text={text}
        Form = "form",
        /// A JSON object with texts in quotes.
        Json = "json",
    }
}

section! {
    /// How text messages leave: by an HTTP gateway. In url, headers and body, {to} is the number as
    /// +33612345678, {digits} the same without plus, {text} the message, {sender} the brand and {secret}
    /// the secret; each is escaped for its place.
    SmsSection {
        /// Where messages are sent; https, or http within the institution. Without it none leaves.
        url: Option<String> => "\"https://sms.example/send\"";
        /// GET, POST or PUT.
        method: String = "\"POST\"";
        /// Headers, by their names.
        headers: BTreeMap<String, String> = "{}" => "{ Authorization = \"Bearer {secret}\" }";
        /// The body.
        body: String = "\"to={to}&text={text}\"";
        /// How it is written.
        format: SmsFormatWord = "\"form\"";
        /// The file that holds the gateway's secret.
        secret_file: Option<FilePath> => "\"sms.secret\"";
        /// The environment variable that holds it.
        secret_env: Option<String> => "\"MEREAU_SMS_SECRET\"";
        /// The authorities that its certificate must come from, PEM; the system's without it.
        ca_file: Option<FilePath> => "\"tls/sms-ca.pem\"";
        /// The country code that stands for the 0 of national numbers.
        country: String = "\"33\"";
        /// Text messages within 30 days over all realms, 1 to 10000000; then none leaves. From four fifths on
        /// there is an alarm in log and audit.
        a_month: u32 = "1000";
    }
}
