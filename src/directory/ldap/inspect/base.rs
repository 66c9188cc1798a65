//! Whether the branches of `base_dns` are where the realm says: there, elsewhere, nowhere, or out of sight.

use super::super::fault::Fault;
use super::super::settings::{LdapSettings, Scope};
use super::codes;
use super::dn::{distance, is_within, parts, same};
use super::eyes::{Answer, Eyes, request};
use super::root::Root;
use crate::base::findings::Finding;

/// Entries among which a near name is looked for.
const NEAR: i32 = 200;

/// `true` beside the findings: every branch can be searched.
pub async fn look(eyes: &Eyes, root: &Root, settings: &LdapSettings) -> Result<(Vec<Finding>, bool), Fault> {
    let mut findings = Vec::new();
    let mut whole = true;
    for base in &settings.bases {
        let answer = ask(eyes, &base.dn).await?;
        if answer.code == 0 && !answer.entries.is_empty() {
            let fact = format!("the branch {} is there", base.dn);
            findings.push(Finding::of(&codes::DIR_BASE, &eyes.url, fact, ""));
            continue;
        }
        whole = false;
        findings.push(match answer.code {
            10 => referred(eyes, &base.dn, &answer),
            0 | 50 => hidden(eyes, root, &base.dn).await?,
            32 | 34 => missing(eyes, root, &base.dn, &answer).await?,
            code => {
                let fact = format!(
                    "a search in {} is answered with {code} ({})",
                    base.dn, answer.text
                );
                Finding::of(
                    &codes::DIR_NO_ANSWER,
                    &eyes.url,
                    fact,
                    "look at the server's log; try ldapsearch with bind_dn",
                )
            }
        });
    }
    Ok((findings, whole))
}

async fn ask(eyes: &Eyes, dn: &str) -> Result<Answer, Fault> {
    eyes.ask(request(dn, Scope::Base, "(objectClass=*)", &["objectClass"], 1))
        .await
}

fn referred(eyes: &Eyes, dn: &str, answer: &Answer) -> Finding {
    let to = answer.referrals.join(", ");
    Finding::of(
        &codes::DIR_REFERRAL,
        &eyes.url,
        format!("the server does not hold {dn} and refers to {to}, which is not followed"),
        "write the server that holds the branch in urls, or a branch of this one in base_dns",
    )
}

/// 389-ds answers so about what is not there, too, where the account sees nothing above it: a branch that
/// can be seen and is called nearly like it is the one that is meant.
async fn hidden(eyes: &Eyes, root: &Root, dn: &str) -> Result<Finding, Fault> {
    let Some(context) = root.context_of(dn) else {
        return Ok(out_of_sight(eyes, dn));
    };
    let branches = "(objectClass=organizationalUnit)";
    let seen = eyes
        .ask(request(context, Scope::Subtree, branches, &["objectClass"], NEAR))
        .await?;
    let meant = parts(dn).first().cloned().unwrap_or_default();
    let apart = |name: &str| distance(parts(name).first().map_or("", String::as_str), &meant);
    let names = seen.entries.iter().map(|entry| entry.name.0.as_str());
    let near = names
        .filter(|name| !same(name, dn) && apart(name) <= 2)
        .min_by_key(|name| apart(name));
    Ok(match near {
        None => out_of_sight(eyes, dn),
        Some(near) => Finding::of(
            &codes::DIR_BASE_MISSING,
            &eyes.url,
            format!("there is no {dn} that can be seen on this server"),
            format!("base_dns = [\"{near}\"], which exists"),
        ),
    })
}

fn out_of_sight(eyes: &Eyes, dn: &str) -> Finding {
    Finding::of(
        &codes::DIR_RIGHTS,
        &eyes.url,
        format!("the branch {dn} exists, and the service account may not see it"),
        "let bind_dn read and search this branch and what lies below it",
    )
}

async fn missing(eyes: &Eyes, root: &Root, dn: &str, answer: &Answer) -> Result<Finding, Fault> {
    if let Some(context) = root.context_of(dn) {
        let seen = ask(eyes, context).await?;
        if seen.code != 0 || seen.entries.is_empty() {
            let fact = format!(
                "the service account sees nothing of {context}, not even that entry (asked for {dn})"
            );
            let mend = "let bind_dn read and search the branch; if the server is new: load its entries";
            return Ok(Finding::of(&codes::DIR_RIGHTS, &eyes.url, fact, mend));
        }
    }
    let near = near(eyes, root, dn, &answer.matched).await?;
    let mend = match &near {
        Some(near) => format!("base_dns = [\"{near}\"], which exists"),
        None => format!(
            "one of the branches this server holds: {}",
            root.contexts.join(", ")
        ),
    };
    let fact = format!("there is no {dn} on this server ({})", answer.code);
    Ok(Finding::of(&codes::DIR_BASE_MISSING, &eyes.url, fact, mend))
}

/// An entry that exists and is likely to be meant.
async fn near(eyes: &Eyes, root: &Root, dn: &str, matched: &str) -> Result<Option<String>, Fault> {
    let wanted = parts(dn);
    let Some(context) = root.context_of(dn) else {
        // The same parts below another branch.
        let own: Vec<String> = wanted
            .iter()
            .filter(|part| !is_of_context(part))
            .cloned()
            .collect();
        for context in &root.contexts {
            let candidate = [own.as_slice(), std::slice::from_ref(context)].concat().join(",");
            if !own.is_empty() && !ask(eyes, &candidate).await?.entries.is_empty() {
                return Ok(Some(candidate));
            }
        }
        return Ok(match root.contexts.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        });
    };
    let above = match matched {
        matched if !matched.is_empty() && is_within(dn, matched) => matched,
        _ => context,
    };
    let depth = parts(above).len();
    let meant = wanted.iter().rev().nth(depth).cloned().unwrap_or_default();
    let children = eyes
        .ask(request(
            above,
            Scope::One,
            "(objectClass=*)",
            &["objectClass"],
            NEAR,
        ))
        .await?;
    let apart = |name: &str| distance(parts(name).first().map_or("", String::as_str), &meant);
    let nearest = children
        .entries
        .iter()
        .map(|entry| entry.name.0.as_str())
        .min_by_key(|name| apart(name));
    let close = nearest.filter(|name| apart(name) <= (meant.len() / 2).max(2) && !same(name, dn));
    Ok(Some(close.unwrap_or(above).to_owned()))
}

fn is_of_context(part: &str) -> bool {
    ["dc=", "o=", "c="].iter().any(|name| part.starts_with(name))
}
