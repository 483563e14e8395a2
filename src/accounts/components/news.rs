//! What happened between two looks at the list of accounts, for the announcement (S17).

use crate::accounts::model::AccountView;

/// Says which accounts were connected, or connected again, since the last look, and which died. `None` when none did.
pub fn news_since(before: &[AccountView], now: &[AccountView]) -> Option<String> {
    let is_known = |account: &AccountView| {
        before.iter().any(|old| {
            old.id == account.id
                && old.since.iso == account.since.iso
                && old.is_pending() == account.is_pending()
                && old.is_dead() == account.is_dead()
        })
    };
    let sentences: Vec<String> = now
        .iter()
        .filter_map(|account| {
            let username = &account.username;
            if account.is_dead() {
                let lived = before.iter().any(|old| old.id == account.id && !old.is_dead());
                lived.then(|| format!("@{username} needs to be connected again."))
            } else {
                let is_news = !account.is_pending() && !is_known(account);
                is_news.then(|| format!("@{username} is connected."))
            }
        })
        .collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts::model::AccountState, timestamp::Moment, token_death::TokenDeath};

    fn moment(iso: &str) -> Moment {
        Moment { iso: iso.into(), date: String::new(), full: String::new(), relative: String::new() }
    }

    fn account(n: u8, username: &str, connected_at: &str) -> AccountView {
        AccountView {
            id: format!("{n:032x}").parse().unwrap(),
            username: username.into(),
            display_name: None,
            picture: None,
            account_type: "Business".into(),
            state: AccountState::Active { token_expires_at: moment("2027") },
            since: moment(connected_at),
            through: None,
        }
    }

    #[test]
    fn s17_a_new_account_is_announced_by_its_handle() {
        let before = [account(1, "bakery", "1")];
        let now = [account(2, "nora", "2"), account(1, "bakery", "1")];
        assert_eq!(news_since(&before, &now).as_deref(), Some("@nora is connected."));
        assert_eq!(news_since(&[], &now).as_deref(), Some("@nora is connected. @bakery is connected."));
    }

    #[test]
    fn an_account_connected_again_is_announced_too() {
        let announced = news_since(&[account(1, "bakery", "1")], &[account(1, "bakery.new", "2")]);
        assert_eq!(announced.as_deref(), Some("@bakery.new is connected."));
    }

    #[test]
    fn t26_an_account_that_died_is_announced_once() {
        let dead = AccountView {
            state: AccountState::NeedsReconnection { reason: TokenDeath::Expired, mistaken_for: None },
            ..account(1, "bakery", "1")
        };
        let announced = news_since(&[account(1, "bakery", "1")], std::slice::from_ref(&dead));
        assert_eq!(announced.as_deref(), Some("@bakery needs to be connected again."));
        assert_eq!(news_since(std::slice::from_ref(&dead), std::slice::from_ref(&dead)), None);
        let announced = news_since(&[dead], &[account(1, "bakery", "2")]);
        assert_eq!(announced.as_deref(), Some("@bakery is connected."));
    }

    #[test]
    fn a_list_that_only_shrank_is_no_news() {
        assert_eq!(news_since(&[account(1, "a", "1"), account(2, "b", "1")], &[account(2, "b", "1")]), None);
    }
}
