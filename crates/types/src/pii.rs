//! Wrappers that mask what they hold in every log line, error and snapshot.

use std::fmt;

use zeroize::Zeroize;

/// Personal data in clear: masked in `Debug`, not serialisable, wiped when dropped.
///
/// Between a connector's `normalise` and the vault's seal this is the only form personal data takes.
#[derive(Clone, PartialEq, Eq)]
pub struct Pii<T: Zeroize>(T);

impl<T: Zeroize> Pii<T> {
    /// Wraps a value that says something about a person.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value in clear. Allowed only in normalise, vault, courier request builders, render and the API's
    /// response writer (clippy and `cargo xtask tidy` hold the list).
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl Pii<String> {
    /// Texts one after the other with something between them.
    #[must_use]
    pub fn joined(parts: &[Self], between: &str) -> Self {
        let texts: Vec<&str> = parts.iter().map(|part| part.0.as_str()).collect();
        Self(texts.join(between))
    }
}

impl<T: Zeroize> Drop for Pii<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

/// A credential in clear: a token, a client secret, a password. Masked, not serialisable, wiped when dropped.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a credential.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The credential in clear, for the one line that sends or seals it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        let name = Pii::new("Ada Example".to_owned());
        let token = Secret::new("Atza|example".to_owned());
        assert_eq!(format!("{name:?} {token:?} {:?}", Some(&name)), "[personal] [secret] Some([personal])");
        assert_eq!(name.expose(), "Ada Example");
        assert_eq!(token.expose(), "Atza|example");
    }
}
