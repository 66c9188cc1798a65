//! Every fuzz target in one program: `FUZZ_TARGET` names the one that libFuzzer drives; without a name it
//! prints all names and ends.
#![no_main]

#[path = "../tests/it/fuzz/bodies/mod.rs"]
#[allow(dead_code, reason = "stable tests use the rest")]
mod bodies;

use std::sync::OnceLock;

use bodies::Body;

static CHOSEN: OnceLock<Body> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let found = bodies::ALL.iter().find(|(known, _)| *known == name);
        let Some((_, body)) = found else {
            bodies::ALL.iter().for_each(|(known, _)| println!("{known}"));
            std::process::exit(i32::from(!name.is_empty()));
        };
        let _ = CHOSEN.set(*body);
    },
    |data: &[u8]| {
        if let Some(body) = CHOSEN.get() {
            body(data);
        }
    }
);
