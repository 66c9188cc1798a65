//! `server.toml`: what belongs to the process and not to a population of people.

use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::base::names::{RealmId, ThemeName};
use crate::config::section::{choice, section};
use crate::config::sections::mail::{MailSection, SmsSection};
use crate::config::sections::rest::RestSection;
use crate::config::values::{FilePath, Size};

section! {
    /// What one server runs with. Beside this file, found by their names: realms/*.toml,
    /// institutions.toml, institutions.csv, services/*.toml.
    ServerFile {
        /// For which version of this list of keys these files are written. A program reads its own and the one
        /// before; “mereau config migrate” brings files from that one to its own.
        schema: u32 = "1";
        /// Where the server listens and how browsers reach it.
        server: ServerSection;
        /// The key ring that all nodes share.
        keys: KeysSection = "{}";
        /// Where sessions and tickets are kept.
        tickets: TicketsSection;
        /// What is logged.
        log: LogSection = "{}";
        /// Where it is written down what happened to whose account.
        audit: AuditSection = "{}";
        /// How wrong passwords slow further tries down. Every pause ends by itself: after longest_delay at most,
        /// and after memory where a realm's lock_after would be reached.
        throttle: ThrottleSection = "{}";
        /// Signing in for programs.
        rest: RestSection = "{}";
        /// What the server asks of others: logout messages to applications, callbacks of portals.
        outgoing: OutgoingSection = "{}";
        /// A second address, for those who run the server.
        admin: AdminSection = "{}";
        /// Institutions in a spreadsheet, and how links name them.
        institutions: InstitutionsSection = "{}";
        /// Applications that are registered elsewhere than in services/*.toml.
        services: ServicesSection = "{}";
        /// What pages look like.
        pages: PagesSection = "{}";
        /// How letters leave.
        mail: MailSection = "{}";
        /// How text messages leave.
        sms: SmsSection = "{}";
        /// For clients that expect what other CAS servers do.
        compat: CompatSection = "{}";
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
        /// What this node is called where nodes are listed (/versions of the admin address), another name on
        /// each. Without one, the name of the machine and the port.
        node: Option<String> => "\"idp-1\"";
        /// Proxies whose X-Forwarded-For is believed; nobody else's is.
        trusted_proxies: Vec<IpNet> = "[]";
        /// Whether every connection of people and applications must come from one of trusted_proxies and begin
        /// with PROXY protocol, version 2, which says whose it is: for a balancer that leaves TLS to this
        /// server. Then the X-Forwarded-For of clients is believed no more, and without it such bytes are
        /// refused. This machine may speak for itself ("mereau health"). Not of the admin address.
        proxy_protocol: bool = "false";
        /// Whether the kernel holds the running server to what this configuration needs: files, ports, system
        /// calls, no programs (Landlock and seccomp of Linux).
        confine: ConfineWord = "\"auto\"";
        /// Certificate and key, when this server does TLS itself.
        tls: Option<TlsSection>;
        /// What a client may take of the server's time and memory.
        limits: LimitsSection = "{}";
    }
}

section! {
    /// Applications that are registered elsewhere than in services/*.toml.
    ServicesSection {
        /// A folder of definitions of Apereo CAS (JSON, HJSON, YAML), read as they are, beside those of
        /// services/*.toml. What cannot be carried is a warning, and a service that loses a restriction
        /// is closed; `mereau services import` turns them into files of this server.
        apereo: Option<FilePath> => "\"services-apereo\"";
    }
}

section! {
    /// What a client may take of the server's time and memory.
    LimitsSection {
        /// Time for the TLS handshake.
        handshake: Duration = "\"5 s\"";
        /// Time from the opening of a connection to its first byte.
        first_byte: Duration = "\"5 s\"";
        /// Time for a request's head, whole.
        head: Duration = "\"10 s\"";
        /// Time for a request's body, whole.
        body: Duration = "\"15 s\"";
        /// Time between an answer and the next request on its connection.
        idle: Duration = "\"60 s\"";
        /// Time for a client to take an answer, whole.
        delivery: Duration = "\"30 s\"";
        /// Time for what is in flight when the server stops.
        drain: Duration = "\"30 s\"";
        /// Open connections.
        most_connections: u32 = "16384";
        /// Open connections of one IPv4 address, or of one /64 of IPv6; then the longest idle of its own is closed for
        /// the next. 0: no bound. Those of trusted_proxies are not counted. A school has one address: some hundreds
        /// at least.
        connections_per_network: u32 = "0";
        /// Requests under way, of each kind: what is owed (validations, sign-outs, files), what goes on (forms,
        /// browsers that are signed in), forms that ask for room, what begins. More are answered 503 and
        /// Retry-After.
        most_requests: u32 = "4096";
        /// How long work that is ready waits for its turn on this node. While it takes longer, as many may begin
        /// as others get to the end, and the rest is answered 503; from 50 times as long on, what goes on with
        /// something, too; never what is owed. "0 s": neither.
        longest_turn: Duration = "\"2 ms\"";
        /// The longest path and query.
        longest_target: Size = "\"32 KiB\"";
        /// All header fields together.
        largest_header_block: Size = "\"16 KiB\"";
        /// How many header fields.
        most_headers: u32 = "100";
        /// The largest body.
        largest_body: Size = "\"64 KiB\"";
        /// Requests at a time on one HTTP/2 connection.
        http2_streams: u32 = "64";
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
        /// At most 3: the first seals, the others open what they sealed, or are known for the time when they
        /// will seal. “mereau keys rotate” changes this list. Readable by the server's user only.
        files: Vec<FilePath> = "[]" => "[\"keys/2.key\", \"keys/1.key\"]";
        /// The key on which places in the ticket store and opaque user names hang; no rotation touches it. The
        /// last of files without it. Another one signs everybody out and gives people new opaque names.
        names: Option<FilePath> => "\"keys/1.key\"";
    }
}

section! {
    /// Where sessions and tickets are kept.
    TicketsSection {
        /// "redis://host:6379/0", "redis+unix:///path", "redis-sentinel://host1,host2/primary",
        /// "redis-cluster://host1,host2", each with rediss for TLS; "embedded:/folder" (one node, durable
        /// on disk) or "memory:" (one node, forgotten when it stops). User and password have their own keys.
        url: String => "\"redis://127.0.0.1:6379/0\"";
        /// The file that holds the password of the store.
        password_file: Option<FilePath> => "\"redis.password\"";
        /// The environment variable that holds it.
        password_env: Option<String> => "\"MEREAU_REDIS_PASSWORD\"";
        /// The user of Redis's access lists, if not "default".
        username: Option<String> => "\"mereau\"";
        /// The file that holds the password of the Sentinels themselves.
        sentinel_password_file: Option<FilePath> => "\"sentinel.password\"";
        /// The environment variable that holds it.
        sentinel_password_env: Option<String> => "\"MEREAU_SENTINEL_PASSWORD\"";
        /// The authorities that Redis's certificates must come from, PEM; the system's without it.
        ca_file: Option<FilePath> => "\"tls/redis-ca.pem\"";
        /// Part of every key in Redis: raised after Redis was restored, every old ticket is dead. “mereau tickets
        /// epoch-bump” does it, in the file of epoch_file; the higher of the two counts.
        epoch: u32 = "1";
        /// The file of that number, the same on every node; tickets.epoch beside this file without it. Nothing
        /// where there is no such file.
        epoch_file: Option<FilePath> => "\"tickets.epoch\"";
        /// Time for an operation that only reads.
        read_deadline: Duration = "\"500 ms\"";
        /// Time for an operation that writes.
        write_deadline: Duration = "\"1 s\"";
        /// Operations sent and not answered at any time; further ones wait.
        in_flight: u32 = "256";
        /// A Redis that may evict keys loses sessions and revocations when it is full.
        eviction: StrictnessWord = "\"refuse\"";
        /// A Redis without append-only file forgets what it acknowledged when it restarts.
        persistence: StrictnessWord = "\"warn\"";
        /// A primary that writes on without its replicas forgets that when it is replaced.
        replication: StrictnessWord = "\"warn\"";
        /// A Redis without TLS on a network, or whose user may do everything (conf/redis-user.conf).
        exposure: StrictnessWord = "\"warn\"";
    }
}

choice! {
    /// Whether the kernel holds the server to what it needs.
    ConfineWord {
        /// As far as the kernel can; the log says what holds. What a reload needs beyond it takes a restart.
        Auto = "auto",
        /// The server does not start where the kernel lacks a part of it.
        Require = "require",
        /// Not at all.
        Off = "off",
    }
}

choice! {
    /// What a finding about Redis's settings comes to.
    StrictnessWord {
        /// Nothing.
        Ignore = "ignore",
        /// A warning in the log.
        Warn = "warn",
        /// The server does not start.
        Refuse = "refuse",
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

section! {
    /// Where it is written down what happened to whose account: sign-ins, recoveries, changes. Never a
    /// password, a code or a ticket; of addresses the network only.
    AuditSection {
        /// One JSON object per line, each in a chain with the one before, under a key of [keys]:
        /// “mereau audit verify” finds what was changed, taken out or put in. One file for each node,
        /// its owner's alone; after moving it away send SIGHUP. Without it events go to the log.
        file: Option<FilePath> => "\"/var/log/mereau/audit.jsonl\"";
        /// Whether people sign in while the file cannot be written, its disk being full: their events wait in
        /// memory, 16,384 at most, and are lost with the process. New passwords and addresses, and what agents
        /// and operators do, wait for the file in any case.
        unrecorded_sign_ins: bool = "true";
    }
}

section! {
    /// How wrong passwords slow further tries down. Every pause ends by itself: after longest_delay at most,
    /// and after memory where a realm's lock_after would be reached.
    ThrottleSection {
        /// Wrong tries of one name or account that cost nothing.
        free: u32 = "5";
        /// Delay after the next wrong one; it doubles with each.
        first_delay: Duration = "\"1 s\"";
        /// The delay never grows beyond this.
        longest_delay: Duration = "\"15 min\"";
        /// Wrong tries are forgotten after this long without one; not shorter than the time over which
        /// a directory that locks accounts counts them.
        memory: Duration = "\"1 h\"";
        /// Tries of one name or account under way at once.
        in_flight: u32 = "20";
        /// How long a try waits for others of the same account before it is told to come back.
        patience: Duration = "\"3 s\"";
        /// From a network people are asked for a CAPTCHA, and programs are slowed, when at least this many
        /// different names failed from it …
        spray_names: u64 = "50";
        /// … within this time …
        window: Duration = "\"10 min\"";
        /// … and fewer than this share of its tries, in percent, succeeded.
        spray_success_percent: u64 = "30";
        /// A refused password is answered no sooner than this, so that the time taken tells nothing about
        /// the account. Above what a wrong password costs the directory.
        floor: Duration = "\"250 ms\"";
    }
}

section! {
    /// Institutions in a spreadsheet, and how links name them.
    InstitutionsSection {
        /// A CSV file of institutions, beside those of institutions.toml; without it, institutions.csv
        /// beside this file when there is one. Its headings are the keys of an institution in
        /// institutions.toml, those of its sections joined by _: contact_mail; the announcement is
        /// banner, banner_from, banner_until. Lists are cut at |, a name or an announcement in another
        /// language is name_en, banner_en; an empty cell inherits. “mereau institutions import” makes it
        /// from the ministry's open data.
        file: Option<FilePath> => "\"institutions.csv\"";
        /// Parameters that name an institution in links as ?tenant= does, by its id, an alias or a UAI
        /// code.
        parameters: Vec<String> = "[\"selection\", \"idpId\", \"etab\", \"uai\"]";
    }
}

section! {
    /// What pages look like.
    PagesSection {
        /// The folder of themes, each a folder of its own; themes/README.md says what is in one.
        themes: Option<FilePath> => "\"themes\"";
        /// The theme of pages for which no application, institution or realm has chosen another; the
        /// built-in one without it.
        theme: Option<ThemeName> => "\"valmore\"";
        /// The realm that answers for pages of no institution, as the list of all: its contact and its
        /// legal links. Not needed where there is one realm only.
        host_realm: Option<RealmId> => "\"valmore\"";
        /// The IANA name of the zone that times are shown in, where a realm has none of its own.
        time_zone: String = "\"Europe/Paris\"";
    }
}

section! {
    /// For clients that expect what other CAS servers do.
    CompatSection {
        /// The status of a sign-in that is slowed down: 429, or 423 as Apereo's.
        status_throttled: u16 = "429";
    }
}

section! {
    /// What the server asks of others: logout messages to applications, callbacks of portals.
    /// Addresses that are not public are never called unless they are listed.
    OutgoingSection {
        /// Hosts by their exact name, addresses and networks inside the institution that may be called.
        allowed: Vec<String> = "[]" => "[\"moodle.intranet.example\", \"10.1.0.0/16\"]";
        /// The authorities that certificates must come from, PEM; the system's without it.
        ca_file: Option<FilePath> => "\"tls/intranet-ca.pem\"";
        /// From the look-up of the name to the end of the answer.
        deadline: Duration = "\"5 s\"";
        /// The pause before each further try of a logout message; as many tries follow the first, and then it
        /// is given up.
        logout_pauses: Vec<Duration> = "[\"1 s\", \"5 s\", \"30 s\", \"2 min\", \"10 min\"]";
        /// How much of an answer is read.
        longest_answer: Size = "\"64 KiB\"";
        /// Logout messages at once to one host.
        per_host: u32 = "4";
        /// Callbacks of proxying portals at once to one host; somebody waits for each. Neither they nor
        /// logout messages use up the other's places or patience.
        callbacks_per_host: u32 = "64";
        /// Failures in a row after which a host is left alone …
        failures: u32 = "5";
        /// … for this long.
        rest: Duration = "\"30 s\"";
    }
}

section! {
    /// A second address, for those who run the server: /livez, /readyz, /metrics for Prometheus, /versions
    /// of all nodes, /sessions of a person; nothing that people use. There is none without listen.
    AdminSection {
        /// Address and port. It speaks plain HTTP: keep it on loopback or on a network of your own.
        listen: Option<SocketAddr> => "\"127.0.0.1:9464\"";
        /// A file with one line, which callers show as Authorization: Bearer. At least 16 characters;
        /// readable by this server's user only.
        token_file: Option<FilePath> => "\"admin.token\"";
        /// The same from an environment variable.
        token_env: Option<String> => "\"MEREAU_ADMIN_TOKEN\"";
        /// Whoever is on this machine may ask without a token; for loopback addresses only. Sessions are for
        /// who shows a token, and not there without one.
        open: bool = "false";
        /// How long this node goes on when it is told to stop and /readyz says that it is not ready: as long
        /// as what sends people here takes to notice.
        leave_after: Duration = "\"5 s\"";
    }
}
