//! Telling systemd how the server is (sd_notify(3)): ready, reading its files again, stopping, and alive.
//! A datagram of a few words on a socket that the environment names; nobody answers.

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// The way to whoever started this process; silent when nobody wants to know.
#[derive(Debug, Clone, Default)]
pub struct Notifier {
    way: Option<Arc<Way>>,
    /// How often it wants to hear that we live.
    watchdog: Option<Duration>,
}

#[derive(Debug)]
struct Way {
    socket: UnixDatagram,
    to: SocketAddr,
}

impl Notifier {
    /// As the environment says.
    pub fn of_process() -> Notifier {
        let word = super::super::environment;
        let way = word("NOTIFY_SOCKET").and_then(|name| match Way::to(&name) {
            Ok(way) => Some(Arc::new(way)),
            Err(error) => {
                tracing::warn!(%error, "NOTIFY_SOCKET cannot be used; nobody is told how the server is");
                None
            }
        });
        let watchdog = watchdog(word("WATCHDOG_USEC").as_deref(), word("WATCHDOG_PID").as_deref());
        Notifier { way, watchdog }
    }

    /// Requests are answered from now on.
    pub fn ready(&self, status: &str) {
        self.say(&format!("READY=1\nSTATUS={}", line(status)));
    }

    /// The files are being read again; [`Notifier::ready`] ends that.
    pub fn reloading(&self) {
        self.say("RELOADING=1\nSTATUS=Reading the configuration again");
    }

    /// No new work is taken.
    pub fn stopping(&self) {
        self.say("STOPPING=1\nSTATUS=Finishing what is in flight");
    }

    /// Tells again and again that the runtime gets work done, until `over`. A runtime that does not is
    /// silent, and systemd starts another process.
    pub async fn keep_alive(self, over: CancellationToken) {
        let Some(pause) = self.watchdog else { return };
        loop {
            // Not from here alone: some other task must have had its turn as well.
            if tokio::spawn(async {}).await.is_ok() {
                self.say("WATCHDOG=1");
            }
            tokio::select! {
                () = over.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn say(&self, words: &str) {
        let Some(way) = &self.way else { return };
        if let Err(error) = way.socket.send_to_addr(words.as_bytes(), &way.to) {
            tracing::warn!(%error, words, "systemd was not told");
        }
    }
}

impl Way {
    fn to(name: &str) -> io::Result<Way> {
        let to = match name.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(name)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Way { socket, to })
    }
}

/// Half of the time after which silence counts as death (sd_watchdog_enabled(3)).
fn watchdog(micros: Option<&str>, process: Option<&str>) -> Option<Duration> {
    let ours = process.is_none_or(|id| id.parse() == Ok(std::process::id()));
    let micros: u64 = micros?.parse().ok()?;
    (ours && micros > 0).then(|| Duration::from_micros(micros / 2))
}

/// A status is one line.
fn line(status: &str) -> String {
    status.replace(|c: char| c.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_fed_twice_in_its_time_and_only_by_whom_it_watches() {
        let me = std::process::id().to_string();
        assert_eq!(
            watchdog(Some("30000000"), Some(&me)),
            Some(Duration::from_secs(15))
        );
        assert_eq!(watchdog(Some("30000000"), None), Some(Duration::from_secs(15)));
        assert_eq!(watchdog(Some("30000000"), Some("1")), None);
        assert_eq!(watchdog(Some("0"), None), None);
        assert_eq!(watchdog(Some("soon"), None), None);
        assert_eq!(watchdog(None, None), None);
    }

    #[test]
    fn a_name_of_the_filesystem_and_an_abstract_one_are_both_ways() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let heard = UnixDatagram::bind(&path).expect("a socket");
        let way = Way::to(path.to_str().expect("a path")).expect("a way");
        let notifier = Notifier {
            way: Some(Arc::new(way)),
            watchdog: None,
        };
        notifier.ready("one\nSTOPPING=1");
        let mut words = [0; 256];
        let length = heard.recv(&mut words).expect("words");
        assert_eq!(&words[..length], b"READY=1\nSTATUS=one STOPPING=1");
        assert!(Way::to("@mereau-nobody-listens-here").is_ok());
        Notifier::default().stopping();
    }
}
