//! What an account signs in with, as a record the vault can seal.

use ordersync_types::{FieldState, RecordError, RecordField, SealedRecord, Secret};

/// The credentials of one account. Sealed with the account's channel key; in clear only in memory, while used.
#[derive(Debug, Clone)]
pub struct AccountCredential {
    /// Amazon: LWA client id. eBay: App ID.
    pub client_id: Secret<String>,
    /// Amazon: LWA client secret. eBay: Cert ID.
    pub client_secret: Secret<String>,
    /// The seller's refresh token.
    pub refresh_token: Secret<String>,
}

impl SealedRecord for AccountCredential {
    const NAME: &'static str = "credential";
    const FIELDS: &'static [&'static str] = &["client_id", "client_secret", "refresh_token"];

    fn fields(&self) -> Vec<RecordField<'_>> {
        [&self.client_id, &self.client_secret, &self.refresh_token]
            .into_iter()
            .enumerate()
            .map(|(index, secret)| RecordField::owned(index, "", FieldState::value(secret.expose().as_str())))
            .collect()
    }

    fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
        let mut values: [Option<Secret<String>>; 3] = [None, None, None];
        for field in fields {
            let newer = RecordError::NewerField { record: Self::NAME, index: field.index };
            let slot = values.get_mut(field.index).ok_or(newer)?;
            *slot = field.state.get().map(|value| Secret::new(value.expose().clone()));
        }
        let missing = |field| RecordError::Misplaced { record: Self::NAME, field, reason: "missing" };
        let [client_id, client_secret, refresh_token] = values;
        Ok(Self {
            client_id: client_id.ok_or(missing("client_id"))?,
            client_secret: client_secret.ok_or(missing("client_secret"))?,
            refresh_token: refresh_token.ok_or(missing("refresh_token"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_rebuilds_whole_or_not_at_all() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let credential =
            AccountCredential { client_id: secret("id"), client_secret: secret("s"), refresh_token: secret("r") };
        let rebuilt = AccountCredential::rebuild(credential.fields()).unwrap();
        assert_eq!(rebuilt.refresh_token.expose(), "r");
        assert!(AccountCredential::rebuild(credential.fields().split_off(1)).is_err());
        assert!(format!("{credential:?}").matches("[secret]").count() == 3);
    }
}
