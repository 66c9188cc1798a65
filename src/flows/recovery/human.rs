//! The port to what tells people from machines: a challenge with every form, one try at it. The realm
//! says whether it is asked at all; no request does (T-80).

use std::net::IpAddr;

use async_trait::async_trait;

use crate::base::names::Locale;
use crate::guard::captcha::{Bound, Captcha, Challenge, Given, Spoken, Verdict};
use crate::realms::{CaptchaMode, CaptchaRule, Realm};
use crate::tickets::StoreError;

/// Who is shown a form.
#[derive(Clone, Copy)]
pub struct Stranger<'a> {
    pub realm: &'a Realm,
    /// The pre-session of the browser: a challenge is nothing to anybody else.
    pub browser: &'a str,
    pub address: IpAddr,
    pub locale: &'a Locale,
    /// Its network sent so many forms that only people go on: whatever the realm says, and computing is
    /// no answer (SEC-61).
    pub only_people: bool,
}

#[async_trait]
pub trait HumanCheck: Send + Sync {
    /// A new challenge; `None` where none is asked.
    async fn fresh(
        &self,
        captcha: &Captcha,
        stranger: &Stranger<'_>,
    ) -> Result<Option<Challenge>, StoreError>;

    /// How the form's answer is judged; [`Verdict::Right`] where none is asked. The challenge is spent
    /// whatever it brought (SEC-65).
    async fn judge(
        &self,
        captcha: &Captcha,
        stranger: &Stranger<'_>,
        given: Given<'_>,
    ) -> Result<Verdict, StoreError>;
}

/// The server's own CAPTCHA.
pub struct ByCaptcha;

impl Stranger<'_> {
    fn rule(&self) -> CaptchaRule {
        match self.only_people {
            true => CaptchaRule {
                mode: CaptchaMode::Always,
                proof_of_work: false,
            },
            false => self.realm.captcha,
        }
    }

    fn bound(&self) -> Bound<'_> {
        Bound {
            realm: &self.realm.id,
            flow: self.browser.as_bytes(),
        }
    }
}

#[async_trait]
impl HumanCheck for ByCaptcha {
    async fn fresh(
        &self,
        captcha: &Captcha,
        stranger: &Stranger<'_>,
    ) -> Result<Option<Challenge>, StoreError> {
        let rule = stranger.rule();
        if !captcha.is_asked(rule, stranger.address).await? {
            return Ok(None);
        }
        let language = Spoken::of(stranger.locale.as_str());
        captcha.fresh(stranger.bound(), rule, language).await.map(Some)
    }

    async fn judge(
        &self,
        captcha: &Captcha,
        stranger: &Stranger<'_>,
        given: Given<'_>,
    ) -> Result<Verdict, StoreError> {
        let rule = stranger.rule();
        let asked = captcha.is_asked(rule, stranger.address).await?;
        captcha.count(stranger.realm.captcha, stranger.address).await?;
        if !asked {
            return Ok(Verdict::Right);
        }
        captcha.answer(stranger.bound(), rule, given).await
    }
}
