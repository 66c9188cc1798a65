//! CAS 1, 2 and 3 on the wire, pure: ticket ids, service URLs, requests, responses, the logout
//! message. No I/O, no clock, no store.

pub mod ticket_id;
