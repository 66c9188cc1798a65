//! How values lie in Redis: a version byte, the fields that scripts read at fixed places, then
//! postcard. A value of another version, or one that cannot be read, is absent (F-32).
//!
//! session: version, warn, last use, hard expiry, idle time, epoch of the account (8 bytes each,
//! big endian), name of the account (22), postcard of the session; then, where every server reads it, the
//! visits: see visits.rs.
//! ticket: version, name of the session (22), postcard of the ticket, which begins with the 16 bytes
//! of the service's identity.
//! proxy ticket: version 2, then as a ticket, the postcard of its chain, whether it leaves a visit (1),
//! length of the ticket's postcard (4).
//! PGT: version, name of the session (22), postcard of the grant: length and name of the service,
//! then the chain, which a script copies into proxy tickets.
//! record: version, when it was read (8), postcard.
//! reset ticket: version, postcard, without its guard, which a script may replace: see reset.lua; then,
//! where it is known, the postcard of who asked, which an older server does not look at.
//! visit: version 1 and postcard; what follows it is ignored, since a script cuts it out of a ticket, whose
//! postcard goes on. Or version 2 and as within a session: see visits.rs.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::visits;
use crate::base::clock::{Timestamp, millis};
use crate::tickets::digest::{DIGEST_TEXT, Digest};
use crate::tickets::{
    AccountRecord, Opened, ProxyGrant, ResetTicket, ServiceTicket, Session, SessionRef, Visit,
};

pub(super) const VERSION: u8 = 1;

/// Of a ticket with a chain: a server that knows only the first finds none, and not one without its
/// chain.
pub(super) const VERSION_CHAINED: u8 = 2;

/// Of a visit that lay within a session.
const VERSION_WITHIN: u8 = 2;

const SESSION_HEAD: usize = 56;
const TICKET_HEAD: usize = 23;
const CHAINED_FOOT: usize = 5;
const RECORD_HEAD: usize = 9;

/// A session's postcard; its head is written by the script.
pub(super) fn session(session: &Session) -> Option<Vec<u8>> {
    appended(Vec::with_capacity(160), session)
}

/// The same, with room for its visits behind it. An older server reads the session and does not look further.
pub(super) fn roomy_session(of: &Session) -> Option<Vec<u8>> {
    let mut value = session(of)?;
    let plain = value.len();
    if of.opened == Opened::ByPassword {
        // Left out where nothing follows.
        value = appended(value, &of.opened)?;
    }
    match visits::empty_foot(SESSION_HEAD + value.len()) {
        Some(foot) => value.extend(foot),
        None => value.truncate(plain),
    }
    Some(value)
}

pub(super) fn ticket(of: Digest, ticket: &ServiceTicket) -> Option<Vec<u8>> {
    let mut value = Vec::with_capacity(TICKET_HEAD + ticket.url.len() + 64);
    value.push(VERSION);
    value.extend_from_slice(&of.text());
    appended(value, ticket)
}

/// A ticket without its head, which a script takes from the PGT.
pub(super) fn ticket_body(ticket: &ServiceTicket) -> Option<Vec<u8>> {
    appended(Vec::with_capacity(ticket.url.len() + 64), ticket)
}

pub(super) fn record(record: &AccountRecord) -> Option<Vec<u8>> {
    let mut value = Vec::with_capacity(1024);
    value.push(VERSION);
    value.extend_from_slice(&record.read_at.0.to_be_bytes());
    appended(value, record)
}

/// Without its guard: that one lies beside it.
pub(super) fn reset(ticket: &ResetTicket) -> Option<Vec<u8>> {
    let guard = None;
    let ticket = ResetTicket {
        guard,
        ..ticket.clone()
    };
    let value = appended(vec![VERSION], &ticket)?;
    match &ticket.asked {
        Some(asked) => appended(value, asked),
        None => Some(value),
    }
}

pub(super) fn read_reset(value: &[u8]) -> Option<ResetTicket> {
    let (ticket, rest) = postcard::take_from_bytes::<ResetTicket>(headed(value, 1)?.1).ok()?;
    let asked = match rest.is_empty() {
        true => None,
        false => Some(whole(rest)?),
    };
    Some(ResetTicket { asked, ..ticket })
}

pub(super) fn visit(visit: &Visit) -> Option<Vec<u8>> {
    appended(vec![VERSION], visit)
}

/// A session read back, with its last use. Its head names the account by a digest: a session whose bytes were
/// spoilt on the way is nobody's, and not that of somebody else.
pub(super) fn read_session(value: &[u8]) -> Option<(Session, Timestamp)> {
    let (head, body) = headed(value, SESSION_HEAD)?;
    let mut session: Session = whole(body)?;
    let named = head.get(SESSION_HEAD - DIGEST_TEXT..)?;
    if named != Digest::of_account(&session.account).text() {
        return None;
    }
    session.warn = head.get(1).copied() == Some(1);
    Some((session, Timestamp(number(head, 2)?)))
}

/// A ticket and, for a proxy ticket, its chain.
pub(super) fn read_ticket(value: &[u8]) -> Option<(ServiceTicket, Vec<String>)> {
    let (head, body) = value.split_at_checked(TICKET_HEAD)?;
    match *head.first()? {
        VERSION => Some((exactly(body)?, Vec::new())),
        VERSION_CHAINED => {
            let (body, foot) = body.split_at_checked(body.len().checked_sub(CHAINED_FOOT)?)?;
            let length = u32::from_be_bytes(foot.get(1..)?.try_into().ok()?);
            let (ticket, chain) = body.split_at_checked(usize::try_from(length).ok()?)?;
            Some((exactly(ticket)?, exactly(chain)?))
        }
        _ => None,
    }
}

/// The session of a ticket or PGT whose version is known.
pub(super) fn read_session_of(value: &[u8]) -> Option<SessionRef> {
    let (head, _) = value.split_at_checked(TICKET_HEAD)?;
    Digest::read(head.get(1..)?).map(SessionRef)
}

pub(super) fn pgt(of: &SessionRef, grant: &ProxyGrant) -> Option<Vec<u8>> {
    let mut value = vec![VERSION];
    value.extend_from_slice(&of.0.text());
    appended(value, grant)
}

pub(super) fn read_pgt(value: &[u8]) -> Option<ProxyGrant> {
    whole(headed(value, TICKET_HEAD)?.1)
}

pub(super) fn read_record(value: &[u8]) -> Option<AccountRecord> {
    whole(headed(value, RECORD_HEAD)?.1)
}

/// When a record was read, from its head alone.
pub(super) fn read_at(value: &[u8]) -> Option<Timestamp> {
    let (head, _) = headed(value, RECORD_HEAD)?;
    number(head, 1).map(Timestamp)
}

pub(super) fn read_visit(value: &[u8]) -> Option<Visit> {
    match value.split_first()? {
        (&VERSION, body) => postcard::take_from_bytes(body).ok().map(|(visit, _)| visit),
        (&VERSION_WITHIN, item) => visits::read(item),
        _ => None,
    }
}

/// A span in milliseconds as scripts may use it: at least one, and exact as a Lua number.
pub(super) fn span(span: Duration) -> u64 {
    const EXACT: u64 = 1 << 48;
    millis(span).clamp(1, EXACT)
}

/// A span that may be none at all: of what is over before it begins.
pub(super) fn life(span: Duration) -> u64 {
    millis(span).min(1 << 48)
}

fn appended<T: Serialize>(head: Vec<u8>, body: &T) -> Option<Vec<u8>> {
    postcard::to_extend(body, head).ok()
}

fn headed(value: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    let (head, body) = value.split_at_checked(length)?;
    (head.first() == Some(&VERSION)).then_some((head, body))
}

fn number(head: &[u8], at: usize) -> Option<u64> {
    let bytes = head.get(at..at + 8)?;
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

fn whole<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    postcard::from_bytes(body).ok()
}

/// The same with nothing after it.
fn exactly<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(body).ok()?;
    rest.is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::{
        AccountId, InstitutionId, NetworkPrefix, PersonKey, ProgramName, RealmId, ServiceId, UpstreamId,
    };
    use crate::tickets::{AskedFrom, CameFrom, Channel, Opened, RestOpened, TicketIdentity};

    fn a_ticket() -> ServiceTicket {
        ServiceTicket {
            identity: TicketIdentity(*b"0123456789abcdef"),
            service: ServiceId::new("notes").expect("a slug"),
            url: "https://n/".to_owned(),
            issued_at: Timestamp(300),
            from_new_login: true,
        }
    }

    fn a_session() -> Session {
        Session {
            account: AccountId {
                realm: RealmId::new("univ").expect("a slug"),
                person: PersonKey("p1".to_owned()),
            },
            institution: InstitutionId::new("lycee").expect("a slug"),
            login: "zoe".to_owned(),
            display_name: "Zoé".to_owned(),
            signed_in_at: Timestamp(1),
            idle: Duration::from_millis(1500),
            hard_expiry: Timestamp(2),
            remembered: false,
            warn: false,
            opened: Opened::ByPassword,
        }
    }

    #[test]
    fn the_layout_of_version_one_does_not_change() {
        // F-32
        let value = ticket(Digest([0; 16]), &a_ticket()).expect("written");
        let expected = b"\x01AAAAAAAAAAAAAAAAAAAAAA0123456789abcdef\x05notes\x0ahttps://n/\xac\x02\x01";
        assert_eq!(value, expected);
        assert_eq!(read_ticket(&value), Some((a_ticket(), Vec::new())));
        assert_eq!(read_session_of(&value), Some(SessionRef(Digest([0; 16]))));
        let expected =
            b"\x04univ\x02p1\x05lycee\x03zoe\x04Zo\xc3\xa9\x01\x01\x80\xca\xb5\xee\x01\x02\x00\x00";
        assert_eq!(session(&a_session()).expect("written"), expected);
        let opened = Opened::ByUpstream(CameFrom {
            upstream: UpstreamId::new("region").expect("a slug"),
            attributes: vec![("a".to_owned(), vec!["b".to_owned()])],
        });
        let delegated = Session {
            opened,
            ..a_session()
        };
        let value = session(&delegated).expect("written");
        let (older, newer) = value.split_at(expected.len());
        assert_eq!(older, expected, "which is all that an older server reads");
        assert_eq!(newer, b"\x01\x06region\x01\x01a\x01\x01b");
        assert_eq!(whole::<Session>(&value), Some(delegated));
        assert_eq!(whole::<Session>(expected), Some(a_session()));
        let by_program = Session {
            opened: Opened::ByRest(RestOpened {
                program: ProgramName::new("batch").expect("a name"),
                for_browsers: false,
            }),
            ..a_session()
        };
        let value = session(&by_program).expect("written");
        assert_eq!(value, [&expected[..], b"\x02\x05batch\0"].concat());
        assert_eq!(whole::<Session>(&value), Some(by_program.clone()));
        let roomy = roomy_session(&a_session()).expect("written");
        let at = u8::try_from(SESSION_HEAD + expected.len() + 1).expect("short");
        assert_eq!(roomy, [&expected[..], &[0, 0, 0, 0, at, 0xFF]].concat());
        assert_eq!(whole::<Session>(&roomy), Some(a_session()));
        let roomy = roomy_session(&by_program).expect("written");
        assert_eq!(roomy[..value.len()], value);
        assert_eq!(whole::<Session>(&roomy), Some(by_program));
        let read = AccountRecord {
            login: "zoe".to_owned(),
            display_name: "Z".to_owned(),
            attributes: vec![("mail".to_owned(), vec!["a@b".to_owned()])],
            read_at: Timestamp(258),
        };
        let value = record(&read).expect("written");
        let expected = b"\x01\0\0\0\0\0\0\x01\x02\x03zoe\x01Z\x01\x04mail\x01\x03a@b\x82\x02";
        assert_eq!(value, expected);
        assert_eq!(read_record(&value), Some(read));
        assert_eq!(read_at(&value[..9]), Some(Timestamp(258)));
    }

    #[test]
    fn the_layout_of_a_reset_ticket_does_not_change() {
        // F-32
        let ticket = ResetTicket {
            account: a_session().account,
            institution: a_session().institution,
            guard: Some(b"lies beside it".to_vec()),
            channel: Channel::Sms,
            destination_mask: "06".to_owned(),
            service: Some("https://n/".to_owned()),
            locale: "fr".to_owned(),
            issued_at: Timestamp(1),
            expires_at: Timestamp(2),
            request: *b"0123456789abcdef",
            asked: None,
        };
        let value = reset(&ticket).expect("written");
        let expected =
            b"\x01\x04univ\x02p1\x05lycee\0\x01\x0206\x01\x0ahttps://n/\x02fr\x01\x020123456789abcdef";
        assert_eq!(value, expected);
        let guard = None;
        let unguarded = ResetTicket { guard, ..ticket };
        assert_eq!(read_reset(&value), Some(unguarded.clone()));
        let asked = Some(AskedFrom {
            network: NetworkPrefix::of([192, 0, 2, 7].into()),
            at: Timestamp(3),
        });
        let newer = ResetTicket { asked, ..unguarded };
        let longer = reset(&newer).expect("written");
        assert_eq!(longer, [&value[..], b"\x0c192.0.2.0/24\x03"].concat());
        assert_eq!(read_reset(&longer), Some(newer));
        assert_eq!(read_reset(&longer[..longer.len() - 1]), None);
        assert_eq!(read_reset(&value[..value.len() - 1]), None);
        assert_eq!(read_reset(&[b"\x02", &value[1..]].concat()), None);
    }

    #[test]
    fn a_value_of_another_version_or_cut_short_is_absent() {
        // F-32
        let mut head = vec![VERSION, 1];
        for number in [5u64, 6, 7, 8] {
            head.extend(number.to_be_bytes());
        }
        head.extend(Digest::of_account(&a_session().account).text());
        let value = appended(head, &a_session()).expect("written");
        let (read, last_used) = read_session(&value).expect("a session");
        assert!(read.warn, "the byte in the head decides");
        assert_eq!(last_used, Timestamp(5));
        for end in 0..value.len() {
            assert_eq!(read_session(&value[..end]), None, "cut at {end}");
        }
        let mut newer = value;
        newer[0] = 2;
        assert_eq!(read_session(&newer), None);
    }

    #[test]
    fn a_session_with_a_spoilt_byte_is_of_its_own_account_or_nobodys() {
        // F-10
        let mut value = vec![VERSION, 0];
        value.extend([0; 32]);
        value.extend(Digest::of_account(&a_session().account).text());
        let value = appended(value, &a_session()).expect("written");
        let (mut whole, mut none) = (0, 0);
        for at in 0..value.len() {
            for bit in 0..8 {
                let mut spoilt = value.clone();
                spoilt[at] ^= 1 << bit;
                match read_session(&spoilt) {
                    Some((session, _)) => {
                        assert_eq!(session.account, a_session().account, "bit {bit} of byte {at}");
                        whole += 1;
                    }
                    None => none += 1,
                }
            }
        }
        assert!(whole > 0 && none > 22 * 8, "{whole} {none}");
    }

    #[test]
    fn a_proxy_ticket_is_a_ticket_and_the_chain_cut_out_of_its_pgt() {
        // F-32, CAS-146
        let grant = ProxyGrant {
            service: ServiceId::new("portail").expect("a slug"),
            chain: vec!["https://b/".to_owned(), "https://a/".to_owned()],
        };
        let value = pgt(&SessionRef(Digest([0; 16])), &grant).expect("written");
        let expected = b"\x01AAAAAAAAAAAAAAAAAAAAAA\x07portail\x02\x0ahttps://b/\x0ahttps://a/";
        assert_eq!(value, expected);
        assert_eq!(read_pgt(&value), Some(grant.clone()));
        let mut proxy = ticket(Digest([0; 16]), &a_ticket()).expect("written");
        let length = u32::try_from(proxy.len() - TICKET_HEAD).expect("short");
        proxy.extend(&value[TICKET_HEAD + 1 + usize::from(value[TICKET_HEAD])..]);
        let without_foot = proxy.clone();
        proxy.push(1);
        proxy.extend(length.to_be_bytes());
        assert_eq!(read_ticket(&proxy), None, "a chain needs its version");
        proxy[0] = VERSION_CHAINED;
        assert_eq!(read_ticket(&proxy), Some((a_ticket(), grant.chain)));
        for end in 0..proxy.len() {
            assert_eq!(read_ticket(&proxy[..end]), None, "never with half a chain");
        }
        assert_eq!(read_ticket(&without_foot), None);
    }

    #[test]
    fn a_visit_may_be_cut_out_of_a_ticket() {
        // CAS-194
        let visit = Visit {
            ticket: "ST-1".to_owned(),
            service: a_ticket().service,
            url: a_ticket().url,
        };
        let mut cut = b"\x01\x04ST-1".to_vec();
        let whole = ticket(Digest([0; 16]), &a_ticket()).expect("written");
        cut.extend(&whole[39..]);
        assert_eq!(read_visit(&cut), Some(visit.clone()));
        assert_eq!(
            read_visit(&super::visit(&visit).expect("written")),
            Some(visit.clone())
        );
        let moved = read_visit(b"\x020000000000000000000000\x80\x05notesn/").expect("a visit");
        assert_eq!((moved.service, moved.url), (visit.service, visit.url));
        assert_eq!(read_visit(b"\x03"), None);
        assert_eq!(read_visit(b""), None);
    }
}
