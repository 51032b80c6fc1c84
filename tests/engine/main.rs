//! The engine in pairs and networks under a fake clock, judged by the ZeroMQ RFCs.
//!
//! Each rule is a test that cites its paragraph. Nothing here sleeps, opens a socket or reads a clock.

mod clock;
mod closing;
#[cfg(feature = "security")]
mod curve;
mod drafts;
mod heartbeat;
mod hostile;
mod layers;
mod lifecycle;
#[cfg_attr(not(feature = "security"), expect(dead_code, reason = "what only the tests of security ask for"))]
mod net;
mod options;
mod options_notices;
mod options_pubsub;
mod pair;
mod pipeline;
mod property;
mod pubsub;
mod pubsub_queues;
mod raw;
mod reqrep;
mod router;
#[cfg(feature = "security")]
mod security;
mod versions;
mod zmtp;
mod zws;
