//! What happened between two looks at the list of accounts, for the announcement (S17).

use crate::accounts::model::AccountView;

/// Says which accounts were connected, or connected again, since the last look. `None` when none was.
pub fn connected_since(before: &[AccountView], now: &[AccountView]) -> Option<String> {
    let is_known = |account: &AccountView| {
        before.iter().any(|old| {
            old.id == account.id && old.since.iso == account.since.iso && old.is_pending() == account.is_pending()
        })
    };
    let sentences: Vec<String> = now
        .iter()
        .filter(|account| !account.is_pending() && !is_known(account))
        .map(|account| format!("@{} is connected.", account.username))
        .collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts::model::AccountState, timestamp::Moment};

    fn moment(iso: &str) -> Moment {
        Moment { iso: iso.into(), date: String::new(), full: String::new(), relative: String::new() }
    }

    fn account(n: u8, username: &str, connected_at: &str) -> AccountView {
        AccountView {
            id: format!("{n:032x}").parse().unwrap(),
            username: username.into(),
            display_name: None,
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
        assert_eq!(connected_since(&before, &now).as_deref(), Some("@nora is connected."));
        assert_eq!(connected_since(&[], &now).as_deref(), Some("@nora is connected. @bakery is connected."));
    }

    #[test]
    fn an_account_connected_again_is_announced_too() {
        let announced = connected_since(&[account(1, "bakery", "1")], &[account(1, "bakery.new", "2")]);
        assert_eq!(announced.as_deref(), Some("@bakery.new is connected."));
    }

    #[test]
    fn a_list_that_only_shrank_is_no_news() {
        assert_eq!(connected_since(&[account(1, "a", "1"), account(2, "b", "1")], &[account(2, "b", "1")]), None);
    }
}
