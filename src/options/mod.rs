//! Socket options: typed, with libzmq's numbers, defaults and ranges, validated once.

mod security;
mod table;
mod value;

use core::time::Duration;

pub(crate) use self::security::HAS_SECURITY;
pub use self::security::Mechanism;
pub use self::table::SocketOption;
pub use self::value::OptionValue;

pub(crate) use self::value::Checked;

use self::security::Octets;
use self::table::{COUNT, Kind, TABLE, index};
use self::value::property;
use crate::error::ApiMisuse;
use crate::socket_type::SocketType;
use crate::z85;

/// Every option's value. Its methods say what the engine needs to know; [`set`](Self::set) checks ranges.
///
/// ```
/// use zmq_wasm::{OptionValue, Options, SocketOption};
///
/// let mut options = Options::default();
/// assert_eq!(options.get(SocketOption::SndHwm)?, OptionValue::Int(1000));
/// options.set(SocketOption::SndHwm, &10.into())?;
/// assert_eq!(options.get(SocketOption::SndHwm)?, OptionValue::Int(10));
/// assert!(options.set(SocketOption::SndHwm, &(-1).into()).is_err());
/// # Ok::<(), zmq_wasm::ApiMisuse>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// In the order of the table; 0 for octets.
    numbers: [i64; COUNT],
    /// Octets that were set. METADATA is there once for each property.
    octets: Vec<(SocketOption, Octets)>,
}

impl Default for Options {
    fn default() -> Self {
        let mut numbers = [0; COUNT];
        for (number, row) in numbers.iter_mut().zip(TABLE) {
            *number = row.default.into();
        }
        Self { numbers, octets: Vec::new() }
    }
}

impl Options {
    /// Sets an option, or says why not.
    ///
    /// ```
    /// # use zmq_wasm::{Options, SocketOption};
    /// let error = Options::default().set(SocketOption::Linger, &"long".into()).unwrap_err();
    /// assert!(error.to_string().starts_with("LINGER can't be"));
    /// ```
    pub fn set(&mut self, option: SocketOption, value: &OptionValue) -> Result<(), ApiMisuse> {
        self.set_named(option, option.name(), value)
    }

    /// As [`set`](Self::set), for who has the names elsewhere and need not download them.
    pub(crate) fn set_named(
        &mut self,
        option: SocketOption,
        name: &'static str,
        value: &OptionValue,
    ) -> Result<(), ApiMisuse> {
        use SocketOption as O;
        let row = option.row();
        if !row.can_write() {
            return Err(invalid(option, "it can't be set"));
        }
        let value = Checked { option, name, value };
        if row.kind.is_octets() {
            let key;
            let octets = if row.kind == Kind::Key && HAS_SECURITY {
                key = value.key()?;
                &key
            } else {
                value.octets()?
            };
            match option {
                O::Unsubscribe => return Err(invalid(option, "there is nothing to unsubscribe from yet")),
                // As in libzmq, it is the first value of a name that stays.
                O::Metadata => {
                    let name = property(octets).map(|(name, _)| name);
                    if self.metadata().any(|(known, _)| Some(known) == name) {
                        return Ok(());
                    }
                }
                _ => drop(self.take(option)),
            }
            self.octets.push((option, Octets::from(octets)));
            self.choose(option);
            return Ok(());
        }
        let number = value.number()?;
        let mut put = |option, number| self.numbers[index(option)] = number;
        put(option, number);
        match option {
            O::XpubVerbose => put(O::XpubVerboser, 0),
            O::XpubVerboser => put(O::XpubVerbose, number),
            O::XpubManualLastValue => put(O::XpubManual, number),
            _ => self.choose(option),
        }
        Ok(())
    }

    /// Reads an option. What only the socket knows (EVENTS, LAST_ENDPOINT, …) is not known here.
    ///
    /// ```
    /// # use zmq_wasm::{OptionValue, Options, SocketOption};
    /// assert_eq!(Options::default().get(SocketOption::ReconnectIvl), Ok(OptionValue::Int(100)));
    /// ```
    pub fn get(&self, option: SocketOption) -> Result<OptionValue, ApiMisuse> {
        let row = option.row();
        if !row.can_read() {
            return Err(invalid(option, "it can't be read"));
        }
        Ok(match option {
            // No key: 32 octets of zero in Z85.
            _ if row.kind == Kind::Key && HAS_SECURITY => z85::encode(&self.key(option))?.as_str().into(),
            _ if row.kind == Kind::Key => [b'0'; 40][..].into(),
            _ if row.kind.is_octets() => self.octets(option).into(),
            _ => self.numbers[index(option)].into(),
        })
    }

    /// As in libzmq, subscriptions are nothing to linger for.
    pub(crate) fn make_default_of(&mut self, socket_type: SocketType) {
        let linger = &mut self.numbers[const { index(SocketOption::Linger) }];
        if *linger < 0 && matches!(socket_type, SocketType::Sub | SocketType::Xsub | SocketType::Dish) {
            *linger = 0;
        }
    }

    /// The octets of an option; none when it was not set.
    pub(crate) fn octets(&self, option: SocketOption) -> &[u8] {
        let found = self.octets.iter().find(|(known, _)| *known == option);
        found.map(|(_, octets)| octets.as_slice()).unwrap_or_default()
    }

    /// Takes the octets of an option away, where it was set.
    pub(crate) fn take(&mut self, option: SocketOption) -> Option<Vec<u8>> {
        let at = self.octets.iter().position(|(known, _)| *known == option)?;
        Some(self.octets.swap_remove(at).1.as_slice().to_vec())
    }

    /// The properties that METADATA adds to the handshake: names and values.
    pub(crate) fn metadata(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let set = self.octets.iter().filter(|(option, _)| *option == SocketOption::Metadata);
        set.filter_map(|(_, octets)| property(octets.as_slice()))
    }

    /// How long a closed socket goes on to send; `None` for ever.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use zmq_wasm::{Options, SocketOption};
    /// let mut options = Options::default();
    /// assert_eq!(options.linger(), None);
    /// options.set(SocketOption::Linger, &500.into())?;
    /// assert_eq!(options.linger(), Some(Duration::from_millis(500)));
    /// # Ok::<(), zmq_wasm::ApiMisuse>(())
    /// ```
    pub fn linger(&self) -> Option<Duration> {
        millis_or_forever(self.linger_millis())
    }

    /// How long a receive waits; `None` for ever.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use zmq_wasm::{Options, SocketOption};
    /// let mut options = Options::default();
    /// assert_eq!(options.rcvtimeo(), None);
    /// options.set(SocketOption::RcvTimeo, &500.into())?;
    /// assert_eq!(options.rcvtimeo(), Some(Duration::from_millis(500)));
    /// # Ok::<(), zmq_wasm::ApiMisuse>(())
    /// ```
    pub fn rcvtimeo(&self) -> Option<Duration> {
        millis_or_forever(self.rcvtimeo_millis())
    }

    /// How long a send waits; `None` for ever.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use zmq_wasm::{Options, SocketOption};
    /// let mut options = Options::default();
    /// assert_eq!(options.sndtimeo(), None);
    /// options.set(SocketOption::SndTimeo, &500.into())?;
    /// assert_eq!(options.sndtimeo(), Some(Duration::from_millis(500)));
    /// # Ok::<(), zmq_wasm::ApiMisuse>(())
    /// ```
    pub fn sndtimeo(&self) -> Option<Duration> {
        millis_or_forever(self.sndtimeo_millis())
    }

    pub(crate) fn handshake_ivl(&self) -> Option<Duration> {
        (self.handshake_millis() > 0).then(|| millis(self.handshake_millis()))
    }

    pub(crate) fn heartbeat_ivl(&self) -> Option<Duration> {
        (self.heartbeat_millis() > 0).then(|| millis(self.heartbeat_millis()))
    }

    pub(crate) fn heartbeat_timeout(&self) -> Duration {
        let own = self.heartbeat_timeout_millis();
        millis(if own < 0 { self.heartbeat_millis() } else { own })
    }

    pub(crate) fn heartbeat_ttl(&self) -> Duration {
        millis(self.heartbeat_ttl_millis())
    }

    /// The longest frame to accept, in octets.
    ///
    /// ```
    /// # use zmq_wasm::{Options, SocketOption};
    /// let mut options = Options::default();
    /// options.set(SocketOption::MaxMsgSize, &1_000_000.into())?;
    /// assert_eq!(options.max_frame(), 1_000_000);
    /// # Ok::<(), zmq_wasm::ApiMisuse>(())
    /// ```
    #[inline]
    pub fn max_frame(&self) -> u64 {
        u64::try_from(self.max_msg_size()).unwrap_or(u64::MAX)
    }

    pub(crate) fn send_limit(&self) -> usize {
        hwm(self.sndhwm())
    }

    pub(crate) fn receive_limit(&self) -> usize {
        hwm(self.rcvhwm())
    }
}

/// What the engine asks for by name.
macro_rules! numbers {
    ($($name:ident: $option:ident),+ $(,)?) => {
        impl Options {$(
            #[inline]
            pub(crate) fn $name(&self) -> i64 {
                self.numbers[const { index(SocketOption::$option) }]
            }
        )+}
    };
}

macro_rules! flags {
    ($($name:ident: $option:ident),+ $(,)?) => {
        impl Options {$(
            #[inline]
            pub(crate) fn $name(&self) -> bool {
                self.numbers[const { index(SocketOption::$option) }] != 0
            }
        )+}
    };
}

numbers! {
    linger_millis: Linger, rcvtimeo_millis: RcvTimeo, sndtimeo_millis: SndTimeo, handshake_millis: HandshakeIvl,
    heartbeat_millis: HeartbeatIvl, heartbeat_timeout_millis: HeartbeatTimeout, heartbeat_ttl_millis: HeartbeatTtl,
    max_msg_size: MaxMsgSize, sndhwm: SndHwm, rcvhwm: RcvHwm, reconnect_ivl: ReconnectIvl,
    reconnect_ivl_max: ReconnectIvlMax, reconnect_stop: ReconnectStop, router_notify: RouterNotify,
    mechanism_number: Mechanism,
}

flags! {
    router_mandatory: RouterMandatory, router_handover: RouterHandover, probe_router: ProbeRouter,
    req_correlate: ReqCorrelate, req_relaxed: ReqRelaxed, conflate: Conflate, immediate: Immediate,
    invert_matching: InvertMatching, xpub_verbose: XpubVerbose, xpub_verboser: XpubVerboser,
    xpub_nodrop: XpubNodrop, xpub_manual: XpubManual, send_fragmented: SendFragmented,
    xpub_manual_last_value: XpubManualLastValue, only_first_subscribe: OnlyFirstSubscribe,
    xsub_verbose_unsubscribe: XsubVerboseUnsubscribe, plain_server: PlainServer, curve_server: CurveServer,
}

#[cfg(feature = "security")]
flags! {
    zap_enforce_domain: ZapEnforceDomain,
}

fn hwm(value: i64) -> usize {
    if value == 0 { usize::MAX } else { value as usize }
}

fn millis(value: i64) -> Duration {
    Duration::from_millis(u64::try_from(value).unwrap_or(0))
}

fn millis_or_forever(value: i64) -> Option<Duration> {
    (value >= 0).then(|| millis(value))
}

fn invalid(option: SocketOption, reason: &'static str) -> ApiMisuse {
    ApiMisuse::InvalidOption { option: option as i32, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_read_and_what_is_out_of_range_is_refused_by_name() {
        let mut options = Options::default();
        options.set(SocketOption::Linger, &OptionValue::Int(5)).expect("in range");
        assert_eq!(options.get(SocketOption::Linger), Ok(OptionValue::Int(5)));
        let error = options.set(SocketOption::Linger, &OptionValue::Int(-2)).expect_err("out of range");
        assert_eq!(error.to_string(), "LINGER can't be -2: expected -1, 0 or a positive number");
        assert_eq!(options.linger(), Some(Duration::from_millis(5)));
        assert!(options.set(SocketOption::SndHwm, &"ten".into()).is_err());
        assert!(options.set(SocketOption::RoutingId, &[0_u8; 256][..].into()).is_err());
        assert!(options.set(SocketOption::Type, &OptionValue::Int(1)).is_err());
        assert!(options.get(SocketOption::RouterMandatory).is_err());
        assert_eq!(SocketOption::from_number(4242), None);
    }

    #[test]
    fn heartbeat_ttl_goes_in_tenths_of_a_second() {
        let mut options = Options::default();
        options.set(SocketOption::HeartbeatTtl, &OptionValue::Int(1250)).expect("in range");
        assert_eq!(options.get(SocketOption::HeartbeatTtl), Ok(OptionValue::Int(1200)));
        let most = i64::from(u16::MAX) * 100 + 99;
        assert!(options.set(SocketOption::HeartbeatTtl, &OptionValue::Int(most)).is_ok());
        assert!(options.set(SocketOption::HeartbeatTtl, &OptionValue::Int(most + 1)).is_err());
    }

    #[test]
    fn options_of_one_kind_change_each_other() {
        use SocketOption::{XpubManual, XpubManualLastValue, XpubVerbose, XpubVerboser};
        let after = |set: &[(SocketOption, bool)]| {
            let mut options = Options::default();
            for (option, on) in set {
                options.set(*option, &(*on).into()).expect("it can be");
            }
            (options.xpub_verbose(), options.xpub_verboser(), options.xpub_manual())
        };
        assert_eq!(after(&[(XpubVerbose, true)]), (true, false, false));
        assert_eq!(after(&[(XpubVerboser, true)]), (true, true, false));
        assert_eq!(after(&[(XpubVerboser, true), (XpubVerbose, true)]), (true, false, false));
        assert_eq!(after(&[(XpubVerboser, true), (XpubVerboser, false)]), (false, false, false));
        assert_eq!(after(&[(XpubManualLastValue, true)]), (false, false, true));
        assert_eq!(after(&[(XpubManualLastValue, true), (XpubManual, false)]), (false, false, false));
    }

    #[test]
    fn metadata_is_a_name_and_a_value_and_the_first_of_a_name_stays() {
        let mut options = Options::default();
        let long = format!("X-{}:v", "n".repeat(254));
        for bad in ["", "X-a", "X-a:", ":v", "a:v", "x-a:v", &long] {
            let error = options.set(SocketOption::Metadata, &bad.into()).expect_err(bad);
            assert!(error.to_string().starts_with("METADATA can't be"), "{error}");
        }
        for good in ["X-a:1", "X-b:2:3", "X-a:4", &long[1..].replacen("-n", "X-", 1)] {
            options.set(SocketOption::Metadata, &good.into()).expect(good);
        }
        let set: Vec<_> = options.metadata().take(2).collect();
        assert_eq!(set, [("X-a", &b"1"[..]), ("X-b", &b"2:3"[..])]);
        assert_eq!(options.metadata().count(), 3);
        assert!(options.get(SocketOption::Metadata).is_err());
    }
}
