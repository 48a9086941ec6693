//! Tells the program which commit and compiler it was made with.

use std::path::Path;
use std::process::Command;

fn main() {
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
    };
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let toolchain = run(&rustc, &["--version"]).unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=BURSTNET_TOOLCHAIN={toolchain}");
    if let Some(commit) = run("git", &["rev-parse", "HEAD"]) {
        println!("cargo::rustc-env=BURSTNET_COMMIT={commit}");
    }
    if let Some(folder) = run("git", &["rev-parse", "--absolute-git-dir"]) {
        for name in ["HEAD", "logs/HEAD"] {
            let path = Path::new(&folder).join(name);
            if path.exists() {
                println!("cargo::rerun-if-changed={}", path.display());
            }
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
}
