//! The first line: what building this cost, honestly.

use std::fs;
use std::path::Path;

/// What a first build takes, measured; the disk it uses is looked up.
const BUILD: &str = "the first build takes about 8 minutes on two cores";

/// The line. The disk is that of the folder this program was built in, when it still lies there.
pub(crate) fn line() -> String {
    let built_in = std::env::current_exe().ok().and_then(|program| {
        let folder = program.parent()?.to_path_buf();
        folder.join(".fingerprint").is_dir().then_some(folder)
    });
    match built_in {
        Some(folder) => {
            let tenths = bytes_below(&folder) / 100_000_000;
            let disk = format!("{}.{} GB", tenths / 10, tenths % 10);
            format!("ordersync demo: {BUILD}; {} now holds {disk} (`cargo clean` gives it back).", folder.display())
        }
        None => format!("ordersync demo: {BUILD} and 2 GB of disk; this one was built elsewhere."),
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.filter_map(Result::ok).map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_below(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
