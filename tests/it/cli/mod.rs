//! The binary as an operator runs it: arguments, output, signals, exit codes.

mod audit;
mod breach;
mod canary;
mod check;
pub mod demo;
mod doctor;
mod import;
pub mod process;
mod recovery;
mod serve;
mod services;
mod support;
mod theme;
pub mod web;
