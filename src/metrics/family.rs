//! Every family of samples by name, kind, labels, unit and meaning, in one list: the page for Prometheus,
//! the page for people (`docs/metrics.md`) and the tests of alerts are all made of it.

/// What a number does over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until the server starts again.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts of durations by length, with their sum.
    Histogram,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// A family of samples.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    pub name: &'static str,
    pub kind: Kind,
    pub labels: &'static [&'static str],
    /// Of the value: `seconds`, `bytes`, or what is counted.
    pub unit: &'static str,
    /// One sentence or two.
    pub help: &'static str,
}

macro_rules! families {
    ($($id:ident: $kind:ident $name:literal [$($label:literal),*] $unit:literal, $help:literal;)*) => {
        $(
            #[doc = $help]
            pub static $id: Family = Family {
                name: $name,
                kind: Kind::$kind,
                labels: &[$($label),*],
                unit: $unit,
                help: $help,
            };
        )*

        /// All of them, in the order of the page for people.
        pub static ALL: &[&Family] = &[$(&$id),*];
    };
}

families! {
    // People
    LOGINS: Counter "login_total" ["tenant", "result"] "sign-ins",
        "Sign-ins by realm and result: signed_in, throttled, unavailable (a directory or the store could not tell), or the reason of the refusal as the audit has it.";
    LOGIN_SECONDS: Histogram "login_seconds" [] "seconds",
        "From a typed password to the decision about it, the least time that every refusal takes included.";
    THROTTLED: Counter "throttle_refused_total" ["by"] "tries",
        "Tries that were told to come back later, by the counter that said so: name_or_network, account.";
    THROTTLE_CAPTCHAS: Counter "throttle_captcha_total" ["result"] "forms",
        "Forms for help with a password by what their CAPTCHA came to: passed (right, or none was asked), wrong (or used before, or none given).";
    SPRAY_NETWORKS: Gauge "spray_networks" [] "networks",
        "Networks that this node has seen trying many names without success within the last window of the throttle; people there are asked for a CAPTCHA, and programs are slowed down.";
    // Applications
    VALIDATIONS: Counter "validation_total" ["result"] "validations",
        "Validations of service and proxy tickets by result: success, or the code of the failure.";
    REPLAYS: Counter "st_replay_total" [] "tickets",
        "Tickets that were shown a second time.";
    SLO_DELIVERED: Counter "slo_delivered_total" ["service"] "messages",
        "Logout messages that the application has taken.";
    SLO_RETRIED: Counter "slo_retried_total" ["service"] "tries",
        "Tries of logout messages that failed and are to be repeated.";
    SLO_GIVEN_UP: Counter "slo_given_up_total" ["service", "reason"] "messages",
        "Logout messages that were given up, by reason.";
    SLO_LOST: Counter "slo_lost_total" [] "messages",
        "Logout messages lost: queue or dead letters full, the store silent, or the key gone.";
    SLO_WAITING: Gauge "slo_waiting" [] "messages",
        "Logout messages that wait or are under way, of all nodes.";
    SLO_LAG: Gauge "slo_lag" [] "seconds",
        "By how much the most overdue logout message is late, of all nodes.";
    SLO_DEAD: Gauge "slo_dead" [] "messages",
        "Logout messages that were given up within the last week and lie there to be looked at, of all nodes.";
    // Recovery and letters
    RESET_ISSUED: Counter "reset_issued_total" ["channel"] "rights",
        "Rights to choose a new password that were made to be sent: mail, sms, agent.";
    RESET_CLAIMED: Counter "reset_claimed_total" [] "rights",
        "Rights that somebody began to use with a password that our rules allow.";
    RESET_SPENT: Counter "reset_spent_total" [] "rights",
        "Rights that have changed a password and are over.";
    RESET_CONFLICT: Counter "reset_conflict_total" ["how"] "attempts",
        "Attempts to use a right that somebody else uses (busy), or whose account the directory has changed since it was made (moved): the same link in two hands, or a right that came back after a failover.";
    MAIL_WAITING: Gauge "mail_outbox_waiting" [] "letters",
        "Letters and text messages that wait or are under way, of all nodes.";
    MAIL_AGE: Gauge "mail_outbox_age" [] "seconds",
        "How long the oldest letter or text message has been waiting to leave, of all nodes.";
    // Directories
    BIND_SECONDS: Histogram "bind_seconds" ["server"] "seconds",
        "How long a directory server took for a bind with somebody's password, those included that it did not answer in time.";
    DIRECTORY_UP: Gauge "directory_up" ["tenant"] "0 or 1",
        "Whether any directory server of the realm answered its last probes.";
    DIRECTORY_WRITABLE: Gauge "directory_writable_up" ["tenant"] "0 or 1",
        "Whether any write primary of the realm answered its last probes; only where there is one.";
    SERVER_UP: Gauge "ldap_server_up" ["tenant", "server"] "0 or 1",
        "Whether a directory server is asked: 0 while it is left alone after failures.";
    POOL_SIZE: Gauge "ldap_pool_size" ["server", "kind"] "operations",
        "Operations at once that a directory server is given at most, by kind: search, bind, write; over all realms that use it.";
    POOL_BUSY: Gauge "ldap_pool_busy" ["server", "kind"] "operations",
        "Operations under way on a directory server.";
    POOL_WAITING: Gauge "ldap_pool_waiting" ["server", "kind"] "operations",
        "Operations that wait for a place on a directory server.";
    POOL_CROWDED: Counter "ldap_pool_crowded_total" ["server", "kind"] "operations",
        "Operations that were turned away since too many waited for too long; since the last reload of the configuration.";
    GUARD_DROPS: Counter "ldap_guard_drops_total" [] "connections",
        "Connections that were closed because a directory server broke the protocol or our bounds.";
    // The store
    STORE_UP: Gauge "store_up" [] "0 or 1",
        "Whether the ticket store answered just now.";
    STORE_SECONDS: Histogram "store_seconds" ["op"] "seconds",
        "How long the ticket store took, by operation; of a store within this process: look and change.";
    STORE_WAITS: Counter "store_wait_total" [] "writes",
        "Claims and ends of reset tickets for which a replica of Redis was waited for; only with Redis.";
    STORE_WAIT_SHORT: Counter "store_wait_short_total" [] "writes",
        "Those of store_wait_total that no replica has followed in time; only with Redis.";
    STORE_ROLLBACK: Counter "store_rollback_total" ["what"] "tickets",
        "Tickets that this node knows to be spent and that the store has forgotten (forgotten) or gave out again (returned), which it refused: acknowledged writes were lost.";
    STORE_DANGERS: Gauge "store_dangers" [] "settings",
        "Settings of the ticket store that endanger sessions, as of the last look; only with Redis.";
    CLOCK_SKEW: Gauge "clock_skew" [] "seconds",
        "By how much the clocks of this node and of the store differ, the worst of its servers, as of the last look; only with Redis.";
    // The node
    READY: Gauge "ready" [] "0 or 1",
        "What /readyz says.";
    REQUESTS: Counter "http_requests_total" ["class"] "requests",
        "Answers to browsers and applications by class of their status: 1xx to 5xx.";
    INFLIGHT: Gauge "inflight" [] "requests",
        "Requests of browsers and applications that are being answered.";
    FORWARDED_UNREADABLE: Counter "forwarded_unreadable_total" [] "requests",
        "Requests of which a trusted proxy told as the client's address what is none. They count as the proxy's own, so that many clients share one throttle.";
    SHED: Counter "shed_total" ["what"] "refusals",
        "What was turned away for want of room: idle (connections closed to make room), connection, requests by kind (kept: validations, sign-outs, files; begun: forms, browsers that are signed in; waiting: forms that ask for room; new), realm (tries of passwords told before the directory is asked), directory, store, passwords, captcha (pictures and sounds).";
    PANICS: Counter "panics_total" [] "panics",
        "Faults of the program that ended one request, one background job or one connection, and nothing else.";
    CONFINED: Gauge "confined" ["what"] "0 or 1",
        "Whether the kernel holds this process to what it needs: files, listen, connect (ports), calls (of the system), programs (none are started).";
    CONFINED_REFUSED: Counter "confined_refused_total" [] "refusals",
        "Connections, files and programs that the kernel refused to this process although it tried, as far as the process knows of it. Anything but 0 is worth a look.";
    CERT_EXPIRY: Gauge "cert_expiry" ["of"] "seconds since 1970",
        "When a certificate ends: server is our own; ldaps://… a directory server's, as of its newest connection.";
    RELOADS: Counter "config_reload_total" ["result"] "reloads",
        "Readings of the files while serving: done, failed.";
    RELOAD_FAILED: Gauge "config_reload_failed" [] "0 or 1",
        "Whether the last reading of the files failed, so that older ones are served.";
    NODES: Gauge "nodes" [] "nodes",
        "Nodes that share the store and were heard of within 30 seconds, this one included.";
    NODES_DIFFER: Gauge "nodes_differ" ["in"] "0 or 1",
        "Whether live nodes differ in what they serve or run: version, config, registry, institutions, themes, keys.";
    AUDIT_LOST: Counter "audit_lost_total" [] "events",
        "Events that could not be written to the audit's file; only where one is set.";
    AUDIT_WAITING: Gauge "audit_waiting" [] "events",
        "Events that wait in memory since the audit's file cannot be written; only where one is set.";
    AUDIT_BROKEN: Gauge "audit_chain_broken" [] "0 or 1",
        "Whether a line of the audit's file was changed, removed or moved, as of the last look; only where one is set.";
    BUILD: Gauge "build_info" ["version"] "1",
        "The version that runs.";
    // The process
    CPU: Counter "process_cpu_seconds_total" [] "seconds",
        "Total user and system CPU time spent in seconds.";
    RESIDENT: Gauge "process_resident_memory_bytes" [] "bytes",
        "Resident memory size in bytes.";
    VIRTUAL: Gauge "process_virtual_memory_bytes" [] "bytes",
        "Virtual memory size in bytes.";
    THREADS: Gauge "process_threads" [] "threads",
        "Number of operating system threads.";
    OPEN_FDS: Gauge "process_open_fds" [] "descriptors",
        "Number of open file descriptors.";
    MAX_FDS: Gauge "process_max_fds" [] "descriptors",
        "Maximum number of open file descriptors.";
    START_TIME: Gauge "process_start_time_seconds" [] "seconds since 1970",
        "Start time of the process since unix epoch in seconds.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_of_the_form_that_prometheus_asks_for() {
        let names: BTreeSet<&str> = ALL.iter().map(|family| family.name).collect();
        assert_eq!(names.len(), ALL.len());
        for family in ALL {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(family.name.bytes().all(plain), "{}", family.name);
            let total = family.name.ends_with("_total");
            assert_eq!(total, family.kind == Kind::Counter, "{}", family.name);
        }
    }
}
