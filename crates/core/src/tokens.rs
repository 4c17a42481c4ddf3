//! Tokens for programs that pull exports over HTTP: shown once, kept as hashes, refused the moment they are revoked.

use chrono::TimeDelta;
use ordersync_store::TokenRow;
use ordersync_types::{EventId, Secret, SellerId, Timestamp};
use sha2::{Digest, Sha256};

use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// What every token begins with, so that a scanner for leaked secrets knows one.
const PREFIX: &str = "ordersync_";
/// How long a token may live at most.
const LONGEST: TimeDelta = TimeDelta::days(366);
/// A use is noted at most this often.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Core {
    /// Makes a token and gives it, the only time that it can be seen.
    ///
    /// # Errors
    /// [`CoreError::Refused`] for a label that is taken or cannot be, and for an end that is past or over a year away;
    /// else what the store says.
    pub async fn create_token(
        &self,
        seller: SellerId,
        label: &str,
        role: &str,
        expires_at: Timestamp,
        actor: &Actor,
    ) -> Result<Secret<String>, CoreError> {
        let refuse = |message: String, hint: &str| Err(CoreError::Refused { message, hint: hint.to_owned() });
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if label.is_empty() || label.len() > 40 || !label.bytes().all(fits) {
            return refuse("label: must be 1 to 40 of a-z, 0-9 and -".to_owned(), "for example bookkeeping-2026");
        }
        let now = self.clock.now();
        if expires_at <= now || expires_at > now + LONGEST {
            return refuse("expires: must lie ahead, by a year at most".to_owned(), "make a new one when it ends");
        }
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random).map_err(|_| CoreError::Stopped("drawing random bytes"))?;
        let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let token = Secret::new(format!("{PREFIX}{text}"));
        let row = TokenRow {
            token_id: EventId::new(now).as_uuid(),
            label: label.to_owned(),
            role: role.to_owned(),
            hash: hash_of(token.expose()),
            created_at: now,
            created_by: actor.to_string(),
            expires_at,
            revoked_at: None,
            revoked_by: None,
            used_at: None,
        };
        if !self.store.add_token(seller, &row).await? {
            return refuse(
                format!("a token {label} exists already"),
                "choose another label; a revoked one keeps its own",
            );
        }
        let detail = format!("{role} until {expires_at}");
        let entry = audit_entry(seller, now, actor, "token.create", "token", &label, detail);
        self.store.write_audit(&[entry]).await?;
        Ok(token)
    }

    /// The token that this text is, if it holds at this moment.
    ///
    /// # Errors
    /// What the store says.
    pub async fn token(&self, seller: SellerId, text: &str) -> Result<Option<TokenRow>, CoreError> {
        if !text.starts_with(PREFIX) || text.len() != PREFIX.len() + 64 {
            return Ok(None);
        }
        let now = self.clock.now();
        let found = self.store.token_of_hash(seller, &hash_of(text)).await?;
        let Some(token) = found.filter(|token| token.revoked_at.is_none() && now < token.expires_at) else {
            return Ok(None);
        };
        if token.used_at.is_none_or(|used| now.signed_duration_since(used) >= NOTED_EVERY) {
            self.store.note_token_use(seller, token.token_id, now).await?;
        }
        Ok(Some(token))
    }

    /// Revokes a token: it is refused from now on.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when there is none of this label that holds; else what the store says.
    pub async fn revoke_token(&self, seller: SellerId, label: &str, actor: &Actor) -> Result<(), CoreError> {
        let now = self.clock.now();
        if !self.store.revoke_token(seller, label, now, &actor.to_string()).await? {
            return Err(CoreError::Refused {
                message: format!("there is no token {label} that could be revoked"),
                hint: "`ordersync token list` shows them".to_owned(),
            });
        }
        let entry = audit_entry(seller, now, actor, "token.revoke", "token", &label, String::new());
        Ok(self.store.write_audit(&[entry]).await?)
    }
}

fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
