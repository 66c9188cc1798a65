//! Password hashes as directories store them (RFC 2307 `{SCHEME}` and PHC strings): verified
//! within a cost that we bound, and made (argon2id). It reads no directory and keeps nothing.
//!
//! Verifying is work for the processor, up to a second: never on a thread of the async runtime.

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::{BASE64_NOPAD, BitOrder, HEXLOWER, Specification};
use ring::digest;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::base::entropy::Entropy;

/// Most memory an argon2 hash may ask for, in KiB (256 MiB).
pub const MOST_MEMORY_KIB: u32 = 256 * 1024;
/// Most passes an argon2 hash may ask for.
pub const MOST_PASSES: u32 = 10;
/// Most lanes an argon2 hash may ask for.
pub const MOST_LANES: u32 = 8;
/// Most rounds a SHA-crypt hash may ask for.
pub const MOST_ROUNDS: u32 = 1_000_000;

const SHA_CRYPT_DEFAULT_ROUNDS: u32 = 5_000;
const SHA_CRYPT_LEAST_ROUNDS: u32 = 1_000;

/// What comparing a password with a stored value comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Right,
    Wrong,
    /// The value carries a mark that staff put there to lock the account (`!`, `*`, `*LK*`).
    Locked,
    /// The value cannot be compared; no password is right or wrong against it.
    Unusable(Unusable),
}

/// Why a stored value cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("the password is stored in clear; store a hash")]
    Clear,
    #[error("the scheme {0} is not verified here")]
    Scheme(String),
    #[error("the hash asks for {what} = {asked}, more than {most}")]
    TooCostly {
        what: &'static str,
        asked: u64,
        most: u32,
    },
    #[error("the hash is damaged: {0}")]
    Damaged(&'static str),
}

/// Compares `password` with a stored value, in a time that does not depend on where they differ.
pub fn verify(stored: &[u8], password: &[u8]) -> Verdict {
    match compare(stored, password) {
        Ok(true) => Verdict::Right,
        Ok(false) => Verdict::Wrong,
        Err(Obstacle::Locked) => Verdict::Locked,
        Err(Obstacle::Unusable(why)) => Verdict::Unusable(why),
    }
}

/// The scheme of a stored value for reports and for choosing a decoy: `ARGON2`, `SSHA`,
/// `CRYPT$6$`…; `None` for clear text.
pub fn scheme(stored: &[u8]) -> Option<String> {
    let text = text_of(stored).ok()?;
    let (scheme, rest) = split_scheme(text)?;
    let method = rest.split('$').nth(1).filter(|_| rest.starts_with('$'));
    match (scheme.as_str(), method) {
        ("CRYPT", Some(method)) => Some(format!("CRYPT${method}$")),
        _ => Some(scheme),
    }
}

/// How a stored value was made, for `doctor`: `ARGON2 argon2i v=19 m=4096,t=3,p=1`, `SSHA`, `in clear`;
/// neither salt nor hash.
pub fn made_by(stored: &[u8]) -> String {
    let Some(scheme) = scheme(stored) else {
        return "in clear".to_owned();
    };
    let parameters = text_of(stored).ok().and_then(split_scheme);
    let parameters = parameters.filter(|_| scheme == "ARGON2").map(|(_, rest)| {
        let fields: Vec<&str> = rest.split('$').skip(1).collect();
        // The last two are salt and hash.
        let told = fields.len().saturating_sub(2);
        fields.into_iter().take(told).collect::<Vec<_>>().join(" ")
    });
    match parameters {
        Some(parameters) => format!("{scheme} {parameters}"),
        None => scheme,
    }
}

/// An argon2id hash of `password` as `{ARGON2}$argon2id$v=19$m=19456,t=2,p=1$…`, which OpenLDAP's
/// argon2 module and [`verify`] accept.
pub fn argon2id(password: &[u8], entropy: &dyn Entropy) -> Result<String, Unusable> {
    argon2id_costing(password, entropy, Params::DEFAULT_M_COST, Params::DEFAULT_T_COST)
}

/// [`argon2id`] with the memory (KiB) and the passes given: low ones keep tests fast.
pub fn argon2id_costing(
    password: &[u8],
    entropy: &dyn Entropy,
    memory: u32,
    passes: u32,
) -> Result<String, Unusable> {
    let mut salt = [0u8; 16];
    entropy.fill(&mut salt);
    let params = checked_params(memory, passes, 1, 32)?;
    let mut out = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, &salt, &mut *out)
        .map_err(|_| Unusable::Damaged("argon2 refused its input"))?;
    let (salt, out) = (BASE64_NOPAD.encode(&salt), BASE64_NOPAD.encode(&*out));
    Ok(format!(
        "{{ARGON2}}$argon2id$v=19$m={memory},t={passes},p=1${salt}${out}"
    ))
}

/// Sixteen hex digits that change when a stored value does, and tell nothing about it.
pub fn fingerprint(stored: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, stored);
    HEXLOWER.encode(digest.as_ref().get(..8).unwrap_or_default())
}

/// The scheme by which another system is asked about the password (`{SASL}anne@EXAMPLE.ORG`), so
/// that a hash written in its place would cut the link (SEC-84).
pub fn is_pass_through(stored: &[u8]) -> bool {
    let scheme = scheme(stored).unwrap_or_default();
    matches!(scheme.as_str(), "SASL" | "KERBEROS" | "RADIUS" | "EXTERNAL")
}

/// Whether it is marked so that no password matches it: `{SSHA}!…`, `!…`, `*LK*`.
pub fn is_locked(stored: &[u8]) -> bool {
    let Ok(text) = text_of(stored) else { return false };
    is_lock_mark(text) || split_scheme(text).is_some_and(|(_, rest)| is_lock_mark(rest))
}

enum Obstacle {
    Locked,
    Unusable(Unusable),
}

impl From<Unusable> for Obstacle {
    fn from(why: Unusable) -> Obstacle {
        Obstacle::Unusable(why)
    }
}

fn compare(stored: &[u8], password: &[u8]) -> Result<bool, Obstacle> {
    let text = text_of(stored)?;
    if is_lock_mark(text) {
        return Err(Obstacle::Locked);
    }
    let Some((scheme, rest)) = split_scheme(text) else {
        return Err(Unusable::Clear.into());
    };
    if is_lock_mark(rest) {
        return Err(Obstacle::Locked);
    }
    let right = match scheme.as_str() {
        "ARGON2" => verify_argon2(rest, password),
        "SSHA" => verify_salted(&digest::SHA1_FOR_LEGACY_USE_ONLY, rest, password),
        "SSHA256" => verify_salted(&digest::SHA256, rest, password),
        "SSHA512" => verify_salted(&digest::SHA512, rest, password),
        "CRYPT" => verify_crypt(rest, password),
        other => Err(Unusable::Scheme(format!("{{{other}}}"))),
    };
    Ok(right?)
}

/// The value as text, without the NUL bytes that OpenLDAP's own argon2 values end in.
fn text_of(stored: &[u8]) -> Result<&str, Unusable> {
    let text = std::str::from_utf8(stored).map_err(|_| Unusable::Damaged("it is not text"))?;
    Ok(text.trim_end_matches('\0'))
}

fn is_lock_mark(text: &str) -> bool {
    text.starts_with('!') || text.starts_with('*')
}

/// `{scheme}rest`; a bare PHC string of argon2 counts as `{ARGON2}`. Scheme names have no case.
fn split_scheme(text: &str) -> Option<(String, &str)> {
    if text.starts_with("$argon2") {
        return Some(("ARGON2".to_owned(), text));
    }
    let (scheme, rest) = text.strip_prefix('{')?.split_once('}')?;
    Some((scheme.to_ascii_uppercase(), rest))
}

fn same(computed: &[u8], stored: &[u8]) -> bool {
    bool::from(computed.ct_eq(stored))
}

fn decode(base64: &str) -> Result<Vec<u8>, Unusable> {
    BASE64_NOPAD
        .decode(base64.trim_end_matches('=').as_bytes())
        .map_err(|_| Unusable::Damaged("it is not base64"))
}

/// `{SSHA…}`: base64 of digest(password ‖ salt) ‖ salt.
fn verify_salted(
    algorithm: &'static digest::Algorithm,
    rest: &str,
    password: &[u8],
) -> Result<bool, Unusable> {
    let bytes = decode(rest)?;
    let (stored, salt) = bytes
        .split_at_checked(algorithm.output_len())
        .ok_or(Unusable::Damaged("it is too short"))?;
    let mut context = digest::Context::new(algorithm);
    context.update(password);
    context.update(salt);
    Ok(same(context.finish().as_ref(), stored))
}

/// `$argon2id$v=19$m=…,t=…,p=…$salt$hash` (also argon2i, the default of OpenLDAP's module).
fn verify_argon2(phc: &str, password: &[u8]) -> Result<bool, Unusable> {
    let fields: Vec<&str> = phc.split('$').collect();
    let ["", algorithm, "v=19", costs, salt, stored] = fields.as_slice() else {
        return Err(Unusable::Damaged("it is not $argon2id$v=19$costs$salt$hash"));
    };
    let algorithm = match *algorithm {
        "argon2id" => Algorithm::Argon2id,
        "argon2i" => Algorithm::Argon2i,
        other => return Err(Unusable::Scheme(format!("${other}$"))),
    };
    let (salt, stored) = (decode(salt)?, decode(stored)?);
    if !(16..=64).contains(&stored.len()) || !(8..=64).contains(&salt.len()) {
        return Err(Unusable::Damaged("its salt or hash has an odd length"));
    }
    let (memory, passes, lanes) = argon2_costs(costs)?;
    let params = checked_params(memory, passes, lanes, stored.len())?;
    let mut computed = Zeroizing::new(vec![0u8; stored.len()]);
    Argon2::new(algorithm, Version::V0x13, params)
        .hash_password_into(password, &salt, &mut computed)
        .map_err(|_| Unusable::Damaged("argon2 refused its costs"))?;
    Ok(same(&computed, &stored))
}

fn argon2_costs(costs: &str) -> Result<(u32, u32, u32), Unusable> {
    let (mut memory, mut passes, mut lanes) = (0, 0, 0);
    for cost in costs.split(',') {
        match cost.split_once('=') {
            Some(("m", value)) => memory = capped("m", value, MOST_MEMORY_KIB)?,
            Some(("t", value)) => passes = capped("t", value, MOST_PASSES)?,
            Some(("p", value)) => lanes = capped("p", value, MOST_LANES)?,
            _ => return Err(Unusable::Damaged("it has a cost other than m, t and p")),
        }
    }
    Ok((memory, passes, lanes))
}

fn capped(what: &'static str, value: &str, most: u32) -> Result<u32, Unusable> {
    let asked: u64 = value
        .parse()
        .map_err(|_| Unusable::Damaged("a cost is not a number"))?;
    match u32::try_from(asked) {
        Ok(fits) if fits <= most => Ok(fits),
        _ => Err(Unusable::TooCostly { what, asked, most }),
    }
}

fn checked_params(memory: u32, passes: u32, lanes: u32, length: usize) -> Result<Params, Unusable> {
    Params::new(memory, passes, lanes, Some(length))
        .map_err(|_| Unusable::Damaged("its costs are below argon2's least"))
}

/// `$5$[rounds=N$]salt$hash` and `$6$…` (SHA-crypt); other methods of crypt(3) are refused by name.
fn verify_crypt(rest: &str, password: &[u8]) -> Result<bool, Unusable> {
    let mut fields = rest.split('$');
    let (Some(""), Some(method)) = (fields.next(), fields.next()) else {
        return Err(Unusable::Scheme("{CRYPT} (DES)".to_owned()));
    };
    if !matches!(method, "5" | "6") {
        return Err(Unusable::Scheme(format!("{{CRYPT}}${method}$")));
    }
    let damaged = Unusable::Damaged("it is not $6$salt$hash");
    let mut next = fields.next().ok_or(damaged.clone())?;
    let mut rounds = SHA_CRYPT_DEFAULT_ROUNDS;
    if let Some(asked) = next.strip_prefix("rounds=") {
        rounds = capped("rounds", asked, MOST_ROUNDS)?.max(SHA_CRYPT_LEAST_ROUNDS);
        next = fields.next().ok_or(damaged.clone())?;
    }
    let (Some(stored), None) = (fields.next(), fields.next()) else {
        return Err(damaged);
    };
    let params = sha_crypt::Params::new(rounds).map_err(|_| damaged)?;
    let computed = match method {
        "5" => crypt_text(
            &sha_crypt::sha256_crypt(password, next.as_bytes(), params),
            10,
            21,
        ),
        _ => crypt_text(
            &sha_crypt::sha512_crypt(password, next.as_bytes(), params),
            21,
            22,
        ),
    };
    Ok(same(computed.as_bytes(), stored.as_bytes()))
}

/// SHA-crypt's own writing of a digest: three interleaved columns, each row starting one column
/// further, then what is left, in crypt's base64 with the low bits first.
fn crypt_text(raw: &[u8], column: usize, step: usize) -> String {
    let cycle = column * 3;
    let mut shuffled = Vec::with_capacity(raw.len());
    for row in 0..column {
        for third in [2, 1, 0] {
            shuffled.extend(raw.get((row * step + third * column) % cycle));
        }
    }
    shuffled.extend(raw.get(cycle..).unwrap_or_default());
    let mut specification = Specification::new();
    specification
        .symbols
        .push_str("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    specification.bit_order = BitOrder::LeastSignificantFirst;
    specification
        .encoding()
        .map(|encoding| encoding.encode(&shuffled))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SeededEntropy;
    use data_encoding::BASE64;

    fn salted(scheme: &str, algorithm: &'static digest::Algorithm, password: &str) -> String {
        let mut context = digest::Context::new(algorithm);
        context.update(password.as_bytes());
        context.update(b"salty");
        let mut bytes = context.finish().as_ref().to_vec();
        bytes.extend(b"salty");
        format!("{{{scheme}}}{}", BASE64.encode(&bytes))
    }

    fn assert_only_this_password(stored: &str, password: &str) {
        assert_eq!(
            verify(stored.as_bytes(), password.as_bytes()),
            Verdict::Right,
            "{stored}"
        );
        for other in ["", "x", &format!("{password} "), &password.to_uppercase()] {
            assert_eq!(
                verify(stored.as_bytes(), other.as_bytes()),
                Verdict::Wrong,
                "{stored}"
            );
        }
    }

    #[test]
    fn every_scheme_takes_its_password_and_no_other() {
        // T-62
        let long = "é🙂 phrase de passe — longue ".repeat(5);
        for password in ["Sésame ouvre-toi", "a b", long.as_str()] {
            let made = argon2id_costing(password.as_bytes(), &SeededEntropy::new(1), 64, 1).unwrap();
            assert_only_this_password(&made, password);
            assert_only_this_password(
                &salted("SSHA", &digest::SHA1_FOR_LEGACY_USE_ONLY, password),
                password,
            );
            assert_only_this_password(&salted("ssha256", &digest::SHA256, password), password);
            assert_only_this_password(&salted("SSHA512", &digest::SHA512, password), password);
        }
    }

    #[test]
    fn sha_crypt_agrees_with_the_c_library() {
        // The words and salts of Drepper's "Unix crypt using SHA-256 and SHA-512", computed by
        // glibc's crypt(3).
        for (stored, password) in [
            (
                "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
                "Hello world!",
            ),
            (
                "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
                "Hello world!",
            ),
            (
                "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
                "Hello world!",
            ),
        ] {
            assert_only_this_password(&format!("{{CRYPT}}{stored}"), password);
        }
    }

    #[test]
    fn a_hash_that_asks_for_too_much_is_refused_before_any_work() {
        let salt_and_hash = "c2FsdHNhbHRzYWx0$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";
        for costs in [
            "m=4194304,t=1,p=1",
            "m=64,t=1000,p=1",
            "m=64,t=1,p=9",
            "m=99999999999,t=1,p=1",
        ] {
            let stored = format!("{{ARGON2}}$argon2id$v=19${costs}${salt_and_hash}");
            let verdict = verify(stored.as_bytes(), b"x");
            assert!(
                matches!(verdict, Verdict::Unusable(Unusable::TooCostly { .. })),
                "{costs}: {verdict:?}"
            );
        }
        let verdict = verify(b"{CRYPT}$6$rounds=999999999$salt$x", b"x");
        assert!(matches!(
            verdict,
            Verdict::Unusable(Unusable::TooCostly { what: "rounds", .. })
        ));
    }

    #[test]
    fn what_cannot_be_compared_is_named_and_what_is_locked_is_locked() {
        for (stored, reason) in [
            ("secret", "the password is stored in clear; store a hash"),
            (
                "{MD5}rL0Y20zC+Fzt72VPzMSk2A==",
                "the scheme {MD5} is not verified here",
            ),
            ("{SASL}anne@EXAMPLE.ORG", "the scheme {SASL} is not verified here"),
            ("{CRYPT}$2y$05$x", "the scheme {CRYPT}$2y$ is not verified here"),
            (
                "{CRYPT}rl.3StKT.4T8M",
                "the scheme {CRYPT} (DES) is not verified here",
            ),
            ("{SSHA}a%", "the hash is damaged: it is not base64"),
            ("{SSHA}YWJj", "the hash is damaged: it is too short"),
            (
                "$argon2d$v=19$m=64,t=1,p=1$x$y",
                "the scheme $argon2d$ is not verified here",
            ),
        ] {
            match verify(stored.as_bytes(), b"secret") {
                Verdict::Unusable(why) => assert_eq!(why.to_string(), reason),
                other => panic!("{stored}: {other:?}"),
            }
        }
        for locked in ["*LK*", "!", "{CRYPT}!$6$a$b", "{SSHA}*"] {
            assert_eq!(verify(locked.as_bytes(), b"x"), Verdict::Locked, "{locked}");
        }
    }

    #[test]
    fn the_nul_bytes_that_openldap_appends_do_not_matter() {
        let made = argon2id_costing(b"x", &SeededEntropy::new(1), 64, 1).unwrap();
        let mut stored = made.into_bytes();
        stored.extend([0, 0]);
        assert_eq!(verify(&stored, b"x"), Verdict::Right);
        assert_eq!(scheme(&stored).as_deref(), Some("ARGON2"));
        assert_eq!(scheme(b"{crypt}$6$a$b").as_deref(), Some("CRYPT$6$"));
    }
}
