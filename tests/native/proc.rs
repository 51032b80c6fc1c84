//! What Linux tells of a process.

use std::fs;
use std::time::Duration;

use tokio::time::sleep;

/// Memory that a process has in use, in octets.
pub(crate) fn resident(process: u32) -> usize {
    number(process, "VmRSS:") * 1024
}

/// How many descriptors a process has open.
pub(crate) fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).unwrap().count()
}

/// How many files this process may have open, and what it starts.
pub(crate) fn most_descriptors() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    line.split_whitespace().nth(4).unwrap().parse().unwrap_or(usize::MAX)
}

/// What a process did in a while in which nothing happened to it.
#[derive(Debug)]
pub(crate) struct Rest {
    /// How often its first thread, on which its sockets are, was woken.
    pub(crate) wakes: usize,
    /// Hundredths of a second that it kept a processor busy, all threads together.
    pub(crate) ticks: usize,
}

/// Leaves a process alone for a second. One that spins is busy for most of it, one that polls wakes often.
pub(crate) async fn leave_alone(process: u32) -> Rest {
    let before = (wakes(process), ticks(process));
    sleep(Duration::from_secs(1)).await;
    Rest { wakes: wakes(process) - before.0, ticks: ticks(process) - before.1 }
}

fn wakes(process: u32) -> usize {
    number(process, "voluntary_ctxt_switches:")
}

fn ticks(process: u32) -> usize {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // Behind the name, which may have anything in it: user time and system time are the 14th and 15th field.
    let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    fields[11..13].iter().map(|field| field.parse::<usize>().unwrap()).sum()
}

fn number(process: u32, name: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
