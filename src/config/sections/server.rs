//! `server.toml`: what belongs to the process and not to a population of people.

use std::net::SocketAddr;

use ipnet::IpNet;
use url::Url;

use crate::config::section::{choice, section};
use crate::config::values::FilePath;

section! {
    /// What one server runs with. Beside this file, found by their names: realms/*.toml,
    /// institutions.toml, services/*.toml.
    ServerFile {
        /// Where the server listens and how browsers reach it.
        server: ServerSection;
        /// The key ring that all nodes share.
        keys: KeysSection = "{}";
        /// Where sessions and tickets are kept.
        tickets: TicketsSection;
        /// What is logged.
        log: LogSection = "{}";
    }
}

section! {
    /// Where the server listens and how browsers reach it.
    ServerSection {
        /// Address and port to listen on. Anything but a loopback address needs [server.tls], or
        /// trusted_proxies that do TLS for it.
        listen: SocketAddr = "\"127.0.0.1:8080\"";
        /// The URL of this server as browsers and applications write it, with the path under which
        /// it is served. http is accepted on loopback only, to try things out.
        public_url: Url => "\"https://cas.example.org/cas\"";
        /// Proxies whose X-Forwarded-For is believed; nobody else's is.
        trusted_proxies: Vec<IpNet> = "[]";
        /// Certificate and key, when this server does TLS itself.
        tls: Option<TlsSection>;
    }
}

section! {
    /// Certificate and key, when this server does TLS itself. SIGHUP reads them again.
    TlsSection {
        /// The certificate and those that sign it, PEM, the server's own first.
        certificate: FilePath => "\"tls/fullchain.pem\"";
        /// Its private key, PEM, readable by the server's user only.
        key: FilePath => "\"tls/privkey.pem\"";
    }
}

section! {
    /// The key ring that all nodes share; `mereau keys new FILE` writes a key. Without files the
    /// server makes a key that it forgets when it stops: good for tickets.url = "memory:" only.
    KeysSection {
        /// Newest first, at most 3: the first seals, the others still open what they sealed.
        /// Readable by the server's user only.
        files: Vec<FilePath> = "[]" => "[\"keys/2026-11.key\"]";
    }
}

section! {
    /// Where sessions and tickets are kept.
    TicketsSection {
        /// "redis://host:6379/0", "rediss://…" with TLS, "redis-sentinel://host:26379,host:26379/name",
        /// "redis-cluster://host:6379,host:6379", "embedded:/folder" (one node, durable on disk) or
        /// "memory:" (one node, forgotten when it stops). A user name may stand before the host; a
        /// password may not.
        url: String => "\"redis://127.0.0.1:6379/0\"";
        /// The file that holds the password of the store.
        password_file: Option<FilePath> => "\"redis.password\"";
        /// The environment variable that holds it.
        password_env: Option<String> => "\"MEREAU_REDIS_PASSWORD\"";
    }
}

choice! {
    /// How log lines look.
    LogFormat {
        /// For people on a terminal, JSON otherwise.
        Auto = "auto",
        /// For people.
        Human = "human",
        /// One JSON object per line.
        Json = "json",
    }
}

section! {
    /// What is logged, on the standard error. No level ever logs a password, a ticket or a cookie.
    LogSection {
        /// error, warn, info, debug or trace; or per module, as "info,mereau::directory=debug".
        /// The environment variable RUST_LOG, when set, wins.
        level: String = "\"info\"";
        /// How log lines look.
        format: LogFormat = "\"auto\"";
    }
}
