//! The invariants I1 to I8 of reliability §2 as models: the real flows, over a store that is a log whose
//! suffix may be lost and whose acknowledgements may be, and a directory whose answers may be.
//!
//! What happens is a list of steps drawn by proptest, and shrunk by leaving steps out; steps name things
//! by number, modulo how many there are, so that every list is a story. (`proptest-state-machine` 0.9
//! was looked at: it turns on proptest's `fork`, `timeout` and `bit-set` for everybody, and its steps,
//! applied one after the other, know no request that stands still while others go on.) Lists that failed
//! once are kept in `proptest-regressions/it` and tried first; what they showed is a test of its own beside.
//! `PROPTEST_CASES` sets how many are drawn.

mod course;
mod directory;
mod matrix;
mod passwords;
mod sessions;
mod store;
mod throttled;
mod visits;
mod world;

use std::fmt::Debug;
use std::future::Future;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestRunner};

/// Tells `cases` stories, or as many as `PROPTEST_CASES` says; `kept` is where those are kept that failed.
fn stories<S, W, F>(cases: u32, kept: &'static str, drawn: S, tell: F)
where
    S: Strategy,
    S::Value: Debug,
    W: Future<Output = Result<(), String>>,
    F: Fn(S::Value) -> W,
{
    let usual = Config::default();
    let asked = std::env::var("PROPTEST_CASES").is_ok();
    let mut runner = TestRunner::new(Config {
        cases: if asked { usual.cases } else { cases },
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept))),
        max_shrink_iters: 3000,
        ..usual
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let told = runner.run(&drawn, |story| {
        runtime.block_on(tell(story)).map_err(TestCaseError::fail)
    });
    if let Err(flaw) = told {
        panic!("{flaw}");
    }
}
