//! `/discover/departments`: départements, the towns of one, the institutions of a town.
