//! Login tickets (LT): the form's proof that it is ours, bound to the browser that asked for it,
//! good for one POST (CAS-69). Nothing is stored until it is spent.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use subtle::ConstantTimeEq;

use crate::base::clock::Timestamp;
use crate::base::entropy::Entropy;
use crate::base::keys::{KeyRing, Purpose};

/// A form may stay open this long (experience §3: four hours).
pub const LIFETIME: Duration = Duration::from_secs(4 * 3600);

const PREFIX: &str = "LT-";

/// A login ticket that fits the browser and is in time; still to be spent in the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LoginTicket {
    /// The mark under which the store notes that it was used.
    pub mark: [u8; 16],
}

/// Why a login ticket does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginTicketFlaw {
    /// No ticket, not ours, or of another browser.
    Foreign,
    /// The page was open too long.
    Expired,
}

/// A new login ticket for the browser that holds `browser` (the value of its pre-session cookie).
pub fn issue(keys: &KeyRing, entropy: &dyn Entropy, now: Timestamp, browser: &str) -> String {
    let mut mark = [0; 16];
    entropy.fill(&mut mark);
    let mut body = mark.to_vec();
    body.extend(now.0.to_be_bytes());
    body.extend(proof(keys, &mark, now, browser));
    format!("{PREFIX}{}", BASE32_NOPAD.encode(&body))
}

/// Reads what a form sent back.
pub fn read(
    keys: &KeyRing,
    now: Timestamp,
    browser: &str,
    text: &str,
) -> Result<LoginTicket, LoginTicketFlaw> {
    let body = text
        .strip_prefix(PREFIX)
        .and_then(|body| BASE32_NOPAD.decode(body.as_bytes()).ok());
    let body: [u8; 40] = body
        .and_then(|body| body.try_into().ok())
        .ok_or(LoginTicketFlaw::Foreign)?;
    let (mark, rest) = body.split_first_chunk::<16>().ok_or(LoginTicketFlaw::Foreign)?;
    let (issued, sent) = rest.split_first_chunk::<8>().ok_or(LoginTicketFlaw::Foreign)?;
    let issued = Timestamp(u64::from_be_bytes(*issued));
    if !bool::from(proof(keys, mark, issued, browser).ct_eq(sent)) {
        return Err(LoginTicketFlaw::Foreign);
    }
    // A node whose clock runs behind must not refuse the tickets of another.
    if now.since(issued) > LIFETIME {
        return Err(LoginTicketFlaw::Expired);
    }
    Ok(LoginTicket { mark: *mark })
}

/// A mark of the store for something that may happen once, named by `parts`.
pub fn mark_of(keys: &KeyRing, parts: &[&[u8]]) -> [u8; 16] {
    let whole = keys.pseudonym(Purpose::Form, parts);
    let mut mark = [0; 16];
    mark.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    mark
}

fn proof(keys: &KeyRing, mark: &[u8; 16], issued: Timestamp, browser: &str) -> [u8; 16] {
    let issued = issued.0.to_be_bytes();
    let parts: [&[u8]; 4] = [b"login ticket", mark, &issued, browser.as_bytes()];
    let whole = keys.pseudonym(Purpose::Form, &parts);
    let mut half = [0; 16];
    half.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    half
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::OsEntropy;

    #[test]
    fn a_login_ticket_belongs_to_one_browser_and_one_afternoon() {
        // CAS-69, CAS-100, CAS-101, CAS-331
        let keys = KeyRing::ephemeral(&OsEntropy);
        let now = Timestamp(1_000_000);
        let ticket = issue(&keys, &OsEntropy, now, "browser-a");
        assert!(ticket.starts_with("LT-") && ticket.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        assert!(read(&keys, now, "browser-a", &ticket).is_ok());
        assert!(read(&keys, now.plus(LIFETIME), "browser-a", &ticket).is_ok());
        let late = now.plus(LIFETIME + Duration::from_millis(1));
        assert_eq!(
            read(&keys, late, "browser-a", &ticket).err(),
            Some(LoginTicketFlaw::Expired)
        );
        assert_eq!(
            read(&keys, now, "browser-b", &ticket).err(),
            Some(LoginTicketFlaw::Foreign)
        );
        assert_eq!(read(&keys, now, "", "LT-").err(), Some(LoginTicketFlaw::Foreign));
        let other = issue(&keys, &OsEntropy, now, "browser-a");
        assert_ne!(ticket, other);
    }

    #[test]
    fn a_changed_login_ticket_is_foreign() {
        // CAS-69
        let keys = KeyRing::ephemeral(&OsEntropy);
        let ticket = issue(&keys, &OsEntropy, Timestamp(5), "b");
        for at in 3..ticket.len() {
            let mut bytes = ticket.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert!(read(&keys, Timestamp(5), "b", &changed).is_err(), "symbol {at}");
        }
    }
}
