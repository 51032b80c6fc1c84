//! libzmq's own performance tools: `perf local_thr tcp://127.0.0.1:5555 16 1000`, and so on.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

fn main() {
    let mut arguments = env::args_os().skip(1);
    let tool = arguments.next().expect("usage: perf local_lat|local_thr|remote_lat|remote_thr ARGUMENTS");
    let error = Command::new(Path::new(env!("OUT_DIR")).join(tool)).args(arguments).exec();
    panic!("it can't be run: {error}");
}
