//! What somebody who means harm would try, in process: passwords that are none, names that tell who exists,
//! links that were used, forms of somebody else. What other groups show already stands there, under the same ids.

mod cookies;
mod credentials;
mod forms;
mod guessing;
mod hosts;
mod locks;
mod logs;
mod resets;
mod spraying;
mod strangers;
mod swaps;
mod told;
mod wire;
