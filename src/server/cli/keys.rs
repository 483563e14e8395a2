//! `grantlink keys`: another key in the place of the one that seals, while servers go on. A new key stands in the file
//! before anything is sealed by it, and an old one stays until nothing needs it: all there is can be read at every
//! instant. No key is ever printed.

use super::{print_line, print_list, tell, tools, words};
use crate::{
    clock::Randomness,
    db::{DatabaseUrl, Db, key_check, resealing},
    server::{
        config::{Config, KeyFile, load_keys},
        start::LOOK_AT_KEYS,
    },
    work::Tools,
};
use clap::Subcommand;
use serde::Serialize;

/// How often everything is walked through before a server is suspected that goes on sealing with an older key.
const WALKS: u32 = 10;

/// The keys that seal what is secret in the database.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// One line a key, tab-separated: id, "seals" or "opens", how many values in the database need it.
    List {
        /// An array of objects with the names id, state and values.
        #[arg(long)]
        json: bool,
    },
    /// Put a new key first and seal everything anew by it; where GRANTLINK_KEYS is set, by the first one there. Servers
    /// may go on. Ended in the middle, it goes on when it is run again. Prints, tab-separated: the id of the key that
    /// seals now, how many values were sealed anew.
    Rotate,
    /// Take a key out that nothing needs any more. What was sealed by it outside of the database does not open after it:
    /// backups from before, addresses in mails that stop reminders, browsers that are remembered.
    Remove {
        /// The key's id, as `keys list` prints it.
        id: String,
    },
}

#[derive(Serialize)]
struct Row {
    id: String,
    state: &'static str,
    values: i64,
}

/// Does what was asked for.
pub(super) async fn run(config: &Config, command: KeysCommand) -> Result<(), String> {
    match command {
        KeysCommand::List { json } => {
            let tools = tools(config).await?;
            print_list(&rows(&tools).await?, json, |Row { id, state, values }| format!("{id}\t{state}\t{values}"))
        }
        KeysCommand::Rotate => rotate(config).await,
        KeysCommand::Remove { id } => remove(config, &id).await,
    }
}

async fn rows(tools: &Tools) -> Result<Vec<Row>, String> {
    let mut conn = tools.db.read().await.map_err(words)?;
    let mut rows = Vec::new();
    for id in tools.keys.ids() {
        let values = resealing::count(&mut conn, &id).await.map_err(words)?;
        rows.push(Row { id, state: if rows.is_empty() { "seals" } else { "opens" }, values });
    }
    Ok(rows)
}

/// The older keys that something needs.
async fn needed_older(tools: &Tools) -> Result<Vec<String>, String> {
    let older = rows(tools).await?.into_iter().skip(1);
    Ok(older.filter(|row| row.values > 0).map(|row| row.id).collect())
}

async fn rotate(config: &Config) -> Result<(), String> {
    let tools = tools(config).await?;
    let _held = if config.storage.keys.is_some() {
        check_setting(&tools)?;
        None
    } else {
        Some(put_first(config, &tools).await?)
    };
    let resealed = reseal(&tools).await?;
    let mut ids = tools.keys.ids().into_iter();
    print_line(&format!("{}\t{resealed}", ids.next().unwrap_or_default()))?;
    for old in ids {
        tell(&format!(
            "Nothing in the database needs the key '{old}' any more. Keep it as long as you may want to restore a backup \
             from before; then: grantlink keys remove {old}"
        ));
    }
    Ok(())
}

/// Nobody but the operator can change the setting, and no running server would hear of it.
fn check_setting(tools: &Tools) -> Result<(), String> {
    if tools.keys.ids().len() > 1 {
        return Ok(());
    }
    Err("GRANTLINK_KEYS is set and holds one key alone, so the new one is yours to add. Put it behind the old one with a \
         comma, and restart every server; then put it first, and restart every server again; then run this once more. \
         Make one with: echo \"k2:$(head -c 32 /dev/urandom | base64)\""
        .into())
}

/// Puts a new key first in the file, unless an earlier change of keys has not come to its end.
async fn put_first(config: &Config, tools: &Tools) -> Result<KeyFile, String> {
    if config.web.is_production() && matches!(config.storage.database, DatabaseUrl::Postgres(_)) {
        return Err(
            "the keys are in a file that servers on other machines do not see. Put its text into GRANTLINK_KEYS \
                    of every server, its entries separated by commas, and run this again"
                .into(),
        );
    }
    let file = KeyFile::hold(&config.storage).map_err(|error| error.0)?;
    // Another command may have changed it since this one began.
    tools.keys.refresh()?;
    if needed_older(tools).await?.is_empty() {
        let known = key_check::known_keys(&tools.db).await.map_err(words)?;
        let id = next_id(known.iter().chain(&tools.keys.ids()));
        file.add_first(&id, &tools.randomness).map_err(|error| error.0)?;
        tools.keys.refresh()?;
        key_check::check(&tools.db, &tools.keys, &tools.randomness).await.map_err(words)??;
    } else {
        tell("An earlier change of keys did not come to its end; it goes on.");
    }
    // From then on every server seals by the new key.
    tokio::time::sleep(LOOK_AT_KEYS * 3).await;
    Ok(file)
}

/// A name that no key here has or had.
fn next_id<'a>(known: impl Iterator<Item = &'a String>) -> String {
    let numbers = known.filter_map(|id| id.strip_prefix('k')?.parse::<u32>().ok());
    format!("k{}", numbers.max().unwrap_or(0).saturating_add(1))
}

/// Walks through everything until there is nothing left to do: what a server sealed by the old key while it did not know
/// the new one may come after the first walk. How many values were sealed anew.
async fn reseal(tools: &Tools) -> Result<u64, String> {
    let mut resealed = 0;
    for _ in 0..WALKS {
        let walk = resealing::reseal(&tools.db, &tools.keys, &tools.randomness).await.map_err(words)?;
        resealed += walk.resealed;
        if walk.resealed + walk.missed > 0 {
            continue;
        }
        return match walk.unreadable {
            0 => Ok(resealed),
            some => Err(format!(
                "{some} values open under no key of the ring and were left as they are; restore the key they were sealed \
                 by, or connect those accounts and make those links again. {resealed} others were sealed anew"
            )),
        };
    }
    Err("something goes on sealing by an older key: restart every server with the keys as they are now, and run this \
         again"
        .into())
}

/// Not by way of the tools: the key may be taken out of GRANTLINK_KEYS already, and they want it as long as it is known.
async fn remove(config: &Config, id: &str) -> Result<(), String> {
    let db = Db::open(&config.storage.database).await.map_err(words)?;
    let known = key_check::known_keys(&db).await.map_err(words)?;
    let keys = load_keys(&config.storage, config.web.is_production(), &known, &Randomness).map_err(|error| error.0)?;
    let ids = keys.ids();
    if ids.first().is_some_and(|sealing| sealing == id) {
        return Err(format!("the key '{id}' is the one that seals; `grantlink keys rotate` puts another in its place"));
    }
    if !ids.iter().chain(&known).any(|one| one == id) {
        return Err(format!("there is no key '{id}'; `grantlink keys list` names them"));
    }
    let file = match config.storage.keys {
        Some(_) => None,
        None => Some(KeyFile::hold(&config.storage).map_err(|error| error.0)?),
    };
    let needed = if known.is_empty() { 0 } else { key_check::forget(&db, id).await.map_err(words)? };
    if needed > 0 {
        return Err(format!("{needed} values still need the key '{id}'; run `grantlink keys rotate` first"));
    }
    // The file last: a key that the database knows and the file does not would keep every server from starting.
    match file {
        Some(file) => file.remove(id).map_err(|error| error.0)?,
        None if ids.iter().any(|one| one == id) => {
            tell(&format!("Take '{id}' out of GRANTLINK_KEYS of every server before one of them starts again."));
        }
        None => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_gets_a_name_that_none_has_or_had() {
        let next = |ids: &[&str]| {
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            next_id(ids.iter())
        };
        assert_eq!(next(&["k1"]), "k2");
        assert_eq!(next(&["k9", "k10", "k2"]), "k11");
        assert_eq!(next(&["2026-main", "kitchen"]), "k1");
    }
}
