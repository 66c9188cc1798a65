//! The codes of what is found about Redis. A code never gets another meaning; docs/findings.md is made of this
//! list.

use crate::base::findings::codes;

codes! {
    Fail REDIS_TOO_OLD: "Redis is older than what the scripts of the ticket store need";
    Fail REDIS_REPLICA: "The server that is named is a replica and takes no sessions";
    Fail REDIS_EVICTS: "Redis may throw sessions away when its memory is full (maxmemory-policy)";
    Warn REDIS_FORGETS: "Redis forgets acknowledged writes when it restarts (appendonly, appendfsync)";
    Warn REDIS_WRITES_ALONE: "A primary that is cut off from its replicas goes on alone (min-replicas-to-write, min-replicas-max-lag)";
    Warn REDIS_USER_WIDE: "The user of Redis may do everything";
    Warn REDIS_CLOCK: "The clocks of Redis and of this machine are more than 2 s apart";
    Warn REDIS_IN_CLEAR: "Redis is spoken to over a network without TLS";
    Warn REDIS_VULNERABLE: "This version of Redis has known holes in its Lua";
    Warn REDIS_UNPROTECTED: "Whoever reaches Redis may use it: no password for the default user, and protected-mode is off";
    Warn REDIS_MEMORY: "Redis is close to its maxmemory, or to the memory of its machine: sign-ins will be refused";
    Warn REDIS_RESTARTS_EMPTY: "A primary without persistence that is started again empties its replicas";
    Warn REDIS_SENTINELS: "Fewer than three Sentinels, or ones that act too late or too soon";
    Warn REDIS_NEVER_PROMOTED: "No replica may take over (replica-priority)";
    Warn REDIS_EPOCH_BEHIND: "Redis is at a higher epoch than this server's configuration: after a restore old tickets would be good again";
    Warn REDIS_REWRITE_FAILED: "Redis could not write its append-only file or snapshot";
}
