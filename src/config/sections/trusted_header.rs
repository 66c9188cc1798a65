//! `[trusted_header]` in `realms/*.toml`: a proxy in front of the server that knows people already.

use ipnet::IpNet;

use crate::config::section::{choice, section};
use crate::config::values::FilePath;
use crate::realms::Texts;

choice! {
    /// By what the proxy knows people.
    MeansWord {
        /// Nothing is said about it.
        Unspecified = "unspecified",
        /// Kerberos, by SPNEGO.
        Kerberos = "kerberos",
        /// The browser's certificate.
        Certificate = "certificate",
    }
}

section! {
    /// A proxy in front of this server knows who sits at the browser, by Kerberos or by a certificate, and
    /// says so in a header: people of this realm then come in without a form. The proxy must remove
    /// that header from what browsers send. Left out, no header is believed. See docs/trusted-header.md.
    TrustedHeaderSection {
        /// The header that holds the login.
        header: String => "\"X-Remote-User\"";
        /// Who is believed: those that connect to this server themselves. It is another list than
        /// server.trusted_proxies.
        proxies: Vec<IpNet> => "[\"10.0.0.5\"]";
        /// A second header, whose value is a secret that the proxy and this server share.
        secret_header: String = "\"X-Proxy-Secret\"";
        /// The file with that secret, readable by the server's user only. Without it, every program that
        /// connects from one of the proxies is believed.
        secret_file: Option<FilePath> => "\"../secrets/proxy-header\"";
        /// The environment variable with that secret, instead of the file.
        secret_env: Option<String> => "\"MEREAU_PROXY_HEADER\"";
        /// What names in the header end with and logins do not, letter by letter; a name that does not
        /// end so lets nobody in.
        suffix: Option<String> => "\"@CAMPUS.EXAMPLE\"";
        /// What people call it; a button reads “Continue with …”.
        name: Texts => "{ fr = \"ma session Windows\", en = \"my Windows session\" }";
        /// By what the proxy knows people, for applications that ask by SAML 1.1.
        means: MeansWord = "\"unspecified\"" => "\"kerberos\"";
    }
}
