//! What is known about passwords apart from any directory: their hashes, and what a new one must be.

pub mod hashes;
pub mod policy;
