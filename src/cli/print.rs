//! What commands say to whoever typed them. Not the log.

use std::io::Write;

/// Standard output and error; a reader that went away is no reason to fail.
pub struct Screen {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
}

impl Screen {
    pub fn of_process() -> Screen {
        Screen {
            out: Box::new(std::io::stdout()),
            err: Box::new(std::io::stderr()),
        }
    }

    pub fn print(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
        let _ = self.out.flush();
    }

    /// A line that the next one replaces; for terminals.
    pub fn progress(&mut self, text: &str) {
        let _ = write!(self.err, "\r{text}\x1b[K");
        let _ = self.err.flush();
    }

    pub fn complain(&mut self, text: &str) {
        let _ = writeln!(self.err, "{text}");
        let _ = self.err.flush();
    }
}
