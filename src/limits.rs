//! How often something may be tried. Keys are hashed into a fixed number of slots, so that an attacker with a
//! million addresses cannot fill the memory; the hash has a random key, so that nobody can aim for another's slot.
//! Nothing here is shared between instances: each one slows its own callers down.

use crate::{clock, error::AppError};
use governor::{
    NotUntil, Quota, RateLimiter, clock::Clock as _, clock::Reference, nanos::Nanos, state::keyed::DashMapStateStore,
};
use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
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
    sign_ups: Limiter,
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
            sign_ups: limiter(clock, 200, Duration::from_secs(2)),
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

    /// Somebody signs up.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when this peer has done so too often.
    pub fn sign_up(&self, peer: IpAddr) -> Result<(), AppError> {
        self.check(&self.sign_ups, network(peer))
    }

    fn check(&self, limiter: &Limiter, key: impl Hash) -> Result<(), AppError> {
        let slot = u16::try_from(self.hasher.hash_one(key) % SLOTS).unwrap_or(u16::MAX);
        limiter.check_key(&slot).map_err(|until: NotUntil<Nanos>| {
            let now = limiter.clock().now();
            let wait = Duration::from(until.earliest_possible().duration_since(now));
            let seconds = wait.as_secs_f64().ceil().clamp(1.0, 3_600.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=3600")]
            AppError::TooMany { retry_after: seconds as u32 }
        })
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
    fn one_ipv6_customer_is_one_peer() {
        assert_eq!(network("2001:db8:1:2:3::4".parse().unwrap()), network("2001:db8:1:2::9".parse().unwrap()));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
    }
}
