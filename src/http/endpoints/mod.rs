//! What each address answers: requests in, flow called, page or wire answer out.

pub mod accessibility;
pub mod assets;
pub mod captcha;
pub mod delegation;
mod delegation_pages;
pub mod discover;
pub mod login;
pub mod login_form;
pub mod logout;
pub mod proxy;
pub mod validate;
pub mod welcome;
