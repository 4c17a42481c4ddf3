//! The demo and the load test; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ordersync_demo::main()
}
