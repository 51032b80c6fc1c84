//! A RADIO that sends to two groups, and a DISH that has joined one of them.
//!
//! ```sh
//! cargo run --features native --example radio_dish
//! ```

use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::sleep;
use zmq_wasm::native::{Context, Error, Message, Socket, SocketType};

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let context = Context::new();
    let (radio, dish) = (context.socket(SocketType::Radio)?, context.socket(SocketType::Dish)?);
    dish.join("oslo")?;
    dish.connect(&radio.bind("tcp://127.0.0.1:*").await?)?;
    spawn_local(send(radio));
    for _ in 0..3 {
        let message = dish.recv().await?;
        let [group, body] = message.parts() else { unreachable!("a DISH's messages have two parts") };
        println!("{}: {}", String::from_utf8_lossy(group), String::from_utf8_lossy(body));
    }
    Ok(())
}

/// What nobody has joined is not even sent.
async fn send(radio: Socket) -> Result<(), Error> {
    loop {
        radio.send(Message::to_group("oslo", "-3 °C")).await?;
        radio.send(Message::to_group("lima", "19 °C")).await?;
        sleep(Duration::from_millis(10)).await;
    }
}
