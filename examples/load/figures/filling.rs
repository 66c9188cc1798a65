//! Sessions in Redis, as many as are wanted, written by the store itself: each step is the script that a
//! sign-in, an entry and a validation run.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use mereau::base::clock::{Clock, SystemClock};
use mereau::base::entropy::{Entropy, OsEntropy};
use mereau::base::key_file;
use mereau::base::keys::KeyRing;
use mereau::base::names::{AccountId, InstitutionId, PersonKey, RealmId, ServiceId};
use mereau::protocol::ticket_id::{Bucket, TicketId, TicketKind};
use mereau::tickets::redis::{RedisOptions, RedisSettings, RedisStore, Strictness};
use mereau::tickets::{
    AccountRecord, Granted, NewTicket, Nodes, SESSION_FORM, ServiceTicket, Session, Taken, TicketIdentity,
    TicketStore,
};
use tokio::task::JoinSet;

use super::people::Person;
use crate::support::redis::Redis;

/// Services that each session visits.
pub const SERVICES: usize = 5;

const AT_ONCE: usize = 64;

/// Sessions that begin in a second, at most and on average: a million in 13 minutes. Redis doubles its tables
/// for the spent tickets of the moment: without a pace, what a session costs depends on how fast the machine
/// writes.
pub const PACE: u32 = 1_300;

const HOUR: Duration = Duration::from_secs(3600);

/// Longer than a spent ticket is remembered.
const SPENT: Duration = Duration::from_secs(65);

pub async fn fill(redis: &Redis, key: &Path, sessions: Range<usize>) -> anyhow::Result<()> {
    let key = key_file::parse(&std::fs::read(key)?).context("no key")?;
    let keys = KeyRing::new(key, Vec::new());
    let options = RedisOptions {
        write_deadline: Duration::from_secs(30),
        persistence: Strictness::Ignore,
        ..RedisOptions::at(&redis.url())
    };
    let settings = RedisSettings::new(options).map_err(|_| anyhow!("settings that do not fit"))?;
    let store = Arc::new(RedisStore::new(settings, keys.clone())?);
    // As among nodes of this version alone.
    store.all_read(SESSION_FORM);
    let next = Arc::new(AtomicUsize::new(sessions.start));
    let began = Instant::now();
    let mut lanes = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (store, keys, next) = (Arc::clone(&store), keys.clone(), Arc::clone(&next));
        let sessions = sessions.clone();
        lanes.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= sessions.end {
                    return anyhow::Ok(());
                }
                if number > sessions.start && number.is_multiple_of(100_000) {
                    println!("{number} sessions after {:.0} s", began.elapsed().as_secs_f64());
                }
                let due = (number - sessions.start) as f64 / f64::from(PACE);
                tokio::time::sleep_until((began + Duration::from_secs_f64(due)).into()).await;
                session(&store, &keys, number).await?;
            }
        });
    }
    while let Some(lane) = lanes.join_next().await {
        lane??;
    }
    Ok(())
}

/// Waits until what Redis keeps of spent tickets has expired, and has it forget that: it frees what is dead as
/// it comes by, and leaves some of it lying for long.
pub async fn settled(redis: &Redis) {
    tokio::time::sleep(SPENT).await;
    forget(redis, "");
}

/// Walks over all keys, which frees the dead ones, and deletes those of this kind.
pub fn forget(redis: &Redis, kind: &str) {
    const SCRIPT: &str = "
        local cursor, steps = ARGV[1], 0
        repeat
            local found = redis.call('SCAN', cursor, 'COUNT', 1000)
            cursor, steps = found[1], steps + 1
            for _, key in ipairs(found[2]) do
                if ARGV[2] ~= '' and key:sub(1, #ARGV[2]) == ARGV[2] then redis.call('DEL', key) end
            end
        until cursor == '0' or steps == 100
        return cursor";
    let mut cursor = "0".to_owned();
    loop {
        cursor = redis.cli(&["eval", SCRIPT, "0", &cursor, kind]);
        if cursor.parse::<u64>().expect("a cursor of SCAN") == 0 {
            return;
        }
    }
}

/// A sign-in to the first service, entries to the others, and the validations.
async fn session(store: &RedisStore, keys: &KeyRing, number: usize) -> anyhow::Result<()> {
    let person = Person::number(number);
    let account = AccountId {
        realm: RealmId::new("campus").context("a realm")?,
        person: PersonKey(format!("{number:08x}-5c1f-103f-8d5b-{number:012x}")),
    };
    let mint = |kind| TicketId::mint(kind, Bucket::of(keys, &account), keys, &OsEntropy);
    let tgt = mint(TicketKind::TicketGranting);
    for place in 0..SERVICES {
        let (id, ticket) = (mint(TicketKind::Service), ticket(place)?);
        let new = NewTicket {
            id: &id,
            ticket: &ticket,
            ttl: Duration::from_secs(30),
        };
        if place == 0 {
            let session = signed_in(&account, &person)?;
            store.open(&tgt, session, &record(&person), Some(new)).await?;
        } else {
            ensure!(store.grant(&tgt, new).await? == Granted::Ticket, "no ticket");
        }
        let taken = store.take(&id, &ticket.identity, &OsEntropy.bytes()).await?;
        ensure!(matches!(taken, Taken::Whole(_)), "a ticket that is not good");
    }
    Ok(())
}

fn ticket(place: usize) -> anyhow::Result<ServiceTicket> {
    let url = format!("https://application-{place}.campus.example/login/cas");
    Ok(ServiceTicket {
        identity: TicketIdentity::of(&url),
        service: ServiceId::new(&format!("application-{place}")).context("a service")?,
        url,
        issued_at: SystemClock.now(),
        from_new_login: place == 0,
    })
}

fn signed_in(account: &AccountId, person: &Person) -> anyhow::Result<Session> {
    let now = SystemClock.now();
    Ok(Session {
        account: account.clone(),
        institution: InstitutionId::new("campus").context("an institution")?,
        login: person.login.clone(),
        display_name: format!("Camille {}", person.login),
        signed_in_at: now,
        idle: 2 * HOUR,
        hard_expiry: now.plus(8 * HOUR),
        remembered: false,
        warn: false,
        opened: Default::default(),
    })
}

/// Three attributes with a value, one with two: what the services of a stand get.
fn record(person: &Person) -> AccountRecord {
    let one = |name: &str, value: String| (name.to_owned(), vec![value]);
    let affiliations = ["student", "member"].map(str::to_owned).to_vec();
    AccountRecord {
        login: person.login.clone(),
        display_name: format!("Camille {}", person.login),
        attributes: vec![
            one("displayName", format!("Camille {}", person.login)),
            one("mail", format!("{}@campus.example", person.login)),
            ("eduPersonAffiliation".to_owned(), affiliations),
            one("supannEtablissement", "{UAI}0999999X".to_owned()),
        ],
        read_at: SystemClock.now(),
    }
}
