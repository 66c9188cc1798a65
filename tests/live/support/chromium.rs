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
    pub scripts: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            language: "fr",
            width: 1280,
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
                .issue_cmd(NoScripts)
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

    /// The text of the first element that fits, as a reader sees it.
    pub async fn text(&self, css: &str) -> String {
        let element = self.found(css).await;
        element.text().await.expect("its text")
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

    /// Ends the browser; dropping it kills it as well, less politely.
    pub async fn close(self) {
        self.client.close().await.expect("the end of the session");
    }
}

/// chromedriver's way to the DevTools protocol, for the one thing that WebDriver lacks.
#[derive(Debug)]
struct NoScripts;

impl WebDriverCompatibleCommand for NoScripts {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let command = json!({ "cmd": "Emulation.setScriptExecutionDisabled", "params": { "value": true } });
        (Method::POST, Some(command.to_string()))
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
        "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", profile],
        "prefs": {
            "intl.accept_languages": options.language,
            // Its question whether to keep the password would lie over the page.
            "credentials_enable_service": false,
        },
        // Windows cannot be this narrow; a telephone's screen can.
        "mobileEmulation": {
            "deviceMetrics": {
                "width": options.width, "height": 900, "pixelRatio": 1, "mobile": options.width < 600
            }
        },
    });
    let all = json!({ "goog:chromeOptions": chrome, "acceptInsecureCerts": true });
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
