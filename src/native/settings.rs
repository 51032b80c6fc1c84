//! What a socket is told of itself: options, subscriptions, groups.

use std::rc::Rc;

use super::options::is_of_transports;
use super::socket::Socket;
use super::{OptionValue, Result, SocketOption};

impl Socket {
    /// Subscribes a SUB socket to all messages that begin with `topic`. Subscriptions count.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Sub)?;
    /// socket.subscribe("weather.")?;
    /// socket.subscribe([0, 1])?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn subscribe(&self, topic: impl AsRef<[u8]>) -> Result<()> {
        self.set(SocketOption::Subscribe, topic.as_ref())
    }

    /// Takes one subscription back.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Sub)?;
    /// socket.subscribe("weather.")?;
    /// socket.unsubscribe("weather.")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn unsubscribe(&self, topic: impl AsRef<[u8]>) -> Result<()> {
        self.set(SocketOption::Unsubscribe, topic.as_ref())
    }

    /// Joins a DISH to a group of at most 15 octets: it receives what RADIOs send to exactly that one.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, Message, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// # let context = Context::new();
    /// let (radio, dish) = (context.socket(SocketType::Radio)?, context.socket(SocketType::Dish)?);
    /// dish.join("weather")?;
    /// dish.connect(&radio.bind("inproc://tower").await?)?;
    /// # while dish.try_recv().is_err() {
    /// radio.send(Message::to_group("weather", "sunny")).await?;
    /// # tokio::task::yield_now().await;
    /// # }
    /// # radio.send(Message::to_group("weather", "sunny")).await?;
    /// let message = dish.recv().await?;
    /// assert_eq!((message.group().as_deref(), &message.parts()[1][..]), (Some("weather"), &b"sunny"[..]));
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` when it has joined it already or the name can't be; `ENOTSUP` from other types of socket.
    pub fn join(&self, group: impl AsRef<[u8]>) -> Result<()> {
        self.change_group(group.as_ref(), true)
    }

    /// Leaves a group. `EINVAL` when the socket has not joined it.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let dish = Context::new().socket(SocketType::Dish)?;
    /// dish.join("weather")?;
    /// dish.leave("weather")?;
    /// assert_eq!(dish.leave("weather").expect_err("it left").code(), "EINVAL");
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn leave(&self, group: impl AsRef<[u8]>) -> Result<()> {
        self.change_group(group.as_ref(), false)
    }

    fn change_group(&self, group: &[u8], on: bool) -> Result<()> {
        let shell = self.shell();
        shell.check()?;
        shell.engine(|engine| engine.join(group, on))?;
        shell.mark_dirty();
        Ok(())
    }

    /// Sets an option. Those about connections hold for the connections made later.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketOption, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// let socket = Context::new().socket(SocketType::Router)?;
    /// socket.set(SocketOption::RouterMandatory, true)?;
    /// socket.set(SocketOption::RcvTimeo, 500)?;
    /// let error = socket.set(SocketOption::SndHwm, -1).expect_err("it is no number of messages");
    /// assert_eq!(error.to_string(), "SNDHWM can't be -1: expected 0 or a positive number");
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set(&self, option: SocketOption, value: impl Into<OptionValue>) -> Result<()> {
        let shell = self.shell();
        shell.check()?;
        if is_of_transports(option) {
            return Ok(Rc::make_mut(&mut shell.transport.borrow_mut()).set(option, &value.into())?);
        }
        shell.engine(|engine| engine.set_option(option, &value.into()))?;
        Rc::make_mut(&mut shell.transport.borrow_mut()).chosen(option);
        shell.mark_dirty();
        Ok(())
    }

    /// Sets an option whose value is text: a topic, a routing id.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketOption, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// socket.set_string(SocketOption::RoutingId, "worker 1")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_string(&self, option: SocketOption, value: &str) -> Result<()> {
        self.set(option, value)
    }

    /// Reads an option.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, OptionValue, SocketOption, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let socket = Context::new().socket(SocketType::Dealer)?;
    /// assert_eq!(socket.get(SocketOption::SndHwm)?, OptionValue::Int(1000));
    /// assert_eq!(socket.get(SocketOption::RoutingId)?, OptionValue::from(""));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, option: SocketOption) -> Result<OptionValue> {
        let shell = self.shell();
        shell.check()?;
        if is_of_transports(option) {
            return Ok(shell.transport.borrow().get(option)?);
        }
        if option == SocketOption::Events {
            return Ok(shell.events().into());
        }
        shell.engine(|engine| engine.option(option))
    }
}
