//! The binary as an operator runs it: arguments, output, signals, exit codes.

mod canary;
mod check;
pub mod demo;
mod doctor;
pub mod process;
mod serve;
mod theme;
pub mod web;
