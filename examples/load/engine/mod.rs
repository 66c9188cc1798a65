//! The engine of the load kit: profile → state → run → report. It starts no server; the figures do.
//!
//! A latency is counted from the moment at which a step was due, not from when it was sent: a server that
//! stalls is not spared those who would have come meanwhile (“coordinated omission”).

pub mod arrivals;
pub mod callback;
#[path = "../../generate/invent/chance.rs"]
#[allow(
    dead_code,
    clippy::duplicate_mod,
    reason = "the generator has it too, and draws more"
)]
pub mod chance;
pub mod chart;
#[path = "../../../benches/sign_in/client.rs"]
#[allow(dead_code, reason = "the benchmark of a sign-in asks otherwise")]
pub mod client;
pub mod course;
pub mod crowd;
#[path = "../../../benches/sign_in/form.rs"]
pub mod form;
pub mod journeys;
pub mod latencies;
pub mod mailbox;
#[path = "../../../benches/sign_in/people.rs"]
#[allow(dead_code, reason = "the benchmark of a sign-in numbers its people otherwise")]
pub mod people;
pub mod plot;
pub mod portal;
pub mod profile;
pub mod progress;
pub mod record;
pub mod report;
pub mod reset;
pub mod run;
pub mod site;
pub mod span;
pub mod state;
