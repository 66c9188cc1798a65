//! A real Chromium, driven over WebDriver by Debian's chromedriver.

use std::fs;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use url::{ParseError, Url};

use super::child::{Server, folder};
use super::{ports, python, wait};

/// How the browser is set up.
#[derive(Clone, Copy)]
pub struct Options {
    pub language: &'static str,
    /// Of the window, in CSS pixels.
    pub width: u32,
    pub height: u32,
    pub scripts: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            language: "fr",
            width: 1280,
            height: 900,
            scripts: true,
        }
    }
}

pub struct Chromium {
    pub client: Client,
    scripts: bool,
    _driver: Server,
}

impl Chromium {
    pub async fn start(options: Options) -> Chromium {
        let folder = folder("chromium");
        let (driver, port) = start_driver(&folder);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(options, &folder));
        let client = builder
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a session");
        if !options.scripts {
            // Not by the browser's settings: they silence the driver's own scripts as well.
            client
                .issue_cmd(DevTools::scripts(false))
                .await
                .expect("a browser without scripts");
        }
        Chromium {
            client,
            scripts: options.scripts,
            _driver: driver,
        }
    }

    /// Fills in the sign-in page that is shown and sends it.
    pub async fn sign_in(&self, login: &str, password: &str) {
        self.type_into("input[name=username]", login).await;
        if self.scripts {
            self.type_into("input[name=password]", password).await;
            self.click("main form button[type=submit]").await;
        } else {
            // The driver's click waits for a timer of the page, which does not run without scripts.
            let enter = char::from(Key::Enter);
            self.type_into("input[name=password]", &format!("{password}{enter}"))
                .await;
        }
    }

    /// The first element that fits, as soon as there is one.
    pub async fn found(&self, css: &str) -> Element {
        let waiting = self.client.wait();
        waiting.for_element(Locator::Css(css)).await.expect(css)
    }

    pub async fn type_into(&self, css: &str, text: &str) {
        let field = self.found(css).await;
        field.clear().await.expect("an empty field");
        field.send_keys(text).await.expect("typing");
    }

    pub async fn click(&self, css: &str) {
        let element = self.found(css).await;
        element.click().await.expect("a click");
    }

    /// Follows a link by the keyboard, which works without scripts, too.
    pub async fn follow(&self, css: &str) {
        let enter = char::from(Key::Enter).to_string();
        self.found(css).await.send_keys(&enter).await.expect("a link");
    }

    /// The text of the first element that fits, as a reader sees it.
    pub async fn text(&self, css: &str) -> String {
        // A page that is just being replaced takes its elements along.
        wait::until_async(css, || async { self.found(css).await.text().await.ok() }).await
    }

    /// Whether an element is there and shown.
    pub async fn sees(&self, css: &str) -> bool {
        let elements = self.client.find_all(Locator::Css(css)).await.expect(css);
        let Some(element) = elements.first() else {
            return false;
        };
        element.is_displayed().await.expect("yes or no")
    }

    pub async fn url(&self) -> String {
        self.client.current_url().await.expect("an address").into()
    }

    /// Waits until the address begins with `start`.
    pub async fn arrive(&self, start: &str) {
        wait::until_async(start, || async {
            self.url().await.starts_with(start).then_some(())
        })
        .await;
    }

    /// What axe-core has to say against the page: one line per violation and place.
    pub async fn violations(&self) -> Vec<String> {
        let script = format!(
            "{}\nconst done = arguments[arguments.length - 1];\
             axe.run().then(found => done(found.violations.flatMap(rule => \
             rule.nodes.map(node => rule.id + ': ' + node.target + ': ' + node.failureSummary))), \
             error => done([String(error)]));",
            axe()
        );
        let found = self
            .client
            .execute_async(&script, Vec::new())
            .await
            .expect("axe-core");
        serde_json::from_value(found).expect("a list of texts")
    }

    /// Whether the page can be scrolled sideways.
    pub async fn overflows(&self) -> bool {
        let script = "const page = document.scrollingElement; return page.scrollWidth > page.clientWidth;";
        self.client
            .execute(script, Vec::new())
            .await
            .expect("a script")
            .as_bool()
            .expect("yes or no")
    }

    /// Whether pages opened from now on run their scripts.
    pub async fn allow_scripts(&self, allowed: bool) {
        self.devtools(DevTools::scripts(allowed)).await;
    }

    /// What the device prefers, as `prefers-color-scheme` `dark`.
    pub async fn prefer(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.devtools(DevTools("Emulation.setEmulatedMedia", features))
            .await;
    }

    /// Sets the distances between lines, words and letters that WCAG 1.4.12 wants pages to bear.
    pub async fn space_text(&self) {
        let script = "for (const one of document.querySelectorAll('*')) {             one.style.lineHeight = '1.5'; one.style.letterSpacing = '0.12em'; one.style.wordSpacing = '0.16em';             if (one.tagName === 'P') one.style.marginBlockEnd = '2em'; }";
        self.client.execute(script, Vec::new()).await.expect("a script");
    }

    /// Words and fields that are cut at an edge of what holds them.
    pub async fn cut_off(&self) -> Vec<String> {
        let script = "return Array.from(document.querySelectorAll('a, button, label, h1, h2, p, li, input'))            .filter(one => { const box = one.getBoundingClientRect();               return box.width > 1 && !one.closest('.skip') && !one.closest('[hidden]')                 && (box.left < -1 || box.right > document.documentElement.clientWidth + 1); })            .map(one => 'cut off: ' + one.outerHTML.slice(0, 120));";
        let found = self.client.execute(script, Vec::new()).await.expect("a script");
        serde_json::from_value(found).expect("a list of texts")
    }

    /// What the browser has complained of since it was last asked: scripts that failed, loads that the
    /// policy refused.
    pub async fn complaints(&self) -> Vec<String> {
        let said = self.client.issue_cmd(Console).await.expect("the console");
        let lines = said.as_array().cloned().unwrap_or_default();
        let text = |line: &Value| line["message"].as_str().unwrap_or_default().to_owned();
        lines.iter().map(text).collect()
    }

    /// Keeps a picture of the whole page when MEREAU_SCREENSHOTS names a folder.
    pub async fn keep_picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("MEREAU_SCREENSHOTS") else {
            return;
        };
        let size = "const page = document.documentElement; return [page.scrollWidth, page.scrollHeight];";
        let size = self.client.execute(size, Vec::new()).await.expect("a script");
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let how = json!({ "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools(DevTools("Page.captureScreenshot", how)).await;
        let picture = picture["data"].as_str().expect("a picture").as_bytes();
        let picture = data_encoding::BASE64.decode(picture).expect("base64");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(Path::new(&folder).join(format!("{name}.png")), picture).expect("a file");
    }

    async fn devtools(&self, command: DevTools) -> Value {
        self.client.issue_cmd(command).await.expect("DevTools")
    }

    /// Types into whatever has the focus.
    pub async fn press(&self, keys: &str) {
        let element = self.client.active_element().await.expect("the focus");
        element.send_keys(keys).await.expect("keys");
    }

    /// What a script of the page's own would find.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect(script)
    }

    /// Where the browser will say that it is, and that the page may ask.
    pub async fn stand_at(&self, latitude: f64, longitude: f64) {
        let may = json!({ "permissions": ["geolocation"] });
        let place = json!({ "latitude": latitude, "longitude": longitude, "accuracy": 10 });
        for (command, parameters) in [
            ("Browser.grantPermissions", may),
            ("Emulation.setGeolocationOverride", place),
        ] {
            self.devtools(DevTools(command, parameters)).await;
        }
    }

    /// Ends the browser; dropping it kills it as well, less politely.
    pub async fn close(self) {
        self.client.close().await.expect("the end of the session");
    }
}

/// chromedriver's way to the DevTools protocol, for what WebDriver lacks: a command, its parameters.
#[derive(Debug)]
struct DevTools(&'static str, Value);

impl DevTools {
    fn scripts(allowed: bool) -> DevTools {
        DevTools(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": !allowed }),
        )
    }
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let command = json!({ "cmd": self.0, "params": self.1 });
        (Method::POST, Some(command.to_string()))
    }
}

/// What the pages' console says, at level severe.
#[derive(Debug)]
struct Console;

impl WebDriverCompatibleCommand for Console {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

fn start_driver(folder: &Path) -> (Server, u16) {
    for _ in 0..10 {
        let port = ports::free();
        let arguments = [format!("--port={port}")];
        let mut driver = Server::start("chromedriver", &arguments, &folder.join("log"));
        let ready = wait::until("chromedriver", || match driver.has_ended() {
            Some(_) => Some(false),
            None => is_ready(port).unwrap_or(false).then_some(true),
        });
        if ready {
            return (driver, port);
        }
    }
    panic!("chromedriver does not start, see {}", folder.display());
}

fn is_ready(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET /status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    )?;
    let (mut answer, mut part) = (Vec::new(), [0; 1024]);
    loop {
        let length = stream.read(&mut part)?;
        answer.extend_from_slice(&part[..length]);
        // It leaves the connection open behind its answer.
        if String::from_utf8_lossy(&answer).contains("\"ready\":true") {
            return Ok(true);
        }
        if length == 0 {
            return Ok(false);
        }
    }
}

fn capabilities(options: Options, folder: &Path) -> Map<String, Value> {
    // A driver that is killed leaves its browser running, unless the kernel is asked to end it.
    let launcher = folder.join("chromium");
    fs::write(
        &launcher,
        "#!/bin/sh\nexec setpriv --pdeathsig KILL -- /usr/bin/chromium \"$@\"\n",
    )
    .expect("a launcher");
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755)).expect("a launcher");
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let chrome = json!({
        "binary": launcher,
        "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
            "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", profile],
        "prefs": {
            "intl.accept_languages": options.language,
            // Its question whether to keep the password would lie over the page.
            "credentials_enable_service": false,
        },
        // Windows cannot be this narrow; a telephone's screen can.
        "mobileEmulation": {
            "deviceMetrics": {
                "width": options.width, "height": options.height, "pixelRatio": 1, "mobile": options.width < 600
            }
        },
    });
    let all = json!({
        "goog:chromeOptions": chrome,
        "goog:loggingPrefs": { "browser": "SEVERE" },
        "acceptInsecureCerts": true,
    });
    all.as_object().cloned().expect("an object")
}

/// The script of axe-core.
fn axe() -> String {
    let libraries = python::environment().join("lib");
    let versions = fs::read_dir(&libraries).expect("Python's libraries");
    let found = versions.flatten().find_map(|version| {
        let script = version
            .path()
            .join("site-packages/axe_playwright_python/axe.min.js");
        fs::read_to_string(script).ok()
    });
    found.expect("axe-core in the Python environment: tests/run installs it")
}
