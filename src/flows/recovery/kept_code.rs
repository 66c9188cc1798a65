//! How the store keeps a code: an argon2id hash that proves it (SEC-10), behind a tag that finds it. The
//! tag is sixteen bits under a key that the store does not have. With it a typed code is verified once at
//! most, however many codes are alive; without the key it says nothing, and with it, what is left to
//! search are four million hashes for each code.

use zeroize::Zeroizing;

use crate::base::keys::Purpose;
use crate::base::names::AccountId;
use crate::flows::{FlowError, Ports};
use crate::tickets::ResetCode;

/// Hexadecimal digits of a tag.
const TAG: usize = 4;

/// What the store keeps. An error when the hash could not be made: the request is worked on again.
pub(super) async fn kept(ports: &Ports, account: &AccountId, code: &ResetCode) -> Result<String, FlowError> {
    let secret = Zeroizing::new(code.expose().to_owned());
    let hash = ports.heavy.hash(secret, ports.entropy.clone()).await?;
    Ok(tag(ports, account, code) + &hash)
}

/// The hash to verify the code against, if what is kept may be of this code.
pub(super) fn hash_for<'a>(
    ports: &Ports,
    account: &AccountId,
    code: &ResetCode,
    kept: &'a str,
) -> Option<&'a str> {
    kept.strip_prefix(tag(ports, account, code).as_str())
}

fn tag(ports: &Ports, account: &AccountId, code: &ResetCode) -> String {
    let (realm, person) = (account.realm.as_str().as_bytes(), account.person.0.as_bytes());
    let parts: [&[u8]; 4] = [b"code tag", realm, person, code.expose().as_bytes()];
    let whole = ports.keys.pseudonym(Purpose::Mint, &parts);
    let mut text = data_encoding::HEXLOWER.encode(&whole);
    text.truncate(TAG);
    text
}
