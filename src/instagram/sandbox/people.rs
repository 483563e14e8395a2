//! The people of the sandbox. Each shows one way a connection can go. Their passwords are printed for everybody to
//! read, and open nothing but the sandbox.

/// The security code of everybody who has to give one.
pub const SECURITY_CODE: &str = "123456";

/// How a person's account meets our app.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Manner {
    /// Everything works.
    Connects,
    /// Instagram itself stops at the consent page, for the account is personal.
    StoppedAsPersonal,
    /// Consent and code are fine; then the graph refuses every call, for the person is no tester of the app.
    NoTester,
    /// Comes back with a code whose token is good for nothing.
    GrantsNothing,
}

/// Somebody to log in as.
#[derive(Debug)]
pub struct Person {
    /// The handle, without "@".
    pub username: &'static str,
    /// The name beside the handle.
    pub name: &'static str,
    /// The password.
    pub password: &'static str,
    /// Whether [`SECURITY_CODE`] is asked for as well.
    pub two_factor: bool,
    /// The kind of account, in the graph's word.
    pub account_type: &'static str,
    /// The id of the professional account (`user_id` of `/me`), beyond 2^53.
    pub instagram_id: u64,
    /// The id towards the app (`id` of `/me`), beyond 2^53.
    pub app_scoped_id: u64,
    /// How many posts there are from the start.
    pub posts: u64,
    /// How it goes.
    pub manner: Manner,
    /// The same for people to read.
    pub note: &'static str,
}

static PEOPLE: [Person; 7] = [
    Person {
        username: "bakery_huber",
        name: "Bakery Huber",
        password: "sandbox-bakery",
        two_factor: true,
        account_type: "BUSINESS",
        instagram_id: 17_841_405_822_304_914,
        app_scoped_id: 27_640_875_392_278_831,
        posts: 60,
        manner: Manner::Connects,
        note: "Business account with a security code: connects.",
    },
    Person {
        username: "studio.nora",
        name: "Studio Nora",
        password: "sandbox-nora",
        two_factor: false,
        account_type: "MEDIA_CREATOR",
        instagram_id: 17_841_405_822_304_917,
        app_scoped_id: 27_640_875_392_278_833,
        posts: 7,
        manner: Manner::Connects,
        note: "Creator account: connects.",
    },
    Person {
        username: "cafe_lumen",
        name: "Café Lumen",
        password: "sandbox-lumen",
        two_factor: false,
        account_type: "BUSINESS",
        instagram_id: 17_841_405_822_304_919,
        app_scoped_id: 27_640_875_392_278_835,
        posts: 30,
        manner: Manner::Connects,
        note: "Business account: connects.",
    },
    Person {
        username: "max_private",
        name: "Max",
        password: "sandbox-max",
        two_factor: false,
        account_type: "PERSONAL",
        instagram_id: 17_841_405_822_304_921,
        app_scoped_id: 27_640_875_392_278_837,
        posts: 0,
        manner: Manner::StoppedAsPersonal,
        note: "Personal account: stopped here, never comes back to the app.",
    },
    Person {
        username: "mia_personal",
        name: "Mia",
        password: "sandbox-mia",
        two_factor: false,
        account_type: "PERSONAL",
        instagram_id: 17_841_405_822_304_923,
        app_scoped_id: 27_640_875_392_278_839,
        posts: 0,
        manner: Manner::Connects,
        note: "Personal account that gets through: the app has to refuse it.",
    },
    Person {
        username: "acme_outsider",
        name: "Acme",
        password: "sandbox-acme",
        two_factor: false,
        account_type: "BUSINESS",
        instagram_id: 17_841_405_822_304_925,
        app_scoped_id: 27_640_875_392_278_841,
        posts: 0,
        manner: Manner::NoTester,
        note: "No tester of the app: comes back with a code, then every call is refused.",
    },
    Person {
        username: "salon_sparse",
        name: "Salon Sparse",
        password: "sandbox-sparse",
        two_factor: false,
        account_type: "BUSINESS",
        instagram_id: 17_841_405_822_304_927,
        app_scoped_id: 27_640_875_392_278_843,
        posts: 0,
        manner: Manner::GrantsNothing,
        note: "Grants no permission: comes back with a token that is good for nothing.",
    },
];

/// Everybody who can log in.
pub fn people() -> &'static [Person] {
    &PEOPLE
}

/// A person by handle, as forgiving as a login page.
pub(super) fn find(username: &str) -> Option<&'static Person> {
    let wanted = username.trim().trim_start_matches('@').to_lowercase();
    PEOPLE.iter().find(|person| person.username == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a29_every_id_is_its_own_and_beyond_what_a_float_can_hold() {
        let ids: Vec<u64> = PEOPLE.iter().flat_map(|p| [p.instagram_id, p.app_scoped_id]).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        assert!(ids.iter().all(|id| *id > 1 << 53));
    }
}
