//! What is known about passwords apart from any directory: their hashes, what a new one must be, and
//! where the work with them is done.

pub mod hashes;
pub mod heavy;
pub mod policy;
