//! All themes of one server, each compiled once however many realms, institutions and services choose
//! it. A theme that cannot be used stands aside for its parent and is kept on a list of broken ones.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::assets::Asset;
use super::error::PageError;
use super::theme::ThemeSettings;
use super::{Pages, ThemeProblem};
use crate::base::names::ThemeName;

/// A theme may extend a theme that extends a theme; longer chains are mistakes.
const LONGEST_CHAIN: usize = 8;

/// The theme inside the binary, which every other one extends in the end.
pub const DEFAULT: &str = "default";

/// A theme that was asked for and cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenTheme {
    pub theme: ThemeName,
    /// File and line where that is known.
    pub problem: String,
    /// The name of the theme that people see instead.
    pub shown: String,
}

/// Themes by their names. Immutable: a reload builds others.
pub struct Themes {
    server: Arc<Pages>,
    by_name: BTreeMap<ThemeName, Arc<Pages>>,
    broken: Vec<BrokenTheme>,
    /// By `hash/name`.
    assets: HashMap<String, Asset>,
    /// Assets of the themes before the last reload: pages sent a moment ago still ask for them.
    former: HashMap<String, Asset>,
}

impl Themes {
    /// The built-in theme alone.
    pub fn built_in() -> Result<Themes, PageError> {
        Themes::read(None, None, [])
    }

    /// The themes `wanted` from the folder of themes; `server` is shown where nobody chose. An error
    /// says that the built-in theme itself cannot be used.
    pub fn read<'a>(
        folder: Option<&Path>,
        server: Option<&'a ThemeName>,
        wanted: impl IntoIterator<Item = &'a ThemeName>,
    ) -> Result<Themes, PageError> {
        let mut reading = Reading {
            folder,
            built_in: Arc::new(Pages::new(&[])?),
            done: BTreeMap::new(),
            broken: Vec::new(),
        };
        let wanted: BTreeSet<&ThemeName> = wanted.into_iter().chain(server).collect();
        for name in wanted {
            reading.theme(name, 0);
        }
        let server = server.and_then(|name| reading.done.get(name));
        let mut themes = Themes {
            server: Arc::clone(server.unwrap_or(&reading.built_in)),
            by_name: reading.done,
            broken: reading.broken,
            assets: HashMap::new(),
            former: HashMap::new(),
        };
        let pages: Vec<Arc<Pages>> = themes.by_name.values().cloned().collect();
        for pages in pages.iter().chain([&reading.built_in]) {
            for (name, asset) in pages.assets.iter() {
                let key = format!("{}/{name}", asset.hash);
                themes.assets.entry(key).or_insert_with(|| asset.clone());
            }
        }
        Ok(themes)
    }

    /// The pages of the theme chosen, the server's where none is.
    pub fn of(&self, choice: Option<&ThemeName>) -> &Arc<Pages> {
        choice
            .and_then(|name| self.by_name.get(name))
            .unwrap_or(&self.server)
    }

    /// What `{base}/assets/{hash}/{name}` answers.
    pub fn asset(&self, hash: &str, name: &str) -> Option<&Asset> {
        let key = format!("{hash}/{name}");
        self.assets.get(&key).or_else(|| self.former.get(&key))
    }

    /// Themes that people should see and do not; a healthy server has none.
    pub fn broken(&self) -> &[BrokenTheme] {
        &self.broken
    }

    /// What is wrong with the themes that are shown, each named once.
    pub fn check(&self) -> Vec<(String, Vec<ThemeProblem>)> {
        let mut all: Vec<(String, &Arc<Pages>)> = Vec::new();
        let named = self.by_name.iter().map(|(name, pages)| (name.to_string(), pages));
        for (name, pages) in named.chain([(DEFAULT.to_owned(), &self.server)]) {
            if !all.iter().any(|(_, other)| Arc::ptr_eq(other, pages)) {
                all.push((name, pages));
            }
        }
        all.into_iter()
            .map(|(name, pages)| (name, pages.check()))
            .collect()
    }

    /// These themes, with the assets of those they replace.
    #[must_use]
    pub fn replacing(mut self, old: &Themes) -> Themes {
        let gone = old
            .assets
            .iter()
            .filter(|(key, _)| !self.assets.contains_key(*key));
        self.former = gone.map(|(key, asset)| (key.clone(), asset.clone())).collect();
        self
    }
}

/// The folders of a folder of themes, in order of their names.
pub fn theme_folders(shelf: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(shelf)? {
        let folder = entry?.path();
        let name = folder.file_name().and_then(|name| name.to_str());
        let is_theme = name.is_some_and(|name| name != DEFAULT && ThemeName::new(name).is_some());
        if is_theme && folder.is_dir() {
            found.push(folder);
        }
    }
    found.sort();
    Ok(found)
}

/// The folders of one theme, the one it stands on first, and the parent it names.
#[derive(Debug)]
pub struct Chain {
    pub folders: Vec<PathBuf>,
    pub parent: Option<ThemeName>,
}

/// Follows `extends` from `folder` down to the built-in theme; parents lie beside it.
pub fn chain(folder: &Path) -> Result<Chain, PageError> {
    let beside = folder.parent().unwrap_or(Path::new("."));
    let first = parent_of(folder)?;
    let mut folders = vec![folder.to_owned()];
    let mut next = first.clone();
    while let Some(name) = next {
        let below = beside.join(name.as_str());
        if folders.contains(&below) || folders.len() >= LONGEST_CHAIN {
            return Err(PageError::Theme {
                file: folder.join("theme.toml").display().to_string(),
                problem: format!("“extends” leads in a circle, or through more than {LONGEST_CHAIN} themes"),
            });
        }
        next = parent_of(&below)?;
        folders.push(below);
    }
    folders.reverse();
    Ok(Chain {
        folders,
        parent: first,
    })
}

/// The theme that the one in `folder` extends; `None` is the built-in one.
fn parent_of(folder: &Path) -> Result<Option<ThemeName>, PageError> {
    let file = folder.join("theme.toml");
    let said = match std::fs::read_to_string(&file) {
        Ok(text) => ThemeSettings::parse(&text, &file.display().to_string())?.extends,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && folder.is_dir() => None,
        Err(source) => {
            let file = if folder.is_dir() { file } else { folder.to_owned() };
            return Err(PageError::File {
                file: file.display().to_string(),
                source,
            });
        }
    };
    Ok(said.filter(|name| name.as_str() != DEFAULT))
}

struct Reading<'a> {
    folder: Option<&'a Path>,
    built_in: Arc<Pages>,
    done: BTreeMap<ThemeName, Arc<Pages>>,
    broken: Vec<BrokenTheme>,
}

impl Reading<'_> {
    /// The pages of `name`, or of what stands in for it; its parent is read first.
    fn theme(&mut self, name: &ThemeName, depth: usize) -> Arc<Pages> {
        if name.as_str() == DEFAULT || depth > LONGEST_CHAIN {
            return Arc::clone(&self.built_in);
        }
        if let Some(done) = self.done.get(name) {
            return Arc::clone(done);
        }
        let (pages, shown) = self.read(name, depth);
        self.done.insert(name.clone(), Arc::clone(&pages));
        if let Some((problem, shown)) = shown {
            self.broken.push(BrokenTheme {
                theme: name.clone(),
                problem,
                shown,
            });
        }
        pages
    }

    /// The pages, and why they are not those of `name` when they are not.
    fn read(&mut self, name: &ThemeName, depth: usize) -> (Arc<Pages>, Option<(String, String)>) {
        let Some(folder) = self.folder else {
            let why = "pages.themes names no folder of themes".to_owned();
            return (Arc::clone(&self.built_in), Some((why, DEFAULT.to_owned())));
        };
        let chain = match chain(&folder.join(name.as_str())) {
            Ok(chain) => chain,
            Err(error) => {
                let why = error.to_string();
                return (Arc::clone(&self.built_in), Some((why, DEFAULT.to_owned())));
            }
        };
        let (under, parent) = match &chain.parent {
            Some(parent) => (self.theme(parent, depth + 1), parent.to_string()),
            None => (Arc::clone(&self.built_in), DEFAULT.to_owned()),
        };
        let built = Pages::over(&chain.folders, Some(&under)).and_then(|pages| {
            pages.try_out()?;
            Ok(pages)
        });
        match built {
            Ok(pages) => (Arc::new(pages.standing_on(under)), None),
            Err(error) => (under, Some((error.with_causes(), parent))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shelf(tempfile::TempDir);

    impl Shelf {
        fn with(files: &[(&str, &str)]) -> Shelf {
            let shelf = Shelf(tempfile::tempdir().unwrap());
            for (path, text) in files {
                shelf.write(path, text);
            }
            shelf
        }

        fn write(&self, path: &str, text: &str) {
            let file = self.0.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }

        fn read(&self, server: Option<&str>, wanted: &[&str]) -> Themes {
            let wanted: Vec<ThemeName> = wanted.iter().map(|text| name(text)).collect();
            Themes::read(Some(self.0.path()), server.map(name).as_ref(), &wanted).unwrap()
        }
    }

    fn name(text: &str) -> ThemeName {
        ThemeName::new(text).unwrap()
    }

    fn label(pages: &Pages) -> Option<&str> {
        pages.theme.name.as_deref()
    }

    #[test]
    fn a_theme_stands_on_the_one_it_extends_and_is_compiled_once() {
        let shelf = Shelf::with(&[
            (
                "network/theme.toml",
                "name = \"Network\"\n[colours]\naccent = \"#7a1f3d\"\n",
            ),
            ("network/texts/fr.ftl", "sign-in = Entrer\n"),
            ("school/theme.toml", "extends = \"network\"\nname = \"School\"\n"),
            ("unused/theme.toml", "name = 1"),
        ]);
        let themes = shelf.read(Some("network"), &["school", "school"]);
        assert_eq!(themes.broken(), []);
        let school = themes.of(Some(&name("school")));
        assert_eq!(label(school), Some("School"));
        assert_eq!(school.theme.css(), themes.of(None).theme.css());
        let says = school
            .texts
            .written(&crate::base::names::Locale::french())
            .unwrap();
        assert!(says["sign-in"].file.ends_with("network/texts/fr.ftl"));
        assert!(Arc::ptr_eq(themes.of(Some(&name("network"))), themes.of(None)));
        assert!(Arc::ptr_eq(themes.of(Some(&name("school"))), school));
        assert!(Arc::ptr_eq(school.under().unwrap(), themes.of(None)));
    }

    #[test]
    fn a_broken_theme_gives_way_to_its_parent_and_is_told() {
        let shelf = Shelf::with(&[
            ("network/theme.toml", "name = \"Network\"\n"),
            ("page/theme.toml", "extends = \"network\"\n"),
            ("page/pages/login.html", "{{ page.nothing }}"),
            ("text/theme.toml", "extends = \"network\"\n"),
            ("text/texts/fr.ftl", "= nothing\n"),
            ("toml/theme.toml", "extends = [\n"),
            ("logo/theme.toml", "logo = \"gone.svg\"\n"),
            ("round/theme.toml", "extends = \"about\"\n"),
            ("about/theme.toml", "extends = \"round\"\n"),
        ]);
        let wanted = ["page", "text", "toml", "logo", "round", "gone", "network"];
        let themes = shelf.read(None, &wanted);
        let shown: Vec<(&str, &str)> = themes
            .broken()
            .iter()
            .map(|broken| (broken.theme.as_str(), broken.shown.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("gone", "default"),
                ("logo", "default"),
                ("page", "network"),
                ("round", "default"),
                ("text", "network"),
                ("toml", "default")
            ]
        );
        let why: String = themes
            .broken()
            .iter()
            .map(|broken| format!("{}\n", broken.problem))
            .collect();
        for expected in [
            "gone: ",
            "there is no file assets/gone.svg",
            "in pages/login.html:1",
            "“extends” leads in a circle",
            "text/texts/fr.ftl: line 1: ",
            "toml/theme.toml: TOML parse error at line 1",
        ] {
            assert!(why.contains(expected), "{expected} not in\n{why}");
        }
        assert_eq!(label(themes.of(Some(&name("page")))), Some("Network"));
        assert_eq!(label(themes.of(Some(&name("gone")))), Some("Méreau"));
    }

    #[test]
    fn thousands_of_choices_of_one_theme_cost_one() {
        let shelf = Shelf::with(&[("school/theme.toml", "name = \"School\"\n")]);
        let school = name("school");
        let wanted = std::iter::repeat_n(&school, 60_000);
        let themes = Themes::read(Some(shelf.0.path()), None, wanted).unwrap();
        assert_eq!(themes.by_name.len(), 1);
    }

    #[test]
    fn a_theme_shares_what_it_leaves_alone_and_says_its_own_all_the_same() {
        let shelf = Shelf::with(&[
            (
                "red/theme.toml",
                "logo = \"red.svg\"\n[colours]\naccent = \"#8a2347\"\n",
            ),
            (
                "red/assets/red.svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            ),
            ("words/texts/fr.ftl", "sign-in = Entrer\n"),
            ("words/theme.toml", "name = \"Words\"\n"),
            ("page/theme.toml", "extends = \"words\"\n"),
            (
                "page/pages/sign_out.html",
                "{{ t('sign-in') }} {{ asset_url(frame.base, 'favicon.svg') }}",
            ),
        ]);
        let themes = shelf.read(None, &["red", "words", "page"]);
        assert_eq!(themes.broken(), []);
        let say = |name_of: Option<&str>| {
            let pages = themes.of(name_of.map(name).as_ref());
            let french = crate::base::names::Locale::french();
            let frame = super::super::Frame::samples(&french, pages.languages())
                .remove(1)
                .1;
            let (_, page) =
                <crate::pages::views::session::SignOut as crate::pages::Page>::samples().remove(0);
            let login = crate::pages::views::login::Login::new("/cas/login", "LT");
            pages.render(&page, &frame).unwrap() + &pages.render(&login, &frame).unwrap()
        };
        let (plain, red, words, page) = (say(None), say(Some("red")), say(Some("words")), say(Some("page")));
        assert!(red.contains("/red.svg") && !plain.contains("/red.svg") && !words.contains("/red.svg"));
        let style = |html: &str| {
            html.split("/mereau.css")
                .next()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned()
        };
        assert_ne!(style(&red), style(&plain), "its own colours");
        assert_eq!(style(&words), style(&plain));
        assert!(words.contains("Entrer") && !plain.contains("Entrer") && !red.contains("Entrer"));
        assert!(page.starts_with("Entrer /assets/") && !words.starts_with("Entrer"));
    }

    #[test]
    fn pages_sent_before_a_reload_still_find_their_assets() {
        let shelf = Shelf::with(&[("school/assets/mereau.css", "p { color: #111111 }\n")]);
        let old = shelf.read(None, &["school"]);
        let url = old
            .of(Some(&name("school")))
            .assets
            .url("", "mereau.css")
            .unwrap();
        let hash = url.split('/').nth(2).unwrap();
        shelf.write("school/assets/mereau.css", "p { color: #222222 }\n");
        let new = shelf.read(None, &["school"]);
        assert!(new.asset(hash, "mereau.css").is_none());
        let new = new.replacing(&old);
        assert!(new.asset(hash, "mereau.css").is_some());
        assert!(new.asset(hash, "mereau.js").is_none());
        let next = shelf.read(None, &["school"]).replacing(&new);
        assert!(next.asset(hash, "mereau.css").is_none(), "kept for one reload");
    }
}
