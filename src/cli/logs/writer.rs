//! Where lines wait for the standard error: a thread writes what has gathered in one go. No request
//! waits for a terminal, a pipe or a disk that has stopped taking lines (F-26).

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// How long lines may gather before they are written: what a kill -9 can lose.
const GATHERING: Duration = Duration::from_millis(5);

/// Lines beyond this many bytes are counted instead of kept.
const MOST_WAITING: usize = 1 << 20;

/// How long a line that must not be lost is waited for.
const PATIENCE: Duration = Duration::from_millis(100);

pub(super) struct Writer {
    state: Mutex<State>,
    come: Condvar,
    gone: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// Lines that found no room.
    lost: u64,
    /// Somebody waits: no more gathering.
    hurry: bool,
    /// Lines ever added, and how many of them are written or lost.
    added: u64,
    done: u64,
}

impl Writer {
    /// A writer with its thread, which ends with the process.
    ///
    /// `told` is the line that says how many were lost.
    pub fn start(to: impl Write + Send + 'static, told: fn(u64) -> String) -> io::Result<Arc<Writer>> {
        let writer = Arc::new(Writer {
            state: Mutex::default(),
            come: Condvar::new(),
            gone: Condvar::new(),
        });
        let own = Arc::clone(&writer);
        std::thread::Builder::new()
            .name("log".to_owned())
            .stack_size(64 * 1024)
            .spawn(move || own.run(to, told))?;
        Ok(writer)
    }

    /// Adds a whole line. One that must not be lost is waited for, but not for ever: its process may
    /// be about to end.
    pub fn add(&self, line: &[u8], waits: bool) {
        let mut state = self.lock();
        state.added += 1;
        if state.waiting.len() + line.len() > MOST_WAITING {
            state.lost += 1;
        } else {
            state.waiting.extend_from_slice(line);
        }
        if waits {
            self.wait(state);
        } else if state.waiting.len() == line.len() {
            drop(state);
            self.come.notify_one();
        }
    }

    /// Waits until all lines so far are written, within [`PATIENCE`].
    pub fn finish(&self) {
        self.wait(self.lock());
    }

    fn wait(&self, mut state: MutexGuard<'_, State>) {
        let all = state.added;
        state.hurry = true;
        self.come.notify_one();
        let pending = |state: &mut State| state.done < all;
        drop(self.gone.wait_timeout_while(state, PATIENCE, pending));
    }

    fn run(&self, mut to: impl Write, told: fn(u64) -> String) {
        let mut taken = Vec::new();
        loop {
            let (lost, done) = self.gather(&mut taken);
            // There is nowhere left to tell that the log cannot be written.
            let _ = to.write_all(&taken);
            if lost > 0 {
                let _ = to.write_all(told(lost).as_bytes());
            }
            let _ = to.flush();
            taken.clear();
            taken.shrink_to(64 * 1024);
            self.lock().done = done;
            self.gone.notify_all();
        }
    }

    /// Takes all lines that wait, once some have gathered.
    fn gather(&self, taken: &mut Vec<u8>) -> (u64, u64) {
        let idle = |state: &mut State| state.done == state.added;
        let state = self.come.wait_while(self.lock(), idle);
        let state = state.unwrap_or_else(|poisoned| poisoned.into_inner());
        let calm = |state: &mut State| !state.hurry;
        let gathered = self.come.wait_timeout_while(state, GATHERING, calm);
        let (mut state, _) = gathered.unwrap_or_else(|poisoned| poisoned.into_inner());
        state.hurry = false;
        std::mem::swap(&mut state.waiting, taken);
        (std::mem::take(&mut state.lost), state.added)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Takes what is written only when it is let.
    struct Stuck {
        let_go: Receiver<()>,
        told: Sender<String>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.let_go.recv();
            let _ = self.told.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_log_that_takes_no_lines_holds_nobody_up_and_tells_what_was_lost() {
        // F-26
        let ((go, let_go), (told, heard)) = (channel(), channel());
        let writer =
            Writer::start(Stuck { let_go, told }, |lost| format!("{lost} lines were lost\n")).unwrap();
        let line = [b'x'; 1024];
        for _ in 0..5000 {
            writer.add(&line, false);
        }
        assert!(writer.lock().waiting.len() <= MOST_WAITING);
        writer.add(b"an error\n", true);
        drop(go);
        writer.finish();
        let mut all = String::new();
        while !all.contains("were lost") {
            all += &heard.recv().unwrap();
        }
        let lost = 5000 + 1 - all.matches(&"x".repeat(1024)).count() - all.matches("an error").count();
        assert!(lost > 0 && all.contains(&format!("{lost} lines")), "{lost}");
    }

    #[test]
    fn lines_come_whole_and_in_order() {
        let ((go, let_go), (told, heard)) = (channel(), channel());
        drop(go);
        let writer =
            Writer::start(Stuck { let_go, told }, |lost| format!("{lost} lines were lost\n")).unwrap();
        let lines: Vec<String> = (0..1000).map(|number| format!("line {number}\n")).collect();
        for line in &lines {
            writer.add(line.as_bytes(), false);
        }
        writer.finish();
        let all: String = heard.try_iter().collect();
        assert_eq!(all, lines.concat());
    }
}
