//! The workspace as the rules see it: crates from `cargo metadata` and every file's text, read once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

/// Crates and files of the checkout.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    /// Sorted by path.
    pub(crate) files: Vec<File>,
    /// The root `Cargo.toml`.
    pub(crate) manifest: toml::Table,
}

/// A workspace member.
#[derive(Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Folder below the workspace root, such as `crates/core`.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
    pub(crate) manifest: toml::Table,
}

/// A dependency of a member, by the package's real name.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Dev,
    Build,
}

/// A library, binary or test binary.
#[derive(Debug)]
pub(crate) struct Target {
    /// As in `cargo metadata`: `lib`, `bin`, `test`, ...
    pub(crate) kind: String,
    /// Path below the workspace root.
    pub(crate) path: String,
}

/// A file below the workspace root.
#[derive(Debug)]
pub(crate) struct File {
    /// Path below the workspace root, with `/`.
    pub(crate) path: String,
    /// The content; bytes that are not UTF-8 are replaced.
    pub(crate) text: String,
    pub(crate) executable: bool,
}

impl Workspace {
    /// Reads the workspace around the current folder.
    ///
    /// # Errors
    /// When `cargo metadata` fails, or a file or manifest cannot be read.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let metadata = cargo_metadata()?;
        let root = PathBuf::from(text(&metadata, "workspace_root")?);
        let mut files = Vec::new();
        walk(&root, &root, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let packages = metadata.get("packages").and_then(Value::as_array).context("cargo metadata: no packages")?;
        let packages = packages.iter().map(|package| read_package(&root, package)).collect::<Result<_, _>>()?;
        Ok(Self { packages, files, manifest: read_manifest(&root.join("Cargo.toml"))? })
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Every Rust file.
    pub(crate) fn rust_files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The member whose folder holds this path.
    pub(crate) fn package_of(&self, path: &str) -> Option<&Package> {
        self.packages
            .iter()
            .find(|package| path.strip_prefix(&package.folder).is_some_and(|rest| rest.starts_with('/')))
    }
}

impl Package {
    pub(crate) fn manifest_path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// Names of the dependencies of one kind.
    pub(crate) fn uses(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.dependencies.iter().filter(move |dependency| dependency.kind == kind).map(|found| found.name.as_str())
    }
}

fn cargo_metadata() -> anyhow::Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("cargo metadata does not run")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")
}

fn read_package(root: &Path, package: &Value) -> anyhow::Result<Package> {
    let manifest_path = PathBuf::from(text(package, "manifest_path")?);
    let folder = manifest_path.parent().context("a manifest without a folder")?;
    let mut dependencies = Vec::new();
    for dependency in list(package, "dependencies")? {
        let kind = match dependency.get("kind").and_then(Value::as_str) {
            None => Kind::Normal,
            Some("dev") => Kind::Dev,
            Some("build") => Kind::Build,
            Some(other) => bail!("cargo metadata: dependency kind {other} is new to xtask"),
        };
        dependencies.push(Dependency { name: text(dependency, "name")?.to_owned(), kind });
    }
    let mut targets = Vec::new();
    for target in list(package, "targets")? {
        let kind = list(target, "kind")?.first().and_then(Value::as_str).context("cargo metadata: target kind")?;
        let path = relative(root, Path::new(text(target, "src_path")?))?;
        targets.push(Target { kind: kind.to_owned(), path });
    }
    Ok(Package {
        name: text(package, "name")?.to_owned(),
        folder: relative(root, folder)?,
        dependencies,
        targets,
        manifest: read_manifest(&manifest_path)?,
    })
}

fn text<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a str> {
    value.get(key).and_then(Value::as_str).with_context(|| format!("cargo metadata: no text `{key}`"))
}

fn list<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a [Value]> {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .with_context(|| format!("cargo metadata: no list `{key}`"))
}

fn read_manifest(path: &Path) -> anyhow::Result<toml::Table> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    text.parse().with_context(|| path.display().to_string())
}

fn relative(root: &Path, path: &Path) -> anyhow::Result<String> {
    let below = path.strip_prefix(root).with_context(|| format!("{} is outside the workspace", path.display()))?;
    Ok(below.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?.to_owned())
}

/// Reads every file but version control and build output (a folder that cargo tagged as a cache).
fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if entry.file_name() != ".git" && entry.file_name() != "target" && !path.join("CACHEDIR.TAG").exists() {
                walk(root, &path, files)?;
            }
        } else if kind.is_file() {
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            files.push(File {
                path: relative(root, &path)?,
                text: String::from_utf8_lossy(&bytes).into_owned(),
                executable: is_executable(&entry.metadata()?),
            });
        }
    }
    Ok(())
}

fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(test)]
pub(crate) mod examples {
    //! Small workspaces that the rules' tests are fed with.

    use super::*;

    impl Workspace {
        /// A workspace of these files (path, text).
        pub(crate) fn of(files: &[(&str, &str)]) -> Self {
            let files = files
                .iter()
                .map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned(), executable: false })
                .collect();
            Self { files, ..Self::default() }
        }

        pub(crate) fn with(mut self, package: Package) -> Self {
            self.packages.push(package);
            self
        }
    }

    impl Package {
        /// A crate with these dependencies, written as they would be used: `("dev", "ordersync-testkit")`.
        pub(crate) fn of(name: &str, folder: &str, dependencies: &[(&str, &str)]) -> Self {
            let dependencies = dependencies
                .iter()
                .map(|(kind, name)| Dependency {
                    name: (*name).to_owned(),
                    kind: match *kind {
                        "dev" => Kind::Dev,
                        "build" => Kind::Build,
                        _ => Kind::Normal,
                    },
                })
                .collect();
            Self { name: name.to_owned(), folder: folder.to_owned(), dependencies, ..Self::default() }
        }
    }

    #[test]
    fn this_workspace_is_read_whole() {
        let workspace = Workspace::load().unwrap();
        let own = workspace.packages.iter().find(|package| package.name == "xtask").unwrap();
        assert_eq!(own.folder, "xtask");
        assert!(own.uses(Kind::Normal).any(|name| name == "serde_json"));
        assert!(workspace.file("xtask/src/workspace.rs").unwrap().text.contains("fn this_workspace_is_read_whole"));
        assert!(
            workspace.files.iter().all(|file| !file.path.starts_with("target/") && !file.path.starts_with(".git/"))
        );
        assert_eq!(workspace.package_of("xtask/src/main.rs").unwrap().name, "xtask");
        assert!(workspace.package_of("xtask.rs").is_none());
    }
}
