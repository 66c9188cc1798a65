//! What operators write and people search for: configuration, and the list of institutions.

use std::fs;
use std::sync::OnceLock;

use mereau::config::load;
use mereau::realms::search::{Asked, Findable, Index, MOST};
use tempfile::TempDir;

use super::parts;

/// Files between lines of `---`: server, realm, service, institutions. They are settings, or a list of
/// problems whose places are in the files.
pub fn config_loader(data: &[u8]) {
    thread_local! {
        static FOLDER: TempDir = tempfile::tempdir().unwrap();
    }
    FOLDER.with(|folder| {
        let (folder, text) = (folder.path(), String::from_utf8_lossy(data));
        let mut files = text.split("\n---\n");
        for name in [
            "server.toml",
            "realms/a.toml",
            "services/a.toml",
            "institutions.toml",
        ] {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match files.next() {
                Some(text) => fs::write(&path, text).unwrap(),
                None => drop(fs::remove_file(&path)),
            }
        }
        let Err(problems) = load(&folder.join("server.toml"), &|_| None) else {
            return;
        };
        assert!(!problems.is_empty(), "refused without a reason");
        for problem in problems {
            assert!(!problem.to_string().is_empty());
            let lines = fs::read_to_string(&problem.file).unwrap_or_default();
            let lines = lines.split('\n').count();
            assert!(problem.line <= lines, "{problem}");
            assert!(problem.wrong.len() < 20_000, "{problem}");
        }
    });
}

/// Names of institutions, one a line, and in the last line what was typed: the answer holds what may be
/// shown, each once, in pages that fit together; and who types a whole name finds it.
pub fn membership_search(data: &[u8]) {
    let mut names: Vec<&str> = parts(data).collect();
    let typed = names.pop().unwrap_or_default();
    names.truncate(60);
    let fixed = fixed();
    let own = Index::build(names.iter().enumerate().map(|(at, name)| Findable {
        names: vec![name],
        town: Some("Valmont"),
        group: u16::from(at % 3 == 0),
        ..Findable::default()
    }));
    for (index, count) in [(&own, names.len()), (fixed, FIXED.len())] {
        let ask = |skip, limit, allowed: fn(u16) -> bool| {
            let asked = Asked {
                text: typed,
                skip,
                limit,
                remembered: &[0, 1_000_000],
            };
            index.search(&asked, allowed)
        };
        let all = ask(0, MOST, |_| true);
        let mut seen = all.positions.clone();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all.positions.len(), "each once");
        assert!(seen.iter().all(|position| *position < count));
        assert!(all.total >= all.positions.len() && all.total <= count);
        let first = ask(0, 3, |_| true);
        let second = ask(3, 3, |_| true);
        let together: Vec<usize> = first.positions.iter().chain(&second.positions).copied().collect();
        assert!(
            all.positions.starts_with(&together),
            "{together:?} of {:?}",
            all.positions
        );
        let some = ask(0, MOST, |group| group == 0);
        assert!(
            some.positions
                .iter()
                .all(|position| count != names.len() || position % 3 != 0)
        );
        assert!(ask(0, MOST, |_| false).positions.is_empty());
    }
    let plain = |name: &str| name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_lowercase());
    if plain(typed) && names.contains(&typed) {
        let asked = Asked {
            text: typed,
            limit: MOST,
            ..Asked::default()
        };
        let found = own.search(&asked, |_| true).positions;
        assert!(
            found.iter().any(|position| names[*position] == typed),
            "{typed}: {found:?}"
        );
    }
}

const FIXED: [(&str, &str); 5] = [
    ("Université de Valmont-sur-Brenne", "Valmont"),
    ("Lycée Rosa-Bonheur", "Barret"),
    ("Collège Saint-Exupéry", "Œuilly"),
    ("Institut national des sciences appliquées", "L’Haÿ-les-Roses"),
    ("IUT 2", "Grenoble"),
];

fn fixed() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        Index::build(FIXED.iter().enumerate().map(|(at, (name, town))| Findable {
            names: vec![name],
            town: Some(town),
            group: u16::from(at % 3 == 0),
            ..Findable::default()
        }))
    })
}
