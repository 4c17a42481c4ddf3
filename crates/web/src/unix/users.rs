//! Users and groups of the machine, from `/etc/passwd` and `/etc/group`.
//!
//! The kernel tells uid, primary gid and pid of the process that connected, but not its supplementary groups. They
//! come from the machine's group list and not from `/proc/PID/status`, for three reasons: the unit runs with
//! `ProtectProc=invisible`, where other users' processes do not exist; a pid can be given to another process before
//! it is read; and taking somebody out of the group counts at once, not at the next sign-in. Only a user whom the
//! list does not hold (a directory service) is looked for in `/proc`, where it can be seen, and only as long as the
//! process there still belongs to that user.

use std::path::{Path, PathBuf};

use crate::role::UnixUser;

/// Where users and groups are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFiles {
    /// The user list, `/etc/passwd`.
    pub passwd: PathBuf,
    /// The group list, `/etc/group`.
    pub group: PathBuf,
    /// The process list, `/proc`.
    pub proc: PathBuf,
}

impl Default for UserFiles {
    fn default() -> Self {
        Self { passwd: "/etc/passwd".into(), group: "/etc/group".into(), proc: "/proc".into() }
    }
}

impl UserFiles {
    /// The user with this number, in all of its groups. A file that cannot be read counts as empty: the user then
    /// has fewer groups, never more.
    pub async fn user(&self, uid: u32, gid: u32, pid: Option<i32>) -> UnixUser {
        let passwd = text(&self.passwd).await;
        let group = text(&self.group).await;
        let name = user_name(&passwd, uid);
        let mut gids = vec![gid];
        if name.is_none()
            && let Some(pid) = pid
        {
            let status = text(&self.proc.join(pid.to_string()).join("status")).await;
            gids.extend(process_groups(&status, uid));
        }
        let groups = group_names(&group, name.as_deref(), &gids);
        UnixUser { uid, gid, name, groups }
    }
}

async fn text(path: &Path) -> String {
    let bytes = tokio::fs::read(path).await.unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The name of a user: `name:password:uid:gid:...` a line (passwd(5)).
fn user_name(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _password, number) = (fields.next()?, fields.next()?, fields.next()?);
        (!name.is_empty() && number.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

/// The names of the groups with these numbers and of those that list the user: `name:password:gid:user,user` a line
/// (group(5)). A number without a name stands for itself.
fn group_names(group: &str, user: Option<&str>, gids: &[u32]) -> Vec<String> {
    let mut names = Vec::new();
    let mut unnamed: Vec<u32> = gids.to_vec();
    for line in group.lines() {
        let mut fields = line.split(':');
        let (Some(name), Some(_password), Some(number)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let Ok(gid) = number.parse::<u32>() else { continue };
        let members = fields.next().unwrap_or_default();
        let lists_user = user.is_some_and(|user| members.split(',').any(|member| member.trim() == user));
        if !name.is_empty() && (lists_user || gids.contains(&gid)) {
            names.push(name.to_owned());
        }
        if !name.is_empty() {
            unnamed.retain(|number| *number != gid);
        }
    }
    names.extend(unnamed.iter().map(u32::to_string));
    names.sort_unstable();
    names.dedup();
    names
}

/// The `Groups:` of a process's status (proc(5)), when the process belongs to this user.
fn process_groups(status: &str, uid: u32) -> Vec<u32> {
    let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let mut uids = line("Uid:").split_ascii_whitespace();
    let (_real, effective) = (uids.next(), uids.next());
    if effective.and_then(|number| number.parse().ok()) != Some(uid) {
        return Vec::new();
    }
    line("Groups:").split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nada:x:1001:1001:Ada Example:/home/ada:/bin/sh\n\
                          broken\n:x:1002:1:::\nbob:x:1003:100::/:/bin/sh\n";
    const GROUP: &str = "root:x:0:\nada:x:1001:\nordersync:x:990:ada, bob\nusers:x:100:\nbroken:x:nine:ada\nshort:x\n";

    #[test]
    fn names_come_from_the_user_list() {
        assert_eq!(user_name(PASSWD, 1001).as_deref(), Some("ada"));
        assert_eq!(user_name(PASSWD, 0).as_deref(), Some("root"));
        for unknown in [1002, 4242] {
            assert_eq!(user_name(PASSWD, unknown), None);
        }
    }

    #[test]
    fn groups_are_the_primary_one_and_those_that_list_the_user() {
        assert_eq!(group_names(GROUP, Some("ada"), &[1001]), ["ada", "ordersync"]);
        assert_eq!(group_names(GROUP, Some("bob"), &[100]), ["ordersync", "users"]);
        assert_eq!(group_names(GROUP, Some("ad"), &[7]), ["7"], "a part of a name is another name");
        assert_eq!(group_names(GROUP, None, &[990]), ["ordersync"]);
        assert_eq!(group_names("", None, &[990]), ["990"]);
    }

    #[test]
    fn a_process_of_another_user_lends_no_groups() {
        let status = "Name:\tsh\nUid:\t4242\t4242\t4242\t4242\nGid:\t100\nGroups:\t100 990 \n";
        assert_eq!(process_groups(status, 4242), [100, 990]);
        assert!(process_groups(status, 1001).is_empty());
        assert!(process_groups("", 0).is_empty());
    }

    #[tokio::test]
    async fn files_that_are_missing_give_a_user_without_name() {
        let files = UserFiles { passwd: "/none".into(), group: "/none".into(), proc: "/none".into() };
        let user = files.user(12, 34, Some(1)).await;
        assert_eq!(user, UnixUser { uid: 12, gid: 34, name: None, groups: vec!["34".to_owned()] });
    }
}
