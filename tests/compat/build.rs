//! Compiles libzmq 4.3.5 and the performance tools that lie beside it in the crate.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const TOOLS: [&str; 4] = ["local_lat", "local_thr", "remote_lat", "remote_thr"];

fn main() {
    zeromq_src::Build::new().build();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let vendor = crate_folder("zeromq-src").join("vendor");
    let compiler = cc::Build::new().cpp(true).warnings(false).get_compiler();
    for tool in TOOLS {
        let status = compiler
            .to_command()
            .arg(vendor.join("perf").join(tool).with_extension("cpp"))
            .arg(format!("-L{}", out.join("lib").display()))
            .args(["-DZMQ_STATIC", "-lzmq", "-lpthread", "-o"])
            .arg(out.join(tool))
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{tool} can't be compiled");
    }
    println!("cargo:rerun-if-changed=build.rs");
}

/// Where a dependency's sources are.
fn crate_folder(name: &str) -> PathBuf {
    let cargo = env::var_os("CARGO").expect("cargo sets it");
    let told = Command::new(cargo).args(["metadata", "--format-version", "1"]).output().expect("cargo runs");
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).expect("cargo tells JSON");
    let packages = told["packages"].as_array().expect("there is a list of packages");
    let package = packages.iter().find(|package| package["name"] == name).expect("it is a dependency");
    let manifest = package["manifest_path"].as_str().expect("a package has a manifest");
    Path::new(manifest).parent().expect("a file is in a folder").to_owned()
}
