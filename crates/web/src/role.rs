//! Who asks, and what each role may do.

use std::fmt;
use std::str::FromStr;

use ordersync_core::Actor;
use serde::{Deserialize, Serialize};

/// What a person is here for. Which endpoints a role may use stands in [`crate::Endpoint::roles`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Admin,
    /// The owner of the shop: all but keys and users.
    Seller,
    /// Facts and exports; never a recipient or a buyer.
    Accountant,
    /// Packs: lists, the recipients of orders that are open or left lately, search, reading an order again.
    Packer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Seller, Self::Accountant, Self::Packer];

    /// The name in the configuration and in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Seller => "seller",
            Self::Accountant => "accountant",
            Self::Packer => "packer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or(UnknownRole)
    }
}

/// There is no such role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a role: admin, seller, accountant or packer")]
pub struct UnknownRole;

/// Who makes a request. The server sets it from the socket's credentials or from the token; nothing else in the request
/// can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user's name on this machine, or the number when it has none; the label of a token. Stands in the audit as
    /// `user:NAME` or `token:LABEL`.
    pub user: String,
    /// The user's number; `None` for a program with a token.
    pub uid: Option<u32>,
    /// What the user may do.
    pub role: Role,
}

impl Caller {
    /// The caller as the audit names it.
    pub fn actor(&self) -> Actor {
        if self.uid.is_some() { Actor::user(&self.user) } else { Actor::token(&self.user) }
    }
}

/// A user of the operating system, as far as it can be told from a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnixUser {
    /// The user's number, from the kernel.
    pub uid: u32,
    /// The primary group of the process that connected, from the kernel.
    pub gid: u32,
    /// The user's name; `None` when the machine's user list does not hold the number.
    pub name: Option<String>,
    /// The names of the groups the user is in, sorted; a group without a name stands as its number.
    pub groups: Vec<String>,
}
