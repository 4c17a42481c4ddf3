//! The program `ordersync`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ordersync_daemon::cli::main()
}
