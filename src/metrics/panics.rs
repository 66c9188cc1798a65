//! Panics, wherever in the process: each is a fault of ours or of a crate, and whatever went on all the same.
//! It catches none.

use std::panic::PanicHookInfo;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

static PANICS: AtomicU64 = AtomicU64::new(0);

/// How many there were since [`count_panics`].
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Counts panics from now on, and has each told by `tell`. A second call changes nothing.
pub fn count_panics(tell: impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.fetch_add(1, Ordering::Relaxed);
            tell(panic);
        }));
    });
}

/// Where it happened, in a line of the log: its text may quote what nobody should read (SEC-90).
pub fn tell_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(
        event = "panic",
        place,
        "something panicked; only what it was at is lost"
    );
}
