//! The ticket store.
