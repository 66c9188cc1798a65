//! Passwords as directories keep them, with salts that follow from the person's number: good for
//! invented people only.

use data_encoding::BASE64;
use mereau::base::entropy::SeededEntropy;
use mereau::passwords::hashes::argon2id_costing;
use ring::digest;

use super::people::{Person, Scheme};

/// Least rounds that the scheme allows: thousands of people must be made in seconds.
const ROUNDS: u32 = 1_000;
/// KiB, for the same reason.
const MEMORY: u32 = 1_024;

/// The value of `userPassword`.
pub fn hash(person: &Person) -> String {
    let password = person.password();
    let salt = format!("salt{:012}", person.number);
    match person.scheme() {
        Scheme::Ssha => salted("SSHA", &digest::SHA1_FOR_LEGACY_USE_ONLY, &password, &salt),
        Scheme::Ssha512 => salted("SSHA512", &digest::SHA512, &password, &salt),
        Scheme::Crypt => crypt(&password, &salt),
        Scheme::Argon2 => argon2id_costing(
            password.as_bytes(),
            &SeededEntropy::new(person.number as u64),
            MEMORY,
            1,
        )
        .expect("costs that argon2 allows"),
        Scheme::Sasl => format!("{{SASL}}{}@GENERATED.EXAMPLE", person.login),
    }
}

fn salted(scheme: &str, algorithm: &'static digest::Algorithm, password: &str, salt: &str) -> String {
    let mut context = digest::Context::new(algorithm);
    context.update(password.as_bytes());
    context.update(salt.as_bytes());
    let mut stored = context.finish().as_ref().to_vec();
    stored.extend(salt.as_bytes());
    format!("{{{scheme}}}{}", BASE64.encode(&stored))
}

/// SHA-512-crypt (`$6$`).
fn crypt(password: &str, salt: &str) -> String {
    const SYMBOLS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let params = sha_crypt::Params::new(ROUNDS).expect("rounds within bounds");
    let hash = sha_crypt::sha512_crypt(password.as_bytes(), salt.as_bytes(), params);
    let mut text = String::new();
    let mut push = |mut bits: u32, count: usize| {
        for _ in 0..count {
            text.push(char::from(SYMBOLS[(bits & 63) as usize]));
            bits >>= 6;
        }
    };
    // The order in which Drepper's scheme takes the bytes.
    let (mut one, mut two, mut three) = (0, 21, 42);
    for _ in 0..21 {
        let byte = |at: usize| u32::from(hash[at]);
        push(byte(one) << 16 | byte(two) << 8 | byte(three), 4);
        (one, two, three) = (two + 1, three + 1, one + 1);
    }
    push(u32::from(hash[63]), 2);
    format!("{{CRYPT}}$6$rounds={ROUNDS}${salt}${text}")
}
