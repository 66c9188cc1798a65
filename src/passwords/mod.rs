//! What is known about passwords apart from any directory: their hashes.

pub mod hashes;
