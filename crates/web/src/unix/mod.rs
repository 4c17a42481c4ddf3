//! The control socket: who is at the other end, and serving it.

mod server;
mod users;

pub use server::{RoleMap, ServeSettings, serve_unix};
pub use users::UserFiles;
