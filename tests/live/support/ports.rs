//! Free loopback ports, none handed out twice by this process.

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::Mutex;

static TAKEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// A port on 127.0.0.1 that nothing listens on. Another process may still take it before the caller
/// binds it: who starts a server tries again with another.
pub fn free() -> u16 {
    let mut taken = TAKEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let taken = taken.get_or_insert_with(HashSet::new);
    loop {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
        let port = listener.local_addr().expect("its address").port();
        if taken.insert(port) {
            return port;
        }
    }
}
