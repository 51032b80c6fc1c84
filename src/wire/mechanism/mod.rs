//! Security mechanisms: the commands between the greeting and the traffic.

pub(crate) mod null;
