#![no_main]
//! See `bodies::ticket_decoding`.

#[path = "../../tests/it/fuzz/bodies.rs"]
#[allow(dead_code)]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::ticket_decoding(data));
