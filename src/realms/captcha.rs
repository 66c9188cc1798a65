//! When a realm asks strangers to prove that they are no machine, and how they may.

/// Before what of the recovery a CAPTCHA stands. Contact and help pages stay without one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CaptchaMode {
    /// On every form that anybody may send.
    #[default]
    Always,
    /// Once a network has sent more than a few forms within the hour.
    Adaptive,
    /// Never: the budgets alone hold.
    Off,
}

/// A realm's rule; the defaults are the ruling of design §9.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaptchaRule {
    pub mode: CaptchaMode,
    /// A browser may prove itself by computing instead of its person by reading (SEC-69).
    pub proof_of_work: bool,
}
