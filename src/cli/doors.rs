//! Where a server listens: the addresses of its settings, or the sockets that it was started with, which
//! win. Who passes a socket is held to what the settings are held to.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::net::TcpListener;

use super::systemd::{Inherited, Listening};
use crate::config::Settings;
use crate::http::admin::AdminAccess;

/// What connections are taken from.
#[derive(Debug)]
pub struct Doors {
    /// With TLS when the server does it itself.
    pub public: Vec<TcpListener>,
    /// Without, for proxies that do it, beside those with.
    pub plain: Vec<TcpListener>,
    /// For those who run the server.
    pub admin: Vec<TcpListener>,
}

impl Doors {
    /// One for everybody.
    pub fn one(public: TcpListener) -> Doors {
        Doors {
            public: vec![public],
            plain: vec![],
            admin: vec![],
        }
    }

    pub async fn open(settings: &Settings, mut inherited: Inherited) -> anyhow::Result<Doors> {
        let mut doors = Doors {
            public: inherited.take(Listening::Public)?,
            plain: inherited.take(Listening::Plain)?,
            admin: inherited.take(Listening::Admin)?,
        };
        doors.refuse_unsafe(settings)?;
        if doors.public.is_empty() {
            doors.public.push(listen(settings.listen, "[server]").await?);
        }
        match &settings.admin {
            Some(admin) if doors.admin.is_empty() => {
                doors.admin.push(listen(admin.listen, "[admin]").await?);
            }
            _ => {}
        }
        Ok(doors)
    }

    /// As `config` refuses addresses.
    fn refuse_unsafe(&self, settings: &Settings) -> anyhow::Result<()> {
        let nobody_encrypts = settings.trusted_proxies.is_empty();
        if nobody_encrypts && settings.tls.is_none() {
            refuse_far(
                &self.public,
                "public",
                "[server.tls], or trusted_proxies that do TLS",
            )?;
        }
        if nobody_encrypts {
            refuse_far(&self.plain, "plain", "trusted_proxies that do TLS")?;
        }
        match &settings.admin {
            None if !self.admin.is_empty() => bail!(
                "a socket called admin was passed, and nothing says who is let in there: write [admin] listen and token_file, or stop mereau-admin.socket"
            ),
            Some(admin) if matches!(admin.access, AdminAccess::Open) => {
                refuse_far(&self.admin, "admin", "[admin] token_file instead of open = true")
            }
            _ => Ok(()),
        }
    }
}

fn refuse_far(sockets: &[TcpListener], name: &str, mend: &str) -> anyhow::Result<()> {
    for socket in sockets {
        let address = socket.local_addr().context("a passed socket has no address")?;
        if !address.ip().is_loopback() {
            bail!(
                "the {name} socket that was passed is reached from other machines at {address}: write {mend}"
            );
        }
    }
    Ok(())
}

/// Listens on the address that `section` names.
pub async fn listen(address: SocketAddr, section: &str) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| {
        format!("cannot listen on {address}: change {section} listen, or stop what listens there")
    })
}
