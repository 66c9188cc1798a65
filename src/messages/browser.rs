//! The family of a browser and of what it runs on, for people to recognise their own device. The
//! header it is read from is never shown: anybody may write anything there.

use serde::{Deserialize, Serialize};

/// What asked: « Chrome sur Android ».
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    pub family: Family,
    pub system: System,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    Chrome,
    Edge,
    Firefox,
    Opera,
    Safari,
    Samsung,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum System {
    Android,
    ChromeOs,
    Ios,
    Linux,
    Mac,
    Windows,
    Other,
}

impl Browser {
    /// Reads a `User-Agent` header; the order matters, since browsers claim to be each other.
    pub fn of_user_agent(header: &str) -> Browser {
        let has = |mark: &str| header.contains(mark);
        let family = match () {
            () if has("Edg") => Family::Edge,
            () if has("OPR/") || has("Opera") => Family::Opera,
            () if has("SamsungBrowser") => Family::Samsung,
            () if has("Firefox/") || has("FxiOS/") => Family::Firefox,
            () if has("Chrome/") || has("Chromium/") || has("CriOS/") => Family::Chrome,
            () if has("Safari/") => Family::Safari,
            () => Family::Other,
        };
        let system = match () {
            () if has("Android") => System::Android,
            () if has("CrOS") => System::ChromeOs,
            () if has("iPhone") || has("iPad") || has("iPod") => System::Ios,
            () if has("Windows") => System::Windows,
            () if has("Mac OS X") || has("Macintosh") => System::Mac,
            () if has("Linux") => System::Linux,
            () => System::Other,
        };
        Browser { family, system }
    }
}

impl Family {
    /// The name people know; `None` for one we do not.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Family::Chrome => Some("Chrome"),
            Family::Edge => Some("Edge"),
            Family::Firefox => Some("Firefox"),
            Family::Opera => Some("Opera"),
            Family::Safari => Some("Safari"),
            Family::Samsung => Some("Samsung Internet"),
            Family::Other => None,
        }
    }
}

impl System {
    /// The name people know; `None` for one we do not.
    pub fn name(self) -> Option<&'static str> {
        match self {
            System::Android => Some("Android"),
            System::ChromeOs => Some("ChromeOS"),
            System::Ios => Some("iOS"),
            System::Linux => Some("Linux"),
            System::Mac => Some("macOS"),
            System::Windows => Some("Windows"),
            System::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart_though_they_claim_to_be_each_other() {
        // SEC-58
        let read = |header| {
            let browser = Browser::of_user_agent(header);
            (browser.family, browser.system)
        };
        assert_eq!(
            read(
                "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
            ),
            (Family::Chrome, System::Android)
        );
        assert_eq!(
            read(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            (Family::Safari, System::Ios)
        );
        assert_eq!(
            read(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
            ),
            (Family::Edge, System::Windows)
        );
        assert_eq!(
            read("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            (Family::Firefox, System::Linux)
        );
        assert_eq!(
            read("<script>alert(1)</script>\r\nX: y"),
            (Family::Other, System::Other)
        );
        assert_eq!(read(""), (Family::Other, System::Other));
    }
}
