//! A Redis that answers with hostile bytes: they cost their own connection, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use mereau::tickets::redis::RedisOptions;
use mereau::tickets::{StoreError, TicketStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::process_limits::{peak, peak_from_now};
use crate::support::browser::Browser;
use crate::support::chaos::{Chaos, Fault, Way};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};
use crate::support::wait::until_async;
use crate::tickets::{World, anne};
use crate::tickets_redis::OnRedis;

/// What is sent in place of the next answer, and how often; the connection then stays open and mute.
#[derive(Clone, Copy)]
struct Lie {
    bytes: &'static [u8],
    times: usize,
}

/// More than any reader should keep.
const ENDLESS: usize = 512 * 1024 * 1024;

/// What a lie may cost that is refused where it begins; 128 KiB were seen.
const REFUSED: u64 = 4 << 20;

/// What one may cost that is as long as replies may be. A page asks on two connections, each again when it broke,
/// and on each a reply comes up to its bound of 32 MiB, into a buffer that doubles, and then a value; the
/// allocator gives back later. 180 MiB were seen.
const KEPT: u64 = 12 * (32 << 20);

/// The one that is kept comes last: in what the allocator has not given back the others could hide.
const LIES: [(&str, Lie); 14] = [
    ("garbage", lie(b"\x00\xff\xfe\x80 whatever this is", 1)),
    (
        "another protocol",
        lie(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1),
    ),
    ("a huge string", lie(b"$999999999999\r\nxxxx", 1)),
    (
        "a length beyond all numbers",
        lie(b"$99999999999999999999999999\r\n", 1),
    ),
    ("a length that is none", lie(b"$-x\r\n", 1)),
    (
        "an endless line",
        lie(
            b"+xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            ENDLESS / 64,
        ),
    ),
    ("a huge array", lie(b"*2147483647\r\n", 1)),
    ("a huge map", lie(b"%9223372036854775807\r\n", 1)),
    ("arrays in arrays", lie(b"*1\r\n", 60_000)),
    ("arrays of arrays", lie(b"*1000\r\n", 60_000)),
    ("maps in maps", lie(b"%1\r\n+k\r\n", 60_000)),
    ("half an answer", lie(b"*2\r\n$5\r\nhal", 1)),
    ("something else than was asked", lie(b"~1\r\n+no\r\n", 1)),
    ("an endless string", lie(&[b'x'; 65_536], ENDLESS / 65_536)),
];

impl Lie {
    /// Whether it goes on within a string of a length that may be.
    fn is_kept(&self) -> bool {
        self.bytes[0] == b'x'
    }
}

const fn lie(bytes: &'static [u8], times: usize) -> Lie {
    Lie { bytes, times }
}

/// Stands before a real Redis and lies as long as it is told to.
struct Liar {
    port: u16,
    lie: Arc<watch::Sender<Option<Lie>>>,
}

impl Liar {
    async fn before(redis: &Redis) -> Liar {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let lie = Arc::new(watch::channel(None).0);
        let (told, to) = (lie.subscribe(), redis.port());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let told = told.clone();
                tokio::spawn(async move {
                    let far = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                    let _ = carry(near, far, told).await;
                });
            }
        });
        Liar { port, lie }
    }

    fn tell(&self, lie: Option<Lie>) {
        self.lie.send_replace(lie);
    }
}

async fn carry(
    mut near: TcpStream,
    mut far: TcpStream,
    told: watch::Receiver<Option<Lie>>,
) -> std::io::Result<()> {
    let (mut asked, mut answered) = ([0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        tokio::select! {
            count = near.read(&mut asked) => match count? {
                0 => return Ok(()),
                count => far.write_all(&asked[..count]).await?,
            },
            count = far.read(&mut answered) => {
                let count = count?;
                let Some(lie) = *told.borrow() else {
                    near.write_all(&answered[..count]).await?;
                    continue;
                };
                let (mut ear, mut mouth) = near.split();
                if lie.is_kept() {
                    mouth.write_all(b"$33554000\r\n").await?;
                }
                for _ in 0..lie.times {
                    mouth.write_all(lie.bytes).await?;
                }
                while let 1.. = ear.read(&mut asked).await? {}
                return Ok(());
            }
        }
    }
}

fn options(port: u16) -> RedisOptions {
    RedisOptions {
        read_deadline: Duration::from_secs(2),
        write_deadline: Duration::from_secs(2),
        patience: Duration::ZERO,
        ..RedisOptions::at(&format!("redis://127.0.0.1:{port}"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_redis_answers_the_caller_gets_an_error_and_the_next_connection_works() {
    // F-10
    let redis = Redis::start(&[]);
    let liar = Liar::before(&redis).await;
    let world = World::on(OnRedis::strictly(options(liar.port), vec![redis.port()]));
    let store = world.tickets();
    let tgt = world.open(&anne()).await;
    for (name, lie) in LIES {
        liar.tell(Some(lie));
        let told = store.session(&tgt).await;
        let told = told.expect_err(name);
        assert!(
            matches!(
                told,
                StoreError::Unreachable(_) | StoreError::TimedOut { .. } | StoreError::Answered { .. }
            ),
            "{name}: {told:?}"
        );
        liar.tell(None);
        until_async(name, || async { store.session(&tgt).await.ok().flatten() }).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_bytes_from_redis_neither_end_nor_fatten_the_process() {
    // F-10
    let (redis, slapd) = (Redis::start(&[]), Slapd::start(&slapd::Options::default()));
    let liar = Liar::before(&redis).await;
    let served = Served::start(&Options::on(&slapd, &format!("redis://127.0.0.1:{}", liar.port)));
    let mut browser = Browser::new(None);
    let login = served.address("/login", &[]);
    let page = browser.open(&login).await;
    browser
        .sign_in(&page, "camille.dupont", "camille-corbeau-7")
        .await;
    let process = served.id();
    for (name, lie) in LIES {
        liar.tell(Some(lie));
        let before = peak_from_now(process);
        let told = browser.get(&login).await.reply;
        assert!(
            matches!(told.status.as_u16(), 200 | 503),
            "{name}: {}",
            told.status
        );
        liar.tell(None);
        until_async(name, || async {
            let page = browser.clone().get(&login).await.reply;
            (page.status == 200 && !page.has_form()).then_some(())
        })
        .await;
        assert_eq!(served.id(), process);
        let more = peak(process).saturating_sub(before);
        let most = if lie.is_kept() { KEPT } else { REFUSED };
        assert!(more < most, "{name}: {more} bytes more");
    }
    assert!(!served.output().contains("panicked"), "{}", served.output());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spoilt_bytes_on_the_way_never_make_a_session_of_somebody_else() {
    // F-10
    let redis = Redis::start(&[]);
    let chaos = Chaos::to(redis.port()).await;
    let options = RedisOptions {
        read_deadline: Duration::from_millis(300),
        write_deadline: Duration::from_millis(300),
        ..options(chaos.port())
    };
    let place = OnRedis::at(&redis.url(), vec![redis.port()]);
    let spoilt = place.again(options);
    let world = World::on(place);
    let tgt = world.open(&anne()).await;
    let (mut seen, mut spoiled) = (0, 0);
    for seed in 0..60 {
        chaos.heal();
        until_async("a good cable", || async {
            spoilt.session(&tgt).await.ok().flatten()
        })
        .await;
        // From answers of which nothing is left to those that come through mostly.
        let one_in = [40, 150, 600][usize::try_from(seed).unwrap() % 3];
        chaos.set(Way::ToClient, Fault::Spoil { seed, one_in });
        match spoilt.session(&tgt).await {
            // Redis knows no check sum: another byte may pass where a text is only shown, never in a name.
            Ok(Some(view)) => {
                assert_eq!(view.session.account, anne(), "seed {seed}");
                seen += 1;
            }
            Ok(None) | Err(_) => spoiled += 1,
        }
    }
    assert!(seen > 5 && spoiled > 5, "{seen} came through, {spoiled} did not");
    chaos.heal();
    until_async("a good cable", || async {
        spoilt.session(&tgt).await.ok().flatten()
    })
    .await;
}
