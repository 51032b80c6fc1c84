//! What a socket is told of itself: options, subscriptions, groups.

use super::traffic::check_group;
use super::{Engine, POLLIN, POLLOUT};
use crate::error::{ApiMisuse, Error};
use crate::options::{Checked, OptionValue, Options, SocketOption};
use crate::pattern::no_subscriptions;
use crate::payload::Payload;
use crate::socket_type::SocketType;
use crate::time::Instant;

impl<P: Payload> Engine<P> {
    /// The socket's options.
    pub fn options(&self) -> &Options {
        &self.core.options
    }

    /// Sets an option.
    pub fn set_option(&mut self, option: SocketOption, value: &OptionValue) -> Result<(), Error> {
        self.set_option_named(option, option.name(), value)
    }

    /// As [`set_option`](Self::set_option), for who has the names elsewhere.
    pub(crate) fn set_option_named(
        &mut self,
        option: SocketOption,
        name: &'static str,
        value: &OptionValue,
    ) -> Result<(), Error> {
        if !option.row().is_of(self.socket_type()) {
            let reason = "this type of socket doesn't have it";
            return Err(ApiMisuse::InvalidOption { option: option as i32, reason }.into());
        }
        match option {
            SocketOption::Subscribe | SocketOption::Unsubscribe => {
                let topic = Checked { option, name, value }.octets()?;
                return self.subscribe(topic, option == SocketOption::Subscribe);
            }
            _ => self.core.options.set_named(option, name, value)?,
        }
        if matches!(option, SocketOption::SndHwm | SocketOption::RcvHwm) {
            self.core.limit_pipes();
        }
        Ok(())
    }

    /// Reads an option.
    pub fn option(&self, option: SocketOption) -> Result<OptionValue, Error> {
        Ok(match option {
            SocketOption::Type => i32::from(self.socket_type().number()).into(),
            SocketOption::LastEndpoint => self.last_endpoint.as_str().into(),
            SocketOption::ThreadSafe => (self.socket_type().number() >= SocketType::Server.number()).into(),
            SocketOption::TopicsCount => {
                let reason = "this type of socket doesn't have it";
                let count = self.pattern.topics_count().filter(|_| !self.socket_type().has_groups());
                let count = count.ok_or(ApiMisuse::InvalidOption { option: option as i32, reason })?;
                i64::try_from(count).unwrap_or(i64::MAX).into()
            }
            SocketOption::Events => {
                (i32::from(self.can_recv()) * POLLIN + i32::from(self.can_send()) * POLLOUT).into()
            }
            _ => self.core.options.get(option)?,
        })
    }

    /// Subscribes to a topic, or takes one subscription to it back.
    pub fn subscribe(&mut self, topic: &[u8], on: bool) -> Result<(), Error> {
        if self.core.socket_type.has_groups() {
            return Err(no_subscriptions(on));
        }
        self.change_subscription(topic, on)
    }

    /// Joins a group of at most 15 octets, or leaves it. DISH only.
    pub fn join(&mut self, group: &[u8], on: bool) -> Result<(), Error> {
        if self.core.socket_type != SocketType::Dish {
            let operation = "join or leave groups";
            return Err(ApiMisuse::NotSupported { operation, socket_type: self.core.socket_type }.into());
        }
        check_group(group)?;
        self.change_subscription(group, on)
    }

    fn change_subscription(&mut self, topic: &[u8], on: bool) -> Result<(), Error> {
        self.check_open()?;
        self.pattern.subscribe(&mut self.core, topic, on)?;
        self.run_actions(Instant::default());
        Ok(())
    }
}
