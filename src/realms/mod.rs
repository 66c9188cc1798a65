//! Realms and institutions.
