//! Free loopback ports, none handed out twice by this process.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below those that Linux gives to connections that go out (from 32,768 on): a port that is handed out is not
/// taken by the next client of anybody.
const FIRST: u32 = 12_000;
const COUNT: u32 = 20_000;

static HANDED_OUT: AtomicU32 = AtomicU32::new(0);

/// A port on 127.0.0.1 that nothing listens on. Another process may still take it before the caller
/// binds it: who starts a server tries again with another.
pub fn free() -> u16 {
    // Processes that run side by side begin far apart.
    let begin = process::id().wrapping_mul(1_013);
    loop {
        let number = HANDED_OUT.fetch_add(1, Ordering::Relaxed);
        assert!(number < COUNT, "no loopback port is free");
        let port = FIRST + begin.wrapping_add(number) % COUNT;
        let port = u16::try_from(port).expect("below 32,000");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
