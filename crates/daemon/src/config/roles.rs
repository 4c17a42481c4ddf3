//! Who may do what: the section `[roles]`.

use std::collections::BTreeMap;

use ordersync_web::Role;
use serde::Deserialize;
use toml::Spanned;

use super::Problem;

/// Roles by Unix user and group. Root and the service's own user are admin whatever stands here; a member of the
/// control group that is not named is a packer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roles {
    /// By user name; before any group.
    pub users: BTreeMap<String, Role>,
    /// By group name; of several the highest counts.
    pub groups: BTreeMap<String, Role>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    #[serde(default)]
    users: BTreeMap<Spanned<String>, Role>,
    #[serde(default)]
    groups: BTreeMap<Spanned<String>, Role>,
}

impl Section {
    pub(super) fn checked(self) -> Result<Roles, Problem> {
        let named = |table: BTreeMap<Spanned<String>, Role>| {
            let checked = table.into_iter().map(|(name, role)| {
                check_name(&name)?;
                Ok((name.into_inner(), role))
            });
            checked.collect::<Result<BTreeMap<_, _>, Problem>>()
        };
        Ok(Roles { users: named(self.users)?, groups: named(self.groups)? })
    }
}

/// Refuses what cannot be the name of a Unix user or group.
pub(super) fn check_name(name: &Spanned<String>) -> Result<(), Problem> {
    let text = name.get_ref();
    let good = !text.is_empty()
        && text.len() <= 256
        && text.chars().all(|char| !char.is_whitespace() && !char.is_control() && !":,/".contains(char));
    if good { Ok(()) } else { Err(Problem::at(name.span(), "must be the name of a Unix user or group")) }
}
