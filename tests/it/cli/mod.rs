//! The binary as an operator runs it: arguments, output, signals, exit codes.

mod canary;
mod check;
mod demo;
mod doctor;
mod process;
mod serve;
mod web;
