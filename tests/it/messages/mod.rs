//! Letters from the outbox to a mail server, a folder or a gateway.

mod gateway;
mod hostile;
mod outbox;
mod posts;
