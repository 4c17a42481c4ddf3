//! The JSON API of the daemon: routes, roles, the Unix-socket server with peer credentials, and the in-process call.
//!
//! Everything a person can do goes through [`Api`]: the command line is its client, over the control socket while a
//! daemon runs and through [`LocalApi`] in the same process otherwise. [`Endpoint`] is the one table of routes, roles,
//! time limits, requests and answers, and [`open_api_json`] writes it out for other programs. What the answers look like
//! is in [`dto`]; a failure is always an [`dto::ErrorBody`].
//!
//! This crate knows marketplaces only through the port, and the process around it only through [`DaemonControl`] and
//! [`EscrowControl`]. Personal data leaves through one file, `people_view.rs`, and never reaches a log line.

mod api;
mod body;
mod connection;
mod control;
mod document;
pub mod dto;
mod endpoint;
mod error;
mod export;
mod guard;
mod handlers;
mod local;
mod openapi;
mod people_view;
mod role;
mod secret_text;
mod shape;
mod tcp;
mod unix;

pub use api::Api;
pub use control::{
    AccountDraft, ControlError, ControlFault, DaemonControl, EscrowControl, EscrowVerdict, TrialConnector,
};
pub use endpoint::{Endpoint, Pace};
pub use local::{LocalAnswer, LocalApi, LocalError};
pub use openapi::open_api_json;
pub use role::{Caller, Role, UnixUser};
pub use tcp::{TcpSettings, serve_tcp};
pub use unix::{RoleMap, ServeSettings, UserFiles, serve_unix};
