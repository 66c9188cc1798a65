//! The ticket store on Redis: a single server, the primary that Sentinels name, or a Cluster. Each
//! transition is one script; the scripts are under `scripts/`.

mod answers;
mod challenges;
mod dial;
mod facts;
mod gather;
mod keys;
mod line;
mod proxy;
mod records;
mod scripts;
mod settings;
mod store;
mod throttle;
mod upstream;

pub use facts::{Finding, RedisFacts};
pub use settings::{RedisOptions, RedisProblem, RedisSettings, Strictness};
pub use store::RedisStore;
