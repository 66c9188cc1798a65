//! The binary as an operator runs it: arguments, output, signals, exit codes.

mod audit;
mod breach;
mod canary;
mod check;
mod config;
pub mod demo;
mod doctor;
mod health;
mod import;
mod keys;
mod person;
pub mod process;
mod recovery;
mod serve;
mod services;
mod support;
mod theme;
mod trace;
mod upkeep;
pub mod web;
mod words;
