//! Registered applications.
