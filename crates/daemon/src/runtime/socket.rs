//! The control socket: making it, its mode and group, and who has which role.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use ordersync_web::{Role, RoleMap, UnixUser};
use tokio::net::UnixListener;

use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::files;
use crate::runtime::shared::Shared;
use crate::unix_names::group_id;

/// Listens on the configured socket, which belongs to the control group. A socket that a killed daemon left behind
/// is replaced; one that answers is not.
///
/// # Errors
/// Another daemon listens there, or the folder cannot be used.
pub(crate) fn listen(config: &Config) -> Result<UnixListener, Failure> {
    let path = &config.control_socket;
    let failed = |error: &io::Error| Failure::of_file("the control socket cannot be made:", path, error);
    if UnixStream::connect(path).is_ok() {
        let message = format!("another ordersync serves {} already", path.display());
        return Err(Failure::new(Exit::Failed, message).hint(
            "stop it first (`systemctl stop ordersync`), or give this one another control_socket and state_dir",
        ));
    }
    if let Some(folder) = path.parent()
        && !folder.as_os_str().is_empty()
    {
        files::create_open_folder(folder).map_err(|error| failed(&error))?;
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&error)),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path).map_err(|error| failed(&error))?;
    let mode = match give_to_group(path, &config.control_group) {
        Ok(()) => 0o660,
        Err(reason) => {
            tracing::warn!(
                group = %config.control_group, reason,
                "the control socket cannot be given to its group: only root and the service's user can use it"
            );
            0o600
        }
    };
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(|error| failed(&error))?;
    Ok(listener)
}

pub(crate) fn give_to_group(path: &Path, group: &str) -> Result<(), String> {
    let gid = group_id(group).ok_or_else(|| format!("there is no group {group}: `groupadd --system {group}`"))?;
    // Under the unit the socket is born in the group, and chown is a call that the unit forbids.
    if fs::metadata(path).is_ok_and(|socket| socket.gid() == gid) {
        return Ok(());
    }
    chown(path, None, Some(gid)).map_err(|error| error.to_string())
}

/// The roles of the configuration in force, so that a reload counts at the next connection.
pub(crate) fn roles(shared: Arc<Shared>) -> Arc<dyn RoleMap> {
    let own = rustix::process::geteuid().as_raw();
    Arc::new(move |user: &UnixUser| role_of(&shared.config(), own, user))
}

fn role_of(config: &Config, own: u32, user: &UnixUser) -> Option<Role> {
    if user.uid == 0 || user.uid == own {
        return Some(Role::Admin);
    }
    let named = user.name.as_ref().and_then(|name| config.roles.users.get(name));
    if let Some(role) = named {
        return Some(*role);
    }
    let by_group = user.groups.iter().filter_map(|group| config.roles.groups.get(group)).min();
    let packer = || user.groups.contains(&config.control_group).then_some(Role::Packer);
    by_group.copied().or_else(packer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_come_from_the_user_then_the_groups_then_the_control_group() {
        let text = "[key]\nsource = \"credential:x\"\n[roles.users]\nada = \"accountant\"\n\
                    [roles.groups]\nbooks = \"accountant\"\nowners = \"seller\"\n";
        let config = Config::parse(Path::new("o.toml"), text).unwrap();
        let role = |uid, name: Option<&str>, groups: &[&str]| {
            let groups = groups.iter().map(|group| (*group).to_owned()).collect();
            role_of(&config, 7, &UnixUser { uid, gid: 1, name: name.map(str::to_owned), groups })
        };
        assert_eq!(role(0, Some("root"), &[]), Some(Role::Admin));
        assert_eq!(role(7, None, &[]), Some(Role::Admin), "the service's own user");
        assert_eq!(role(1001, Some("ada"), &["owners"]), Some(Role::Accountant));
        assert_eq!(role(1002, Some("bob"), &["books", "owners", "ordersync"]), Some(Role::Seller));
        assert_eq!(role(1002, Some("bob"), &["ordersync"]), Some(Role::Packer));
        assert_eq!(role(1002, Some("ada2"), &["users"]), None);
    }
}
