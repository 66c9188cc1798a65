//! What commands say to whoever typed them. Not the log.

use std::io::{IsTerminal, Write};

/// Standard output and error; a reader that went away is no reason to fail.
pub struct Screen {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Somebody is watching.
    live: bool,
}

impl Screen {
    pub fn of_process() -> Screen {
        Screen {
            out: Box::new(std::io::stdout()),
            err: Box::new(std::io::stderr()),
            live: std::io::stderr().is_terminal(),
        }
    }

    pub fn print(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
        let _ = self.out.flush();
    }

    pub fn complain(&mut self, text: &str) {
        let _ = writeln!(self.err, "{text}");
        let _ = self.err.flush();
    }

    /// How far a long work is, on a line that the next call writes over; only on a terminal.
    pub fn progress(&mut self, text: &str) {
        if self.live {
            let _ = write!(self.err, "\r{text}\x1b[K");
            let _ = self.err.flush();
        }
    }

    /// The work is done: what is printed next stands on a line of its own.
    pub fn settle(&mut self) {
        self.progress("");
        if self.live {
            let _ = write!(self.err, "\r");
            let _ = self.err.flush();
        }
    }
}
