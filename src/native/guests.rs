//! How many peers a listener has, and the most it takes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use super::options::TransportOptions;
use crate::options::SocketOption;

/// How many may come from one address of another machine where nothing else was said.
const PER_ADDRESS: usize = 1024;

/// Who is connected to a listener, or on the way to be.
pub(super) struct Guests {
    /// At most so many; 0: any number.
    most: usize,
    per_address: usize,
    /// Whether this machine's own addresses are like any other.
    counts_loopback: bool,
    all: Cell<usize>,
    by_network: RefCell<HashMap<IpAddr, usize>>,
}

/// One connection's place. It is free again when the value is dropped.
pub(super) struct Seat {
    guests: Rc<Guests>,
    network: Option<IpAddr>,
}

impl Guests {
    pub(super) fn new(options: &TransportOptions) -> Rc<Self> {
        let per_address = usize::try_from(options.number(SocketOption::MaxConnectionsPerAddress));
        Rc::new(Self {
            most: usize::try_from(options.number(SocketOption::MaxConnections)).unwrap_or(0),
            per_address: per_address.unwrap_or(PER_ADDRESS),
            counts_loopback: per_address.is_ok(),
            all: Cell::new(0),
            by_network: RefCell::default(),
        })
    }

    /// A place for who comes from this address, or why there is none. What is no address of IP's, such as a file,
    /// is not counted by itself.
    pub(super) fn seat(self: &Rc<Self>, address: &str) -> Result<Seat, String> {
        let (all, most) = (self.all.get(), self.most);
        if most != 0 && all >= most {
            return Err(format!("the listener has {most} connections already, which is MAX_CONNECTIONS"));
        }
        let network = address.parse().ok().and_then(|address| self.network(address));
        if let Some(network) = network {
            let mut by_network = self.by_network.borrow_mut();
            let here = by_network.entry(network).or_default();
            let most = self.per_address;
            if *here >= most {
                return Err(format!(
                    "the listener has {most} connections from {network} already, which is MAX_CONNECTIONS_PER_ADDRESS"
                ));
            }
            *here += 1;
        }
        self.all.set(all + 1);
        Ok(Seat { guests: Rc::clone(self), network })
    }

    /// By what those of one address are counted, if they are: a host has 64 bits of IPv6's to choose from.
    fn network(&self, address: SocketAddr) -> Option<IpAddr> {
        let ip = address.ip().to_canonical();
        if self.per_address == 0 || ip.is_loopback() && !self.counts_loopback {
            return None;
        }
        Some(match ip {
            IpAddr::V4(_) => ip,
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Guests { all, by_network, .. } = &*self.guests;
        all.set(all.get() - 1);
        let Some(network) = self.network else { return };
        let mut by_network = by_network.borrow_mut();
        if let Some(here) = by_network.get_mut(&network) {
            *here -= 1;
            if *here == 0 {
                by_network.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guests(most: i32, per_address: i32) -> Rc<Guests> {
        let mut options = TransportOptions::default();
        for (option, value) in
            [(SocketOption::MaxConnections, most), (SocketOption::MaxConnectionsPerAddress, per_address)]
        {
            options.set(option, &value.into()).expect("in range");
        }
        Guests::new(&options)
    }

    #[test]
    fn places_are_given_up_to_the_limits_and_come_back() {
        let guests = guests(3, 2);
        let mut seats: Vec<_> = ["1.2.3.4:1", "1.2.3.4:2"]
            .iter()
            .map(|address| guests.seat(address).expect("there is room"))
            .collect();
        let refused = guests.seat("1.2.3.4:3").err().expect("it is full for this one");
        assert!(
            refused.contains("from 1.2.3.4") && refused.contains("MAX_CONNECTIONS_PER_ADDRESS"),
            "{refused}"
        );
        seats.push(guests.seat("[::ffff:5.6.7.8]:1").expect("there is room"));
        let refused = guests.seat(":1000:1000:1").err().expect("it is full");
        assert!(refused.ends_with("MAX_CONNECTIONS"), "{refused}");
        seats.clear();
        assert!(guests.by_network.borrow().is_empty());
        assert!(guests.seat("1.2.3.4:3").is_ok());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_this_machine_counts_only_if_it_was_said() {
        let strict = guests(0, 1);
        let _seat = strict.seat("[2001:db8::1]:1").expect("there is room");
        assert!(strict.seat("[2001:db8::ffff:2]:1").is_err());
        assert!(strict.seat("[2001:db8:0:1::1]:1").is_ok());
        let _mapped = strict.seat("[::ffff:1.2.3.4]:1").expect("there is room");
        assert!(strict.seat("1.2.3.4:5").is_err());
        let _local = strict.seat("127.0.0.1:1").expect("there is room");
        assert!(strict.seat("127.0.0.1:2").is_err());

        let usual = Guests::new(&TransportOptions::default());
        let local: Vec<_> = (0..2000).map(|_| usual.seat("127.0.0.1:1").expect("not counted")).collect();
        let others: Vec<_> = (0..1024).map(|_| usual.seat("1.2.3.4:1").expect("there is room")).collect();
        assert!(usual.seat("1.2.3.4:1").is_err());
        drop((local, others));
        assert_eq!(usual.all.get(), 0);
        let any = guests(0, 0);
        let _seats: Vec<_> = (0..20_000).map(|_| any.seat("1.2.3.4:1").expect("any number")).collect();
    }
}
