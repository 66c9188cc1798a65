//! `[rest]` of server.toml: programs that sign people in.

use ipnet::IpNet;

use crate::base::names::RealmId;
use crate::config::section::section;
use crate::config::values::FilePath;

section! {
    /// Signing in for programs, /v1/tickets and /v1/users, as Apereo's REST protocol has it. Without
    /// clients there is no such address.
    RestSection {
        /// The programs that may.
        clients: Vec<RestClientSection> = "[]";
    }
}

section! {
    /// A program that shows people's passwords. It says who it is by HTTP Basic: its name and its key.
    RestClientSection {
        /// Its name: 1 to 40 of a-z, 0-9 and -.
        name: String => "\"releves-de-notes\"";
        /// A file with the SHA-256 of its key, as sha256sum writes it. The key is drawn by chance and
        /// stays with the program: openssl rand -hex 32.
        key_hash_file: Option<FilePath> => "\"rest/releves-de-notes.sha256\"";
        /// The environment variable that holds it, instead of a file.
        key_hash_env: Option<String> => "\"MEREAU_REST_RELEVES\"";
        /// Where it calls from.
        networks: Vec<IpNet> => "[\"10.0.0.12\"]";
        /// Realms whose people it may sign in. Which institution is meant it says by the field tenant,
        /// unless there is only one.
        realms: Vec<RealmId> => "[\"univ\"]";
        /// Services, by the names of their files, that it may get tickets for; all that are open to the
        /// person when empty.
        services: Vec<String> = "[]" => "[\"notes\"]";
        /// Passwords and tickets it may ask for within a minute, 1 to 100000, over all nodes. Passwords
        /// are slowed down by [throttle] besides.
        requests_a_minute: u32 = "60";
        /// Whether its tickets may be put into a browser's cookie: then a stolen one opens everything that
        /// its person's session opens.
        for_browsers: bool = "false";
    }
}
