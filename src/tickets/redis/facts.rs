//! What `doctor` and the start look at in a Redis server.
