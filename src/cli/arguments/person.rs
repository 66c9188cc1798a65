//! The words of `mereau doctor person`.

use clap::Args;

#[derive(Args)]
pub struct PersonArguments {
    /// What the person types, or their address, INE or number
    pub login: String,
    /// Look in this realm only
    #[arg(long, conflicts_with = "tenant")]
    pub realm: Option<String>,
    /// Look in the realm of this institution only: its id, an alias or its UAI code
    #[arg(long, value_name = "INSTITUTION")]
    pub tenant: Option<String>,
    /// Say whether they may go to this application, by the address that it sends as its service
    #[arg(long, value_name = "URL")]
    pub service: Option<String>,
    /// Try a password on every server, asked for or read from the standard input; each counts it as a try
    #[arg(long)]
    pub try_password: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
