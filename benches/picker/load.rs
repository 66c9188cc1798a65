//! What a start and a reload spend on a spreadsheet of institutions: from the file to an index that
//! answers, beside reading the file and cutting its rows only.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use mereau::base::names::RealmId;
use mereau::config;
use mereau::realms::sheet::{Ministry, Sheet, write};
use serde::Serialize;

use super::invent::ministry;
use super::invent::schools::France;
use super::start::processor;

/// Promised, in milliseconds, for 60,000 institutions.
const PROMISED: f64 = 2_000.0;

/// Of so many rounds the fastest and the slowest are told.
const ROUNDS: usize = 5;

/// Milliseconds, the fastest and the slowest of [`ROUNDS`].
#[derive(Serialize)]
pub struct Span {
    pub fastest: f64,
    pub slowest: f64,
    /// What the fastest of them spent on a processor; the rest went to other programs of the machine.
    pub processor: f64,
}

#[derive(Serialize)]
pub struct Loading {
    pub institutions: usize,
    pub bytes: usize,
    /// The file into memory.
    pub read_ms: Span,
    /// Into memory and cut into rows and cells.
    pub cut_ms: Span,
    /// The whole configuration with these institutions, checked, until the first search can be asked.
    pub load_ms: Span,
    /// The same configuration without them.
    pub bare_ms: Span,
}

/// The way of an operator: the ministry's file is imported once, what comes of it is loaded.
pub fn measure(france: &France, results: &Path) -> anyhow::Result<Loading> {
    let folder = results.join("load");
    configuration(&folder)?;
    let server = folder.join("server.toml");
    let sheet = folder.join("institutions.csv");
    let environment = |_: &str| None;
    let load = || {
        let loaded = config::load(&server, &environment);
        let loaded = loaded.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        loaded.settings.institutions.make_searchable();
        anyhow::Ok(loaded)
    };
    if sheet.exists() {
        fs::remove_file(&sheet)?;
    }
    let bare_ms = timed(|| load().map(|_| ()))?;
    fs::write(&sheet, imported(france)?)?;
    let loaded = load()?;
    let institutions = loaded.settings.institutions.all().len();
    ensure!(
        institutions == france.schools.len(),
        "{institutions} institutions were loaded"
    );
    drop(loaded);
    Ok(Loading {
        institutions,
        bytes: fs::read(&sheet)?.len(),
        read_ms: timed(|| Ok(_ = black_box(fs::read(&sheet)?)))?,
        cut_ms: timed(|| {
            let rows = Sheet::read(fs::read(&sheet)?)?;
            ensure!(black_box(rows.rows().filter(Result::is_ok).count()) == institutions);
            Ok(())
        })?,
        load_ms: timed(|| load().map(|loaded| _ = black_box(loaded)))?,
        bare_ms,
    })
}

/// The shipped configuration, with a realm named `ent`.
fn configuration(folder: &Path) -> anyhow::Result<()> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("conf");
    fs::create_dir_all(folder.join("realms"))?;
    fs::copy(shipped.join("server.toml"), folder.join("server.toml"))?;
    fs::copy(
        shipped.join("realms/example.toml"),
        folder.join("realms/ent.toml"),
    )?;
    Ok(())
}

fn imported(france: &France) -> anyhow::Result<String> {
    let mut open_data = Vec::new();
    ministry::write(france, &mut open_data, |_| {})?;
    let sheet = Sheet::read(open_data)?;
    let realm = RealmId::new("ent").expect("a slug");
    let mut ministry = Ministry::new(&sheet, realm).map_err(|flaw| anyhow::anyhow!(flaw.wrong))?;
    let mut all = Vec::new();
    for row in sheet.rows() {
        let row = row.map_err(|bad| anyhow::anyhow!(bad.why))?;
        let read = ministry.read(&row);
        all.push(read.map_err(|flaws| anyhow::anyhow!("{flaws:?}"))?.institution);
    }
    Ok(write(&all))
}

fn timed(mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Span> {
    let mut span = Span {
        fastest: f64::INFINITY,
        slowest: 0.0,
        processor: f64::INFINITY,
    };
    for _ in 0..ROUNDS {
        let (began, spent) = (Instant::now(), processor("self"));
        work()?;
        let took = began.elapsed().as_secs_f64() * 1e3;
        span.processor = span.processor.min(processor("self") - spent);
        span.fastest = span.fastest.min(took);
        span.slowest = span.slowest.max(took);
    }
    Ok(span)
}

impl Loading {
    /// As lines for people.
    pub fn told(&self) -> String {
        let span = |span: &Span| {
            let Span {
                fastest,
                slowest,
                processor,
            } = span;
            format!("{fastest:>7.0} to {slowest:.0} ms, {processor:.0} ms on a processor")
        };
        let met = if self.load_ms.slowest <= PROMISED {
            "reached"
        } else {
            "MISSED"
        };
        format!(
            "Loading {} institutions from a CSV file of {:.1} MB, {ROUNDS} times:\n\
             reading the file                {}\n\
             reading and cutting its rows    {}\n\
             whole configuration and index   {}\n\
             the same without the file       {}\n\
             ≤ {PROMISED} ms each time: {met}\n",
            self.institutions,
            self.bytes as f64 / 1e6,
            span(&self.read_ms),
            span(&self.cut_ms),
            span(&self.load_ms),
            span(&self.bare_ms),
        )
    }
}
