//! The daemon's own program once more, for tests of the load test: cargo hands a test the binaries of its own package
//! only.

use std::process::ExitCode;

fn main() -> ExitCode {
    ordersync_daemon::cli::main()
}
