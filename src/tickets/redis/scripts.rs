//! The scripts, one for each transition, and a call of one of them.

use std::sync::LazyLock;

use redis::{Arg, Cmd, ToRedisArgs};

/// A script by its SHA-1; its source is sent only to a server that does not have it.
pub(super) struct Script {
    pub name: &'static str,
    source: String,
    hash: String,
}

macro_rules! scripts {
    ($($constant:ident = $name:literal: $($part:literal),+;)*) => {
        $(
            pub(super) static $constant: LazyLock<Script> =
                LazyLock::new(|| Script::new($name, &[$(include_str!(concat!("scripts/", $part, ".lua"))),+]));
        )*

        /// Every script.
        pub(super) fn all() -> impl Iterator<Item = &'static Script> {
            [$(&*$constant),*].into_iter()
        }
    };
}

scripts! {
    OPEN = "open": "prelude", "reset", "open";
    SESSION = "session": "prelude", "session";
    GRANT = "grant": "prelude", "grant";
    TAKE = "take": "prelude", "take";
    SET_WARN = "set_warn": "prelude", "set_warn";
    INHERIT = "inherit": "prelude", "inherit";
    END = "end": "prelude", "end";
    END_ALL = "end_all": "prelude", "end_all";
    SESSIONS_OF = "sessions_of": "prelude", "sessions_of";
    CONNECTIONS = "connections": "prelude", "connections";
    KEEP_PGT = "keep_pgt": "prelude", "keep_pgt";
    PGT = "pgt": "prelude", "pgt";
    GRANT_PROXY = "grant_proxy": "prelude", "grant_proxy";
    WRITE_ACCOUNT = "write_account": "write_account";
    RESERVE = "reserve": "counter", "reserve";
    SETTLE = "settle": "counter", "settle";
    NETWORK = "network": "network";
    MINT = "mint": "reset", "mint";
    LOOK = "look": "reset", "look";
    CLAIM = "claim": "reset", "claim";
    RELEASE = "release": "reset", "release";
    SPEND = "spend": "reset", "spend";
    REVOKE = "revoke": "reset", "revoke";
    CODES = "codes": "reset", "codes";
    TRY_CODE = "try_code": "reset", "try_code";
    PUSH = "push": "queue", "push";
    TAKE_NEXT = "take_next": "queue", "take_next";
    DONE = "done": "queue", "done";
    LATER = "later": "queue", "later";
    LIST = "list": "queue", "list";
    LAG = "lag": "queue", "lag";
    NOTE = "note": "note";
    LINES = "lines": "lines";
    BUDGET = "budget": "budget";
    MARKS = "marks": "marks";
    ADD_EVENT = "add_event": "add_event";
    ANNOUNCE = "announce": "announce";
    LEAVE = "leave": "leave";
    NODES = "nodes": "nodes";
    TAKE_PENDING = "take_pending": "take_pending";
    EPOCH = "epoch": "epoch";
}

impl Script {
    fn new(name: &'static str, parts: &[&str]) -> Script {
        let source = parts.concat();
        let hash = redis::Script::new(&source).get_hash().to_owned();
        Script { name, source, hash }
    }

    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// A call with these keys; arguments follow by [`Call::arg`].
    pub fn on<K: AsRef<[u8]>>(&'static self, keys: &[K]) -> Call {
        let mut command = Cmd::with_capacity(12 + keys.len(), 768);
        command.arg("EVALSHA").arg(&self.hash).arg(keys.len());
        for key in keys {
            command.arg(key.as_ref());
        }
        Call {
            name: self.name,
            command,
            script: Some(self),
            repeats: true,
            near: None,
        }
    }
}

/// One command on its way.
pub(super) struct Call {
    pub name: &'static str,
    pub command: Cmd,
    script: Option<&'static Script>,
    /// Whether doing it twice gives the same as once: then it is sent again when the connection
    /// broke under it.
    pub repeats: bool,
    /// In a Cluster, the key whose node it goes to, when the command names none.
    pub near: Option<Vec<u8>>,
}

impl Call {
    pub fn plain(name: &'static str, command: Cmd) -> Call {
        Call {
            name,
            command,
            script: None,
            repeats: true,
            near: None,
        }
    }

    /// For a command without keys that concerns the node of this one.
    pub fn near(mut self, key: &[u8]) -> Call {
        self.near = Some(key.to_vec());
        self
    }

    pub fn arg<T: ToRedisArgs>(mut self, value: T) -> Call {
        self.command.arg(value);
        self
    }

    pub fn once(mut self) -> Call {
        self.repeats = false;
        self
    }

    /// The same call with the script's source, for a server that has forgotten it (F-11). Unlike a
    /// SCRIPT LOAD, it goes where the keys are, so in a cluster the right node learns it.
    pub fn with_source(&self) -> Option<Cmd> {
        let script = self.script?;
        let mut command = Cmd::with_capacity(16, script.source.len() + 768);
        command.arg("EVAL").arg(&script.source);
        for arg in self.command.args_iter().skip(2) {
            if let Arg::Simple(bytes) = arg {
                command.arg(bytes);
            }
        }
        Some(command)
    }
}
