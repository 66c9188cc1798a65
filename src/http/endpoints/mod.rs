//! What each address answers: requests in, flow called, page or wire answer out.

pub mod accessibility;
pub mod account;
mod arrived;
pub mod assets;
pub mod captcha;
pub mod change;
pub mod delegation;
mod delegation_pages;
mod deliver;
pub mod demo;
mod desk;
pub mod discover;
pub mod ending;
mod farewell;
pub mod login;
pub mod login_form;
pub mod logos;
pub mod logout;
mod password_words;
pub mod proxy;
pub mod recover;
pub mod rest;
pub mod saml_validate;
mod trusted;
mod unknown;
pub mod validate;
pub mod welcome;
