//! Marketplace accounts and their sealed credentials.

use ordersync_types::{AccountId, Country, KeyId, SellerId, Timestamp};
use ordersync_vault::Sealed;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, TransactionTrait};

use crate::entity::{account, account_credential, order_cursor};
use crate::error::is_unique_violation;
use crate::time::{from_ms, from_ms_option, to_ms, to_ms_option};
use crate::{CredentialColumn, Databases, StoreError};

/// Whether an account is polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountState {
    /// It is polled.
    Active,
    /// The marketplace refuses its credentials: a person must act, then `account check` sets it going again.
    NeedsConsent,
    /// It was removed: its credentials are destroyed, its orders stay until their time.
    Removed,
}

impl AccountState {
    /// The name at rest and in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NeedsConsent => "needs_consent",
            Self::Removed => "removed",
        }
    }

    fn from_name(name: &str) -> Result<Self, StoreError> {
        [Self::Active, Self::NeedsConsent, Self::Removed]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| StoreError::damaged("account.state", "a state this program does not know"))
    }
}

/// Who gives the buyers of an account their invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvoiceIssuer {
    /// This program.
    Us,
    /// The marketplace, in the seller's name (Amazon's VAT Calculation Service): nothing is numbered here.
    Marketplace,
    /// Nobody, or another program: nothing is written here.
    Nobody,
}

impl InvoiceIssuer {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Us, Self::Marketplace, Self::Nobody];

    /// The name at rest, in commands and in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Marketplace => "marketplace",
            Self::Nobody => "none",
        }
    }

    /// The issuer with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|issuer| issuer.name() == name)
    }
}

/// What was said of an account's invoices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountInvoicing {
    /// Who issues them; `None`: nobody has said so yet, and they wait.
    pub issuer: Option<InvoiceIssuer>,
    /// Sales that were dispatched before this moment are not invoiced here.
    pub from: Option<Timestamp>,
    /// Where the marketplace's warehouses hold stock, in the order given; empty: not stated.
    pub stock: Vec<Country>,
}

/// One account of one seller on one marketplace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub seller: SellerId,
    /// Which.
    pub account: AccountId,
    /// What people call it; unique.
    pub label: String,
    /// The connector's name.
    pub connector: String,
    /// The connector's own settings as JSON, without secrets.
    pub settings: String,
    /// Whether it is polled.
    pub state: AccountState,
    /// Why it is not, in words.
    pub state_reason: Option<String>,
    /// Orders dispatched before this moment are history, not work.
    pub go_live_at: Timestamp,
    /// Days before go-live that the first window reaches back, 0 to 90.
    pub first_window_days: u32,
    /// When it was added.
    pub added_at: Timestamp,
    /// What was said of its invoices.
    pub invoicing: AccountInvoicing,
}

/// A sealed credential as stored.
#[derive(Debug, Clone)]
pub struct SealedCredential {
    /// The channel key that opens it.
    pub key_id: KeyId,
    /// Raised whenever it is sealed again.
    pub row_version: i64,
    /// The cell.
    pub sealed: Sealed<CredentialColumn>,
    /// When it was written: Amazon's client secrets must be changed every 180 days.
    pub written_at: Timestamp,
}

impl Account {
    fn from_model(model: account::Model) -> Result<Self, StoreError> {
        Ok(Self {
            seller: seller_from(model.seller_id)?,
            account: AccountId::from_uuid(model.account_id),
            label: model.label,
            connector: model.connector,
            settings: model.settings,
            state: AccountState::from_name(&model.state)?,
            state_reason: model.state_reason,
            go_live_at: from_ms(model.go_live_at)?,
            first_window_days: u32::try_from(model.first_window_days)
                .map_err(|_| StoreError::damaged("account.first_window_days", "out of range"))?,
            added_at: from_ms(model.added_at)?,
            invoicing: invoicing(model.invoices.as_deref(), model.invoice_from, model.stock_countries.as_deref())?,
        })
    }
}

fn invoicing(issuer: Option<&str>, from: Option<i64>, stock: Option<&str>) -> Result<AccountInvoicing, StoreError> {
    let unknown = |name: &str| {
        InvoiceIssuer::from_name(name).ok_or_else(|| StoreError::damaged("account.invoices", "an unknown issuer"))
    };
    let country =
        |code: &str| code.parse().map_err(|_| StoreError::damaged("account.stock_countries", "no country's code"));
    Ok(AccountInvoicing {
        issuer: issuer.map(unknown).transpose()?,
        from: from_ms_option(from)?,
        stock: stock.unwrap_or_default().split_ascii_whitespace().map(country).collect::<Result<_, _>>()?,
    })
}

/// The stored text of stock countries; none where there are none.
fn stock_text(invoicing: &AccountInvoicing) -> Option<String> {
    let codes: Vec<&str> = invoicing.stock.iter().map(|country| country.code()).collect();
    (!codes.is_empty()).then(|| codes.join(" "))
}

pub(crate) fn seller_from(number: i64) -> Result<SellerId, StoreError> {
    u32::try_from(number).map(SellerId::new).map_err(|_| StoreError::damaged("seller_id", "out of range"))
}

impl Databases {
    /// Adds an account with its credential and an empty cursor, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::LabelTaken`]; else what the driver says.
    pub async fn add_account(
        &self,
        account: &Account,
        credential: &SealedCredential,
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        let (seller_id, account_id) = (i64::from(account.seller.number()), account.account.as_uuid());
        let transaction = self.data.begin().await?;
        let row = account::ActiveModel {
            seller_id: Set(seller_id),
            account_id: Set(account_id),
            label: Set(account.label.clone()),
            connector: Set(account.connector.clone()),
            settings: Set(account.settings.clone()),
            state: Set(account.state.name().to_owned()),
            state_reason: Set(account.state_reason.clone()),
            go_live_at: Set(to_ms(account.go_live_at)),
            first_window_days: Set(i64::from(account.first_window_days)),
            added_at: Set(to_ms(account.added_at)),
            invoices: Set(account.invoicing.issuer.map(|issuer| issuer.name().to_owned())),
            invoice_from: Set(to_ms_option(account.invoicing.from)),
            stock_countries: Set(stock_text(&account.invoicing)),
        };
        if let Err(error) = account::Entity::insert(row).exec_without_returning(&transaction).await {
            transaction.rollback().await?;
            let taken = is_unique_violation(&error);
            return Err(if taken { StoreError::LabelTaken(account.label.clone()) } else { error.into() });
        }
        let row = account_credential::ActiveModel {
            seller_id: Set(seller_id),
            account_id: Set(account_id),
            key_id: Set(credential.key_id.number()),
            row_version: Set(credential.row_version),
            sealed: Set(credential.sealed.as_bytes().to_vec()),
            written_at: Set(to_ms(credential.written_at)),
        };
        account_credential::Entity::insert(row).exec_without_returning(&transaction).await?;
        let row =
            order_cursor::ActiveModel { seller_id: Set(seller_id), account_id: Set(account_id), ..Default::default() };
        order_cursor::Entity::insert(row).exec_without_returning(&transaction).await?;
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// All accounts that were not removed, by label.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        account::Entity::find()
            .filter(account::Column::State.ne(AccountState::Removed.name()))
            .order_by_asc(account::Column::Label)
            .all(&self.data.read)
            .await?
            .into_iter()
            .map(Account::from_model)
            .collect()
    }

    /// The accounts of a connector that were removed, the newest first.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn removed_accounts(&self, seller: SellerId, connector: &str) -> Result<Vec<AccountId>, StoreError> {
        let removed = account::Entity::find()
            .filter(account::Column::SellerId.eq(i64::from(seller.number())))
            .filter(account::Column::Connector.eq(connector))
            .filter(account::Column::State.eq(AccountState::Removed.name()))
            .order_by_desc(account::Column::AccountId)
            .all(&self.data.read)
            .await?;
        Ok(removed.into_iter().map(|account| AccountId::from_uuid(account.account_id)).collect())
    }

    /// Sets whether an account is polled, and why not.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn set_account_state(
        &self,
        seller: SellerId,
        account: AccountId,
        state: AccountState,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let row = account::ActiveModel {
            seller_id: Set(i64::from(seller.number())),
            account_id: Set(account.as_uuid()),
            state: Set(state.name().to_owned()),
            state_reason: Set(reason.map(str::to_owned)),
            ..Default::default()
        };
        row.update(&self.data.write).await?;
        Ok(())
    }

    /// Sets who issues an account's invoices, from when, and where its stock is.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn set_account_invoicing(
        &self,
        seller: SellerId,
        account: AccountId,
        invoicing: &AccountInvoicing,
    ) -> Result<(), StoreError> {
        let row = account::ActiveModel {
            seller_id: Set(i64::from(seller.number())),
            account_id: Set(account.as_uuid()),
            invoices: Set(invoicing.issuer.map(|issuer| issuer.name().to_owned())),
            invoice_from: Set(to_ms_option(invoicing.from)),
            stock_countries: Set(stock_text(invoicing)),
            ..Default::default()
        };
        row.update(&self.data.write).await?;
        Ok(())
    }

    /// Every account, those that were removed too: documents name them for six years.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn every_account(&self) -> Result<Vec<Account>, StoreError> {
        let models = account::Entity::find().order_by_asc(account::Column::AccountId).all(&self.data.read).await?;
        models.into_iter().map(Account::from_model).collect()
    }

    /// Marks an account as removed and deletes its sealed credential. Its channel key must be destroyed first.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn remove_account(&self, seller: SellerId, account: AccountId) -> Result<(), StoreError> {
        let key = (i64::from(seller.number()), account.as_uuid());
        let transaction = self.data.write.begin().await?;
        account_credential::Entity::delete_by_id(key).exec(&transaction).await?;
        if let Some(model) = account::Entity::find_by_id(key).one(&transaction).await? {
            // The label becomes free for a new account; the id stays on the orders.
            let label = format!("{} (removed {})", model.label, model.account_id);
            let mut row = model.into_active_model();
            row.label = Set(label);
            row.state = Set(AccountState::Removed.name().to_owned());
            row.update(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Puts another sealed credential in place of an account's. The old one's channel key must be destroyed next.
    ///
    /// # Errors
    /// What the driver says; nothing is changed then.
    pub async fn replace_credential(
        &self,
        seller: SellerId,
        account: AccountId,
        credential: &SealedCredential,
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        let row = account_credential::ActiveModel {
            seller_id: Set(i64::from(seller.number())),
            account_id: Set(account.as_uuid()),
            key_id: Set(credential.key_id.number()),
            row_version: Set(credential.row_version),
            sealed: Set(credential.sealed.as_bytes().to_vec()),
            written_at: Set(to_ms(credential.written_at)),
        };
        row.update(&transaction).await?;
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// An account's sealed credential.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn credential(
        &self,
        seller: SellerId,
        account: AccountId,
    ) -> Result<Option<SealedCredential>, StoreError> {
        let key = (i64::from(seller.number()), account.as_uuid());
        let Some(model) = account_credential::Entity::find_by_id(key).one(&self.data.read).await? else {
            return Ok(None);
        };
        Ok(Some(SealedCredential {
            key_id: KeyId::from_number(model.key_id)
                .map_err(|error| StoreError::damaged("account_credential.key_id", error.to_string()))?,
            row_version: model.row_version,
            sealed: Sealed::from_bytes(model.sealed),
            written_at: from_ms(model.written_at)?,
        }))
    }
}
