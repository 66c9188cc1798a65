#![no_main]
//! See `bodies::imported_patterns`.

#[path = "../../tests/it/fuzz/bodies.rs"]
#[allow(dead_code)]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::imported_patterns(data));
