//! Users and groups by name and number, as /etc/passwd and /etc/group have them (passwd(5), group(5)): both begin each
//! line with name, password and number.

use std::fs;

/// A user's name.
pub(crate) fn user_name(uid: u32) -> Option<String> {
    name_of(&read("/etc/passwd"), uid)
}

/// A group's name.
pub(crate) fn group_name(gid: u32) -> Option<String> {
    name_of(&read("/etc/group"), gid)
}

/// A group's number.
pub(crate) fn group_id(name: &str) -> Option<u32> {
    number_of(&read("/etc/group"), name)
}

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

fn number_of(list: &str, name: &str) -> Option<u32> {
    entries(list).find_map(|(found, number)| if found == name { number } else { None })
}

fn name_of(list: &str, number: u32) -> Option<String> {
    entries(list).find(|(_, found)| *found == Some(number)).map(|(name, _)| name.to_owned())
}

fn entries(list: &str) -> impl Iterator<Item = (&str, Option<u32>)> {
    list.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, _password, number) = (fields.next()?, fields.next()?, fields.next()?);
        Some((name, number.parse().ok()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_its_whole_name() {
        let list = "root:x:0:\nordersync2:x:5:\nordersync:x:990:ada\nbroken\n";
        assert_eq!(number_of(list, "ordersync"), Some(990));
        assert_eq!(number_of(list, "order"), None);
    }

    #[test]
    fn names_and_numbers_are_read_and_what_is_no_entry_is_passed_over() {
        let list = "# a remark\nroot:x:0:\nbroken:x:many:\npackers:x:104:anna,bert\n";
        assert_eq!(name_of(list, 104).as_deref(), Some("packers"));
        assert_eq!((name_of(list, 105), name_of("", 0)), (None, None));
        assert_eq!((group_id("root"), group_name(0).as_deref()), (Some(0), Some("root")));
    }
}
