//! The ways by which letters leave, from settings to adapters.

use std::sync::Arc;

use anyhow::Context;

use crate::config::{LettersSettings, MailWay};
use crate::messages::carrier::Posts;
use crate::messages::folder::Folder;
use crate::messages::gateway::Gateway;
use crate::messages::smtp::Smtp;
use crate::messages::tray::Tray;
use crate::messages::{Composed, Post, PostError, Sent};
use crate::outgoing::Outgoing;

/// Requests at once to a gateway for text messages.
const AT_ONCE: usize = 4;

/// The posts that the settings name. Connects to nothing. `like` tells how other servers are called.
pub fn posts(settings: &LettersSettings, like: &Outgoing) -> anyhow::Result<Posts> {
    let mail: Arc<dyn Post> = match &settings.way {
        Some(MailWay::Smtp(smtp)) => {
            let smtp = Smtp::new((**smtp).clone()).context("[mail] ca_file cannot be used")?;
            Arc::new(smtp)
        }
        Some(MailWay::Folder(folder)) => {
            let made = || format!("the folder {} of letters cannot be made", folder.display());
            Arc::new(Folder::open(folder.clone()).with_context(made)?)
        }
        None => Arc::new(Nowhere),
    };
    let sms = match &settings.sms {
        Some(sms) => {
            let outgoing = like.towards(&sms.host, sms.roots.clone(), AT_ONCE);
            let outgoing = outgoing.context("[sms] ca_file cannot be used")?;
            let gateway: Arc<dyn Post> = Arc::new(Gateway::new(sms.gateway.clone(), outgoing));
            Some(gateway)
        }
        None => None,
    };
    Ok(Posts { mail, sms })
}

/// The posts of a demonstration: everything stays in the tray.
pub fn tray(tray: &Arc<Tray>) -> Posts {
    Posts {
        mail: tray.clone(),
        sms: Some(tray.clone()),
    }
}

/// No way for letters is configured: they wait until one is, or are given up.
struct Nowhere;

#[async_trait::async_trait]
impl Post for Nowhere {
    async fn send(&self, _composed: &Composed) -> Result<Sent, PostError> {
        Err(PostError::Unreachable("[mail] url is not set".to_owned()))
    }
}
