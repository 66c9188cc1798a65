//! The ticket store on Redis: a single server, the primary that Sentinels name, or a Cluster. Each
//! transition is one script; the scripts are under `scripts/`.

mod answers;
mod budgets;
mod challenges;
pub mod codes;
mod dial;
mod durable;
mod epoch;
mod facts;
mod farewells;
mod formats;
mod gather;
mod guard;
mod keys;
mod line;
mod marks;
mod more;
mod nodes;
mod patience;
mod primary;
mod proxy;
mod records;
mod requests;
mod reset;
mod scripts;
mod sentinels;
mod settings;
mod store;
mod throttle;
mod upstream;
mod visits;
mod wire;

pub use facts::{Finding, RedisFacts};
pub use formats::{formats, readable_as, scripts};
pub use settings::{RedisOptions, RedisProblem, RedisSettings, Strictness};
pub use store::RedisStore;
