//! Listening sockets that whoever started this process opened for it (sd_listen_fds(3)). They outlive it:
//! while one process is replaced by the next, connections wait in them.

use std::net::TcpListener;

use anyhow::{Context, bail};
use listenfd::ListenFd;

/// What a socket is for, as `FileDescriptorName=` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listening {
    /// For browsers and applications; with TLS where [server.tls] is set.
    Public,
    /// The same without TLS, for proxies that do it.
    Plain,
    /// For those who run the server.
    Admin,
}

impl Listening {
    fn of(name: &str) -> Option<Listening> {
        match name {
            "public" => Some(Listening::Public),
            "plain" => Some(Listening::Plain),
            "admin" => Some(Listening::Admin),
            _ => None,
        }
    }
}

/// The sockets of this process.
#[derive(Debug, Default)]
pub struct Inherited {
    sockets: Vec<(Listening, TcpListener)>,
}

impl Inherited {
    /// Those that are for `wanted`, ready for the runtime.
    pub fn take(&mut self, wanted: Listening) -> anyhow::Result<Vec<tokio::net::TcpListener>> {
        let (taken, left) = std::mem::take(&mut self.sockets)
            .into_iter()
            .partition::<Vec<_>, _>(|(listening, _)| *listening == wanted);
        self.sockets = left;
        let ready = taken.into_iter().map(|(_, socket)| {
            socket.set_nonblocking(true)?;
            tokio::net::TcpListener::from_std(socket)
        });
        ready
            .collect::<Result<_, std::io::Error>>()
            .context("a socket that was passed to this process cannot be used")
    }
}

/// Takes over what this process was started with; empty when that is nothing. To be called before any
/// thread is started, for it takes words out of the environment. No child of ours gets these sockets.
pub fn inherited() -> anyhow::Result<Inherited> {
    // Words for another process, whose child we are, mean nothing here.
    let ours = super::super::environment("LISTEN_PID");
    if ours.and_then(|id| id.parse().ok()) != Some(std::process::id()) {
        return Ok(Inherited::default());
    }
    let names = super::super::environment("LISTEN_FDNAMES");
    let mut passed = ListenFd::from_env();
    let purposes = purposes(passed.len(), names.as_deref())?;
    let mut inherited = Inherited::default();
    for (place, purpose) in purposes.into_iter().enumerate() {
        let socket = passed.take_tcp_listener(place);
        let socket = socket.context("systemd passed something else than a listening TCP socket")?;
        inherited.sockets.extend(socket.map(|socket| (purpose, socket)));
    }
    Ok(inherited)
}

/// What each of `count` sockets is for. One without a name is the public one.
fn purposes(count: usize, names: Option<&str>) -> anyhow::Result<Vec<Listening>> {
    let names: Vec<&str> = match names {
        Some(names) => names.split(':').collect(),
        None if count == 1 => return Ok(vec![Listening::Public]),
        None => vec![],
    };
    if names.len() != count {
        bail!(
            "{count} sockets were passed and {} names of them: each needs FileDescriptorName= in its unit",
            names.len()
        );
    }
    let purposes = names.iter().map(|name| {
        Listening::of(name).with_context(|| {
            format!(
                "a socket called “{name}” was passed, and nothing here is: write FileDescriptorName=public, plain or admin in its unit"
            )
        })
    });
    purposes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_told_apart_by_their_names() {
        let named = |count, names| purposes(count, names).ok();
        assert_eq!(named(0, None), Some(vec![]));
        assert_eq!(named(1, None), Some(vec![Listening::Public]));
        assert_eq!(
            named(4, Some("public:admin:public:plain")),
            Some(vec![
                Listening::Public,
                Listening::Admin,
                Listening::Public,
                Listening::Plain
            ])
        );
    }

    #[test]
    fn a_socket_that_nobody_knows_is_not_served_by_guess() {
        for (count, names) in [
            (2, None),
            (1, Some("")),
            (1, Some("mereau.socket")),
            (2, Some("public")),
            (1, Some("public:admin")),
        ] {
            assert!(purposes(count, names).is_err(), "{count} {names:?}");
        }
    }

    #[test]
    fn without_systemd_there_are_none() {
        let mut inherited = inherited().expect("an environment without sockets");
        assert!(inherited.take(Listening::Public).expect("none").is_empty());
    }
}
