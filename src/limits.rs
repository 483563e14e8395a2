//! How often something may be tried. Keys are hashed into a fixed number of slots, so that an attacker with a
//! million addresses cannot fill the memory; the hash has a random key, so that nobody can aim for another's slot.
//! Nothing here is shared between instances: each one slows its own callers down.

use crate::{clock, error::AppError, timestamp::Timestamp};
use governor::{
    NotUntil, Quota, RateLimiter, clock::Clock as _, clock::Reference, nanos::Nanos, state::keyed::DashMapStateStore,
};
use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Slots of one limiter. A slot takes some tens of bytes.
const SLOTS: u64 = 1 << 16;

/// The limits of one server.
pub struct Limits {
    hasher: RandomState,
    unknown_links: Limiter,
    starts: Limiter,
    sign_ins_by_peer: Limiter,
    sign_ins_by_account: Limiter,
    sign_ins_by_device: Limiter,
    password_resets: Limiter,
    forgotten_by_peer: Limiter,
    forgotten_by_address: Limiter,
    second_steps_by_account: Limiter,
    second_steps_by_devices: Limiter,
    own_mails: Limiter,
    sign_ups: Limiter,
    taken_addresses: Answers,
    logos: Limiter,
    payment_pages: Limiter,
    checks: Limiter,
    invitations_by_organization: Limiter,
    invitations_by_peer: Limiter,
    invitations_by_organization_and_address: Limiter,
    invitations_by_address: Limiter,
}

type Limiter = RateLimiter<u16, DashMapStateStore<u16>, MovedClock, governor::middleware::NoOpMiddleware<Nanos>>;

/// Our clock in governor's terms, so that a test can move the limits' time, too.
#[derive(Clone)]
struct MovedClock(clock::Clock);

impl governor::clock::Clock for MovedClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(u64::try_from(self.0.now().as_micros()).unwrap_or(0).saturating_mul(1_000))
    }
}

impl Limits {
    /// Fresh limits on this clock.
    pub fn new(clock: &clock::Clock) -> Self {
        Self {
            hasher: RandomState::new(),
            unknown_links: limiter(clock, 60, Duration::from_secs(1)),
            starts: limiter(clock, 60, Duration::from_secs(1)),
            sign_ins_by_peer: limiter(clock, 100, Duration::from_secs(1)),
            sign_ins_by_account: limiter(clock, 10, Duration::from_secs(6)),
            sign_ins_by_device: limiter(clock, 10, Duration::from_secs(6)),
            password_resets: limiter(clock, 20, Duration::from_secs(3)),
            forgotten_by_peer: limiter(clock, 20, Duration::from_secs(15)),
            forgotten_by_address: limiter(clock, 3, Duration::from_secs(300)),
            second_steps_by_account: limiter(clock, 10, Duration::from_secs(30)),
            second_steps_by_devices: limiter(clock, 10, Duration::from_secs(30)),
            own_mails: limiter(clock, 5, Duration::from_secs(60)),
            sign_ups: limiter(clock, 200, Duration::from_secs(2)),
            taken_addresses: Answers::new(clock, 5, Duration::from_secs(60)),
            logos: limiter(clock, 20, Duration::from_secs(10)),
            payment_pages: limiter(clock, 20, Duration::from_secs(6)),
            checks: limiter(clock, 10, Duration::from_secs(20)),
            invitations_by_organization: limiter(clock, 50, Duration::from_secs(300)),
            invitations_by_peer: limiter(clock, 200, Duration::from_secs(60)),
            invitations_by_organization_and_address: limiter(clock, 5, Duration::from_secs(3_600)),
            invitations_by_address: limiter(clock, 20, Duration::from_secs(1_800)),
        }
    }

    /// An unknown link was asked for. Live links never count, so nobody is kept from theirs (A05).
    ///
    /// # Errors
    /// [`AppError::TooMany`] when this peer has guessed too often.
    pub fn unknown_link(&self, peer: IpAddr) -> Result<(), AppError> {
        self.check(&self.unknown_links, network(peer))
    }

    /// "Continue to Instagram" was pressed on a link (A84).
    ///
    /// # Errors
    /// [`AppError::TooMany`] when that happened too often for one link.
    pub fn start(&self, link: crate::ids::LinkId) -> Result<(), AppError> {
        self.check(&self.starts, link)
    }

    /// Somebody tries to sign in (A46). The wait is seconds, never a lock-out.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when this peer, or anybody for this account, has tried too often. A device the account knows is
    /// measured by itself.
    pub fn sign_in(&self, account: &str, peer: IpAddr, device: Option<&str>) -> Result<(), AppError> {
        self.check(&self.sign_ins_by_peer, network(peer))?;
        match device {
            Some(device) => self.check(&self.sign_ins_by_device, device),
            None => self.check(&self.sign_ins_by_account, account),
        }
    }

    /// Somebody tries a one-time password link.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when this peer has done so too often.
    pub fn reset_password(&self, peer: IpAddr) -> Result<(), AppError> {
        self.check(&self.password_resets, network(peer))
    }

    /// Somebody asks for a mail with a new one-time password link. Known and unknown addresses count alike.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when this peer, or anybody for this address, has asked too often.
    pub fn forgot_password(&self, address: &str, peer: IpAddr) -> Result<(), AppError> {
        self.check(&self.forgotten_by_peer, network(peer))?;
        self.check(&self.forgotten_by_address, address)
    }

    /// Somebody who knows the password of this account tries a code. Of a million codes three fit at any time, so tries are
    /// rare. Devices the account knows are measured by themselves, so that its owner gets in; all of them together,
    /// because whoever signs in gets another one each time.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when that happened too often.
    pub fn second_step(&self, account: &str, peer: IpAddr, is_known: bool) -> Result<(), AppError> {
        self.check(&self.sign_ins_by_peer, network(peer))?;
        let tries = if is_known { &self.second_steps_by_devices } else { &self.second_steps_by_account };
        self.check(tries, account)
    }

    /// A signed-in person asks for a mail to an address of their choice (A62).
    ///
    /// # Errors
    /// [`AppError::TooMany`] when they have done so too often.
    pub fn own_mail(&self, user: crate::ids::UserId) -> Result<(), AppError> {
        self.check(&self.own_mails, user)
    }

    /// Somebody signs up.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when this peer has done so too often.
    pub fn sign_up(&self, peer: IpAddr) -> Result<(), AppError> {
        self.check(&self.sign_ups, network(peer))
    }

    /// Whether this peer may be told once more that an address has an account. Asked before anybody knows whether it has,
    /// so that a refusal says nothing about it.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when it was told so too often.
    pub fn may_hear_of_taken(&self, peer: IpAddr) -> Result<(), AppError> {
        self.taken_addresses.peek(self.slot(network(peer)))
    }

    /// This peer is about to be told that an address has an account.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when others of its questions, asked at the same moment, have used up what it may be told.
    pub fn tell_of_taken(&self, peer: IpAddr) -> Result<(), AppError> {
        self.taken_addresses.count(self.slot(network(peer)))
    }

    /// An invitation is mailed (A62, A84): neither an organization nor a peer with many of them is a relay for whoever
    /// has much to say, and nobody is sent invitations without end, from however many organizations. An organization's
    /// own measures come first: what they refuse takes nothing from the one that all share about an address.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when the organization or this peer has sent too many, or the address got too many.
    pub fn invitation_mail(
        &self,
        organization: crate::ids::OrganizationId,
        address: &str,
        peer: Option<IpAddr>,
    ) -> Result<(), AppError> {
        self.check(&self.invitations_by_organization, organization)?;
        self.check(&self.invitations_by_organization_and_address, (organization, address))?;
        if let Some(peer) = peer {
            self.check(&self.invitations_by_peer, network(peer))?;
        }
        self.check(&self.invitations_by_address, address)
    }

    /// A member sends a logo, which takes a while to draw (A84).
    ///
    /// # Errors
    /// [`AppError::TooMany`] when this organization has sent too many.
    pub fn logo(&self, organization: crate::ids::OrganizationId) -> Result<(), AppError> {
        self.check(&self.logos, organization)
    }

    /// A member asks for a page of Stripe's, or comes back from one: Stripe is asked each time (A84).
    ///
    /// # Errors
    /// [`AppError::TooMany`] when somebody of this organization did so too often.
    pub fn payment_page(&self, organization: crate::ids::OrganizationId) -> Result<(), AppError> {
        self.check(&self.payment_pages, organization)
    }

    /// Whoever runs the installation has one of its checks tried: others are asked, and a mail may be sent.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when that happened too often.
    pub fn check_of_installation(&self, organization: crate::ids::OrganizationId) -> Result<(), AppError> {
        self.check(&self.checks, organization)
    }

    fn check(&self, limiter: &Limiter, key: impl Hash) -> Result<(), AppError> {
        limiter.check_key(&self.slot(key)).map_err(|until: NotUntil<Nanos>| {
            let now = limiter.clock().now();
            too_many(Duration::from(until.earliest_possible().duration_since(now)))
        })
    }

    fn slot(&self, key: impl Hash) -> u16 {
        u16::try_from(self.hasher.hash_one(key) % SLOTS).unwrap_or(u16::MAX)
    }
}

fn too_many(wait: Duration) -> AppError {
    let seconds = wait.as_secs_f64().ceil().clamp(1.0, 3_600.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=3600")]
    AppError::TooMany { retry_after: seconds as u32 }
}

/// A limit on answers instead of questions: one can ask whether there is anything left of it without using it up, which
/// governor's limiters do not offer. Each slot has the time at which all of its answers are made good.
struct Answers {
    clock: clock::Clock,
    burst: u32,
    one_per: Duration,
    made_good: Mutex<HashMap<u16, Timestamp>>,
}

impl Answers {
    fn new(clock: &clock::Clock, burst: u32, one_per: Duration) -> Self {
        Self { clock: clock.clone(), burst, one_per, made_good: Mutex::default() }
    }

    /// Whether another answer may be given.
    fn peek(&self, slot: u16) -> Result<(), AppError> {
        let made_good = self.made_good.lock().unwrap_or_else(PoisonError::into_inner);
        self.check(made_good.get(&slot).copied())
    }

    /// Gives one, if it may be given.
    fn count(&self, slot: u16) -> Result<(), AppError> {
        let mut made_good = self.made_good.lock().unwrap_or_else(PoisonError::into_inner);
        let until = made_good.get(&slot).copied();
        self.check(until)?;
        let now = self.clock.now();
        made_good.insert(slot, until.map_or(now, |until| until.max(now)).plus(self.one_per));
        Ok(())
    }

    fn check(&self, until: Option<Timestamp>) -> Result<(), AppError> {
        let Some(until) = until else { return Ok(()) };
        let free_at = until.minus(self.one_per * (self.burst - 1));
        let wait = free_at.as_micros() - self.clock.now().as_micros();
        match u64::try_from(wait) {
            Ok(wait) if wait > 0 => Err(too_many(Duration::from_micros(wait))),
            _ => Ok(()),
        }
    }
}

fn limiter(clock: &clock::Clock, burst: u32, one_per: Duration) -> Limiter {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    #[expect(clippy::expect_used, reason = "the periods above are not zero")]
    let quota = Quota::with_period(one_per).expect("a period is longer than nothing").allow_burst(burst);
    RateLimiter::new(quota, DashMapStateStore::default(), MovedClock(clock.clone()))
}

/// Who counts as one peer: an IPv4 address, or an IPv6 network of the size one customer gets.
fn network(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.into(),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a05_guessing_links_is_slowed_for_one_peer_only_and_memory_is_bounded() {
        let clock = clock::Clock::default();
        let limits = Limits::new(&clock);
        let peer = "192.0.2.1".parse().unwrap();
        let refused = (0..300).filter(|_| limits.unknown_link(peer).is_err()).count();
        assert!(refused >= 200, "{refused} of 300 refused");
        assert!(limits.unknown_link("192.0.2.2".parse().unwrap()).is_ok());
        for address in 0..1_000_000u32 {
            let _ = limits.unknown_link(std::net::Ipv4Addr::from(address).into());
        }
        assert!(u64::try_from(limits.unknown_links.len()).unwrap() <= SLOTS);
    }

    #[test]
    fn a46_an_attacked_account_is_slowed_and_never_locked() {
        let clock = clock::Clock::default();
        let limits = Limits::new(&clock);
        for attacker in 0..1_000u32 {
            let _ = limits.sign_in("ann@agency.example", std::net::Ipv4Addr::from(attacker).into(), None);
        }
        let owner = "198.51.100.7".parse().unwrap();
        let Err(AppError::TooMany { retry_after }) = limits.sign_in("ann@agency.example", owner, None) else {
            panic!("the account is not slowed");
        };
        assert!(retry_after <= 10, "{retry_after} s");
        clock.advance(Duration::from_secs(retry_after.into()));
        assert!(limits.sign_in("ann@agency.example", owner, None).is_ok());
    }

    #[test]
    fn a46_an_attack_that_never_ends_does_not_keep_the_owner_s_own_device_out() {
        let clock = clock::Clock::default();
        let limits = Limits::new(&clock);
        let owner = "198.51.100.7".parse().unwrap();
        for round in 0..100u32 {
            clock.advance(Duration::from_secs(1));
            for attacker in 0..5 {
                let _ =
                    limits.sign_in("ann@agency.example", std::net::Ipv4Addr::from(round * 5 + attacker).into(), None);
            }
        }
        assert!(limits.sign_in("ann@agency.example", owner, None).is_err());
        assert!(limits.sign_in("ann@agency.example", owner, Some("the owner's device")).is_ok());
    }

    #[test]
    fn a46_one_peer_that_tries_many_accounts_is_slowed() {
        let limits = Limits::new(&clock::Clock::default());
        let peer = "192.0.2.1".parse().unwrap();
        let refused = (0..300).filter(|n| limits.sign_in(&format!("{n}@agency.example"), peer, None).is_err()).count();
        assert!(refused >= 150, "{refused} of 300 refused");
    }

    #[test]
    fn a46_codes_are_counted_for_an_account_over_all_devices_it_knows() {
        let limits = Limits::new(&clock::Clock::default());
        let peer = |n: u32| std::net::Ipv4Addr::from(n).into();
        let through = (0..100).filter(|n| limits.second_step("ann@agency.example", peer(*n), true).is_ok()).count();
        assert_eq!(through, 10);
        assert!(limits.second_step("ann@agency.example", peer(100), false).is_ok(), "other browsers have their own");
        assert!(limits.second_step("bob@agency.example", peer(101), true).is_ok());
    }

    #[test]
    fn a46_a_peer_is_told_of_five_taken_addresses_and_of_one_more_each_minute() {
        let clock = clock::Clock::default();
        let limits = Limits::new(&clock);
        let peer: IpAddr = "192.0.2.1".parse().unwrap();
        let hears = || limits.may_hear_of_taken(peer).and_then(|()| limits.tell_of_taken(peer)).is_ok();
        let told = || (0..20).filter(|_| hears()).count();
        assert_eq!(told(), 5);
        let Err(AppError::TooMany { retry_after }) = limits.may_hear_of_taken(peer) else { panic!("it is not slowed") };
        assert!((50..=60).contains(&retry_after), "{retry_after} s");
        // Asking alone uses nothing up.
        clock.advance(Duration::from_secs(61));
        assert!((0..20).all(|_| limits.may_hear_of_taken(peer).is_ok()));
        assert_eq!(told(), 1);
        assert!(limits.may_hear_of_taken("192.0.2.2".parse().unwrap()).is_ok());
        clock.advance(Duration::from_secs(3_600));
        assert_eq!(told(), 5);
    }

    #[test]
    fn a62_a84_an_organization_mails_fifty_invitations_at_once_and_one_address_gets_five() {
        let clock = clock::Clock::default();
        let limits = Limits::new(&clock);
        let organization = || crate::ids::OrganizationId::generate(clock.now(), &clock::Randomness);
        let (one, other) = (organization(), organization());
        let sends = |organization, address: &str| limits.invitation_mail(organization, address, None).is_ok();
        let sent = (0..5_000).filter(|n| sends(one, &format!("{n}@x.example"))).count();
        assert!((45..=50).contains(&sent), "{sent} of 5000 sent");
        assert!(sends(other, "ann@agency.example"), "nobody else noticed");
        assert_eq!((0..20).filter(|_| sends(other, "victim@x.example")).count(), 5);
        assert!(
            sends(organization(), "victim@x.example"),
            "one organization does not use up the invitations of another"
        );
        clock.advance(Duration::from_secs(86_400));
        let got = (0..100).filter(|_| sends(organization(), "victim@x.example")).count();
        assert_eq!(got, 20, "however many organizations there are");
    }

    #[test]
    fn a62_a84_whoever_signs_up_many_organizations_mails_no_more_for_it() {
        let clock = clock::Clock::default();
        let limits = Limits::new(&clock);
        let organization = || crate::ids::OrganizationId::generate(clock.now(), &clock::Randomness);
        let (one, other) = ("192.0.2.1".parse().ok(), "192.0.2.2".parse().ok());
        let sent = (0..1_000)
            .filter(|n| limits.invitation_mail(organization(), &format!("{n}@x.example"), one).is_ok())
            .count();
        assert!((190..=200).contains(&sent), "{sent} of 1000 sent");
        assert!(limits.invitation_mail(organization(), "ann@agency.example", other).is_ok(), "nobody else noticed");
    }

    #[test]
    fn one_ipv6_customer_is_one_peer() {
        assert_eq!(network("2001:db8:1:2:3::4".parse().unwrap()), network("2001:db8:1:2::9".parse().unwrap()));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
    }
}
