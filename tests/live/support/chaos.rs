//! A cable to a server of this machine that a test can hold, slow down, slice, spoil, silence and cut
//! while connections are open, each way by itself. It knows nothing of what is said on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

/// How many reads one way of a connection keeps before its sender has to wait.
const PIECES: usize = 64;

/// The bytes that a fault befalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToClient,
    Both,
}

/// What befalls them, on every connection, open or new, until [`Chaos::heal`].
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// They arrive so much later, in order.
    Latency(Duration),
    /// And up to so much later again, each read by a number of its own.
    Jitter(Duration),
    /// So many bytes a second pass.
    Rate(u32),
    /// They wait; nothing is lost.
    Hold,
    /// Each byte is sent by itself.
    Slices,
    /// About one byte of `one_in` is another one. Which ones, and what becomes of them, follows from
    /// the seed and their place, counted on each connection from the switching on.
    Spoil { seed: u64, one_in: u32 },
    /// When so many have passed on a connection, counted from the switching on, it is closed both ways.
    CutAfter(u64),
}

pub struct Chaos {
    port: u16,
    state: watch::Sender<State>,
    taken: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

#[derive(Clone, Copy, Default)]
struct State {
    ways: [Conduct; 2],
    black: bool,
    resets: u64,
}

/// How one way of every connection behaves.
#[derive(Clone, Copy, Default)]
struct Conduct {
    held: bool,
    latency: Duration,
    jitter: Duration,
    rate: Option<u32>,
    sliced: bool,
    spoilt: Option<(u64, u32)>,
    cut: Option<u64>,
    /// Another number when counting starts anew.
    count: u64,
    closings: u64,
}

impl Chaos {
    /// Leads to `127.0.0.1:to`.
    pub async fn to(to: u16) -> Chaos {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, seen) = watch::channel(State::default());
        let taken = Arc::new(AtomicU64::new(0));
        let count = taken.clone();
        let task = tokio::spawn(async move {
            loop {
                if let Ok((near, _)) = listener.accept().await {
                    count.fetch_add(1, Ordering::Relaxed);
                    tokio::spawn(connection(near, to, seen.clone()));
                }
            }
        });
        Chaos {
            port,
            state,
            taken,
            task,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections were taken until now.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// From now on nothing arrives, either way.
    pub fn hold(&self) {
        self.set(Way::Both, Fault::Hold);
    }

    /// What waited arrives, and what follows.
    pub fn release(&self) {
        self.change(Way::Both, |conduct| conduct.held = false);
    }

    /// Adds a fault to those that are there.
    pub fn set(&self, way: Way, fault: Fault) {
        self.change(way, |conduct| match fault {
            Fault::Latency(latency) => conduct.latency = latency,
            Fault::Jitter(jitter) => conduct.jitter = jitter,
            Fault::Rate(rate) => conduct.rate = Some(rate.max(1)),
            Fault::Hold => conduct.held = true,
            Fault::Slices => conduct.sliced = true,
            Fault::Spoil { seed, one_in } => {
                conduct.spoilt = Some((seed, one_in.max(1)));
                conduct.count += 1;
            }
            Fault::CutAfter(bytes) => {
                conduct.cut = Some(bytes);
                conduct.count += 1;
            }
        });
    }

    /// Connections, open and new, are taken and never answered.
    pub fn blackhole(&self) {
        self.state.send_modify(|state| state.black = true);
    }

    /// Every open connection ends at both ends by a reset, without a word of farewell.
    pub fn reset(&self) {
        self.state.send_modify(|state| state.resets += 1);
    }

    /// On every open connection the end of the bytes of that way is told; the other way stays open.
    pub fn half_close(&self, way: Way) {
        self.change(way, |conduct| conduct.closings += 1);
    }

    /// A good cable again. What a [`Chaos::blackhole`] swallowed stays silent until its client closes it.
    pub fn heal(&self) {
        self.change(Way::Both, |conduct| {
            *conduct = Conduct {
                count: conduct.count,
                closings: conduct.closings,
                ..Conduct::default()
            };
        });
        self.state.send_modify(|state| state.black = false);
    }

    fn change(&self, way: Way, mut change: impl FnMut(&mut Conduct)) {
        self.state.send_modify(|state| {
            for (conduct, its) in state.ways.iter_mut().zip([Way::ToServer, Way::ToClient]) {
                if way == its || way == Way::Both {
                    change(conduct);
                }
            }
        });
    }
}

impl Drop for Chaos {
    /// The open connections end too: nobody is left who could change them.
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How a connection ends.
enum Ending {
    Closed,
    Reset,
}

async fn connection(mut near: TcpStream, to: u16, state: watch::Receiver<State>) {
    let State { black, resets, .. } = *state.borrow();
    let mut far = None;
    if !black {
        let Ok(stream) = TcpStream::connect(("127.0.0.1", to)).await else {
            return;
        };
        let _ = (near.set_nodelay(true), stream.set_nodelay(true));
        far = Some(stream);
    }
    let ending = tokio::select! {
        ending = struck(state.clone(), resets) => ending,
        ending = carry_both(&mut near, far.as_mut(), state) => ending,
    };
    if matches!(ending, Ending::Reset) {
        for socket in [Some(near), far].into_iter().flatten() {
            let _ = socket.set_zero_linger();
        }
    }
}

/// Ends when the connection has to: by a reset, or because the cable is gone.
async fn struck(mut state: watch::Receiver<State>, resets: u64) -> Ending {
    match state.wait_for(|state| state.resets != resets).await {
        Ok(_) => Ending::Reset,
        Err(_) => Ending::Closed,
    }
}

async fn carry_both(
    near: &mut TcpStream,
    far: Option<&mut TcpStream>,
    state: watch::Receiver<State>,
) -> Ending {
    let Some(far) = far else {
        swallow(near).await;
        return Ending::Closed;
    };
    let carried = {
        let (near_in, near_out) = near.split();
        let (far_in, far_out) = far.split();
        let mut seen = state.clone();
        tokio::select! {
            _ = seen.wait_for(|state| state.black) => None,
            carried = async {
                tokio::try_join!(
                    Carrier::new(far_out, 0, &state).carry(near_in),
                    Carrier::new(near_out, 1, &state).carry(far_in),
                )
            } => Some(carried),
        }
    };
    match carried {
        Some(carried) => carried.err().unwrap_or(Ending::Closed),
        None => {
            let silent = async {
                swallow(far).await;
                std::future::pending().await
            };
            tokio::select! {
                () = swallow(near) => Ending::Closed,
                () = silent => Ending::Closed,
            }
        }
    }
}

/// Reads until the sender has gone.
async fn swallow(stream: &mut TcpStream) {
    let mut bytes = [0; 4096];
    while let Ok(1..) = stream.read(&mut bytes).await {}
}

/// One way of one connection.
struct Carrier<'a> {
    to: WriteHalf<'a>,
    way: usize,
    state: watch::Receiver<State>,
    closings: u64,
    count: u64,
    /// Since `count` changed.
    passed: u64,
    pieces: u64,
}

impl<'a> Carrier<'a> {
    fn new(to: WriteHalf<'a>, way: usize, state: &watch::Receiver<State>) -> Carrier<'a> {
        let conduct = state.borrow().ways[way];
        Carrier {
            to,
            way,
            state: state.clone(),
            closings: conduct.closings,
            count: conduct.count,
            passed: 0,
            pieces: 0,
        }
    }

    async fn carry(self, from: ReadHalf<'_>) -> Result<(), Ending> {
        let (line, waiting) = mpsc::channel(PIECES);
        tokio::try_join!(read(from, line), self.write(waiting)).map(|_| ())
    }

    async fn write(mut self, mut waiting: mpsc::Receiver<(Instant, Vec<u8>)>) -> Result<(), Ending> {
        let (mut seen, way, closings) = (self.state.clone(), self.way, self.closings);
        let told = async move {
            let closed = seen.wait_for(|state| state.ways[way].closings != closings).await;
            closed.is_ok()
        };
        let all = async {
            while let Some((read_at, bytes)) = waiting.recv().await {
                self.deliver(read_at, bytes).await?;
            }
            Ok(())
        };
        tokio::select! {
            ended = all => ended?,
            true = told => {}
        }
        let _ = self.to.shutdown().await;
        // Nobody has to wait for what is said after the end.
        while waiting.recv().await.is_some() {}
        Ok(())
    }

    async fn deliver(&mut self, read_at: Instant, mut bytes: Vec<u8>) -> Result<(), Ending> {
        self.pieces += 1;
        let mut rest = &mut bytes[..];
        while !rest.is_empty() {
            let conduct = self.free(read_at).await?;
            if conduct.count != self.count {
                (self.count, self.passed) = (conduct.count, 0);
            }
            let most = conduct.piece(self.passed).min(rest.len());
            let (now, later) = std::mem::take(&mut rest).split_at_mut(most);
            if let Some((seed, one_in)) = conduct.spoilt {
                spoil(now, self.passed, seed, one_in);
            }
            self.to.write_all(now).await.map_err(|_| Ending::Closed)?;
            self.passed += now.len() as u64;
            if conduct.cut.is_some_and(|cut| self.passed >= cut) {
                return Err(Ending::Closed);
            }
            conduct.pace(now.len()).await;
            rest = later;
        }
        Ok(())
    }

    /// Waits until something that was read then may pass.
    async fn free(&mut self, read_at: Instant) -> Result<Conduct, Ending> {
        loop {
            let conduct = self.state.borrow_and_update().ways[self.way];
            let due = read_at + conduct.latency + conduct.jitter.mul_f64(part(self.pieces));
            if !conduct.held && Instant::now() >= due {
                return Ok(conduct);
            }
            tokio::select! {
                changed = self.state.changed() => changed.map_err(|_| Ending::Closed)?,
                () = sleep_until(due), if !conduct.held => {}
            }
        }
    }
}

impl Conduct {
    /// The most bytes that go in one write.
    fn piece(&self, passed: u64) -> usize {
        let mut most = usize::MAX;
        if let Some(rate) = self.rate {
            // A fiftieth of a second's worth: a change of mind is soon seen.
            most = (rate as usize / 50).max(1);
        }
        if let Some(cut) = self.cut {
            most = most.min(usize::try_from(cut.saturating_sub(passed)).unwrap_or(usize::MAX));
        }
        if self.sliced { most.min(1) } else { most }
    }

    async fn pace(&self, bytes: usize) {
        if let Some(rate) = self.rate {
            sleep(Duration::from_secs_f64(bytes as f64 / f64::from(rate))).await;
        } else if self.sliced {
            // So that the other end may read it before the next one comes.
            tokio::task::yield_now().await;
        }
    }
}

async fn read(mut from: ReadHalf<'_>, line: mpsc::Sender<(Instant, Vec<u8>)>) -> Result<(), Ending> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut bytes).await.map_err(|_| Ending::Reset)?;
        let piece = (Instant::now(), bytes[..count].to_vec());
        if count == 0 || line.send(piece).await.is_err() {
            return Ok(());
        }
    }
}

fn spoil(bytes: &mut [u8], first: u64, seed: u64, one_in: u32) {
    for (at, byte) in (first..).zip(bytes) {
        let chance = mixed(seed ^ mixed(at));
        if chance.is_multiple_of(u64::from(one_in)) {
            // Never by 0, which would change nothing.
            *byte ^= (chance >> 56) as u8 | 1;
        }
    }
}

/// A number from 0 to 1 that looks like chance.
fn part(number: u64) -> f64 {
    (mixed(number) >> 32) as f64 / f64::from(u32::MAX)
}

/// The mixing step of SplitMix64 (Steele, Lea, Flood 2014).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

mod tests;
