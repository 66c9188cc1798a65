//! A person at a browser: goes by what is shown, and is watched — the pages seen, the keys pressed, what
//! axe-core and the console say on the way.

use fantoccini::key::Key;

use crate::support::chromium::{Chromium, Options as Window};
use crate::support::wait;

pub struct Person {
    pub window: Chromium,
    scripts: bool,
    name: &'static str,
    /// The headings of the pages, in the order they were seen.
    pub pages: Vec<String>,
    /// Keys pressed, a press on a button or a link among them.
    pub keys: usize,
    /// Buttons and links pressed.
    pub presses: usize,
    complaints: Vec<String>,
}

impl Person {
    /// With a telephone, in French.
    pub async fn on_the_phone(name: &'static str, scripts: bool) -> Person {
        let window = Chromium::start(Window {
            language: "fr",
            width: 360,
            height: 740,
            scripts,
        })
        .await;
        Person {
            window,
            scripts,
            name,
            pages: Vec::new(),
            keys: 0,
            presses: 0,
            complaints: Vec::new(),
        }
    }

    pub async fn goto(&self, url: &str) {
        self.window.client.goto(url).await.expect("a page");
    }

    /// Looks at the page with this heading, as soon as it is there.
    pub async fn sees(&mut self, heading: &str) {
        wait::until_async(heading, || async {
            (self.window.text("h1").await == heading).then_some(())
        })
        .await;
        let number = self.pages.len() + 1;
        let picture = format!("{}-{number}", self.name);
        self.window.keep_picture(&picture).await;
        let mut found = self.window.cut_off().await;
        if self.scripts {
            // axe-core waits for timers of the page, which do not run without scripts.
            found.extend(self.window.violations().await);
        }
        found.extend(self.window.complaints().await);
        if self.window.overflows().await {
            found.push("wider than the window".to_owned());
        }
        self.complaints
            .extend(found.into_iter().map(|one| format!("{heading}: {one}")));
        self.pages.push(heading.to_owned());
    }

    /// Types into a field that is empty.
    pub async fn types(&mut self, css: &str, text: &str) {
        let field = self.window.found(css).await;
        field.send_keys(text).await.expect("typing");
        self.keys += text.chars().count();
    }

    pub async fn presses_key(&mut self, key: Key) {
        self.window.press(&char::from(key).to_string()).await;
        self.keys += 1;
    }

    /// Presses a button or follows a link.
    pub async fn presses(&mut self, css: &str) {
        self.presses += 1;
        if self.scripts {
            return self.window.click(css).await;
        }
        // The driver's click waits for a timer of the page, which does not run without scripts.
        let enter = char::from(Key::Enter).to_string();
        let element = self.window.found(css).await;
        element.send_keys(&enter).await.expect("a press");
    }

    pub async fn value(&self, css: &str) -> String {
        let element = self.window.found(css).await;
        element.attr("value").await.expect(css).unwrap_or_default()
    }

    /// Ends the browser; nothing was to be said against any page.
    pub async fn close(self) {
        self.window.close().await;
        assert_eq!(self.complaints, Vec::<String>::new());
    }
}
