//! The book holds together: chapters, links, commands, keys and examples are what they say.

mod commands;
mod examples;
mod keys;
mod links;
mod security;
