//! The URLs of the two databases.

use std::path::Path;

use ordersync_store::DatabaseUrl;
use toml::Spanned;

use super::Problem;

/// The URL given, a SQLite file relative to the configuration's folder; else a file of the usual name.
pub(super) fn url(
    given: Option<Spanned<String>>,
    folder: &Path,
    state_dir: &Path,
    usual: &str,
) -> Result<DatabaseUrl, Problem> {
    let Some(given) = given else { return Ok(DatabaseUrl::Sqlite(state_dir.join(usual))) };
    let url = given.get_ref().parse().map_err(|error| Problem::at(given.span(), format!("{error}")))?;
    Ok(match url {
        DatabaseUrl::Sqlite(path) => DatabaseUrl::Sqlite(folder.join(path)),
        DatabaseUrl::Postgres(url) => DatabaseUrl::Postgres(url),
    })
}

/// Refuses one database for both: destroyed keys would survive in every copy of the data.
pub(super) fn apart(data: &DatabaseUrl, keys: &DatabaseUrl) -> Result<(), Problem> {
    if data == keys {
        return Err(Problem::missing(
            "data and keys must be two databases: destroyed keys would live on in every \
             copy of the data",
        ));
    }
    Ok(())
}
