//! Who issues invoices, products, invoices with their rates and parties, numbers, what waits, exchange rates, and the
//! tokens of whoever pulls them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await?;
        let connection = manager.get_connection();
        let statements =
            if manager.get_database_backend() == DbBackend::Sqlite { guards_of_sqlite() } else { guards_of_postgres() };
        for statement in statements {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

const UP: &str = "
ALTER TABLE account ADD COLUMN invoices {text};

ALTER TABLE account ADD COLUMN invoice_from {int};

ALTER TABLE account ADD COLUMN stock_countries {text};

CREATE TABLE product (
    seller_id {int} NOT NULL,
    product_key {text} NOT NULL,
    title {text},
    vat {text},
    weight_g {int},
    commodity_code {text},
    origin {text},
    customs_description {text},
    changed_at {int} NOT NULL,
    changed_by {text} NOT NULL,
    PRIMARY KEY (seller_id, product_key)
) {end};

CREATE TABLE invoice_series (
    seller_id {int} NOT NULL,
    kind {text} NOT NULL,
    prefix {text} NOT NULL,
    first_number {int} NOT NULL,
    next_number {int} NOT NULL,
    set_at {int} NOT NULL,
    set_by {text} NOT NULL,
    PRIMARY KEY (seller_id, kind)
) {end};

CREATE UNIQUE INDEX invoice_series_prefix ON invoice_series (seller_id, prefix);

CREATE TABLE invoice_void (
    seller_id {int} NOT NULL,
    kind {text} NOT NULL,
    series_number {int} NOT NULL,
    number {text} NOT NULL,
    at {int} NOT NULL,
    voided_by {text} NOT NULL,
    reason {text} NOT NULL,
    PRIMARY KEY (seller_id, kind, series_number)
) {end};

CREATE TABLE invoice (
    seller_id {int} NOT NULL,
    invoice_id {uuid} NOT NULL,
    order_id {uuid} NOT NULL,
    sequence {int} NOT NULL,
    account_id {uuid} NOT NULL,
    vendor_order_id {text} NOT NULL,
    shipment_id {uuid},
    kind {text} NOT NULL,
    form {text} NOT NULL,
    number {text},
    series_number {int},
    issued_at {int} NOT NULL,
    issue_date {text} NOT NULL,
    tax_point {text} NOT NULL,
    tax_point_rule {text} NOT NULL,
    business {int} NOT NULL,
    ship_from {text} NOT NULL,
    ship_to {text} NOT NULL,
    vat_country {text} NOT NULL,
    scheme {text} NOT NULL,
    currency {text} NOT NULL,
    net_minor {int} NOT NULL,
    vat_minor {int} NOT NULL,
    gross_minor {int} NOT NULL,
    original_id {uuid},
    original_number {text},
    reversal {int} NOT NULL,
    content {text} NOT NULL,
    template {int} NOT NULL,
    sha256 {blob},
    purge_after {int} NOT NULL,
    issued_by {text} NOT NULL,
    fx_rate {text},
    fx_source {text},
    PRIMARY KEY (seller_id, invoice_id)
) {end};

CREATE UNIQUE INDEX invoice_order ON invoice (seller_id, order_id, sequence);

CREATE UNIQUE INDEX invoice_number ON invoice (seller_id, number);

CREATE UNIQUE INDEX invoice_series_number ON invoice (seller_id, kind, series_number);

CREATE INDEX invoice_tax_point ON invoice (seller_id, tax_point, invoice_id);

CREATE INDEX invoice_purge_after ON invoice (purge_after);

CREATE INDEX invoice_vendor_order ON invoice (seller_id, vendor_order_id);

CREATE TABLE invoice_rate (
    seller_id {int} NOT NULL,
    invoice_id {uuid} NOT NULL,
    position {int} NOT NULL,
    supply {text} NOT NULL,
    rate {int} NOT NULL,
    net_minor {int} NOT NULL,
    vat_minor {int} NOT NULL,
    gross_minor {int} NOT NULL,
    PRIMARY KEY (seller_id, invoice_id, position)
) {clustered};

CREATE TABLE invoice_party (
    seller_id {int} NOT NULL,
    invoice_id {uuid} NOT NULL,
    key_id {int} NOT NULL,
    row_version {int} NOT NULL,
    purge_after {int} NOT NULL,
    sealed {blob} NOT NULL,
    PRIMARY KEY (seller_id, invoice_id)
) {end};

CREATE INDEX invoice_party_purge ON invoice_party (purge_after);

CREATE TABLE invoice_purge (
    seller_id {int} NOT NULL,
    invoice_id {uuid} NOT NULL,
    cutoff {int} NOT NULL,
    PRIMARY KEY (seller_id, invoice_id)
) {end};

CREATE TABLE uninvoiced (
    seller_id {int} NOT NULL,
    order_id {uuid} NOT NULL,
    state {text} NOT NULL,
    fact {text},
    reason {text} NOT NULL,
    dispatched_at {int},
    tax_point {text} NOT NULL,
    business {int},
    currency {text},
    gross_minor {int},
    since {int} NOT NULL,
    account_id {uuid} NOT NULL,
    vendor_order_id {text} NOT NULL,
    territory {text},
    purge_after {int} NOT NULL,
    PRIMARY KEY (seller_id, order_id)
) {end};

CREATE INDEX uninvoiced_waits ON uninvoiced (seller_id, tax_point, order_id) WHERE state <> 'none';

CREATE INDEX uninvoiced_purge_after ON uninvoiced (purge_after);

CREATE INDEX uninvoiced_person ON uninvoiced (seller_id, tax_point, order_id) WHERE state = 'person';

CREATE INDEX uninvoiced_business ON uninvoiced (seller_id, dispatched_at) WHERE business = 1 AND state <> 'none';

CREATE TABLE api_token (
    seller_id {int} NOT NULL,
    token_id {uuid} NOT NULL,
    label {text} NOT NULL,
    role {text} NOT NULL,
    hash {blob} NOT NULL,
    created_at {int} NOT NULL,
    created_by {text} NOT NULL,
    expires_at {int} NOT NULL,
    revoked_at {int},
    revoked_by {text},
    used_at {int},
    PRIMARY KEY (seller_id, token_id)
) {end};

CREATE UNIQUE INDEX api_token_hash ON api_token (hash);

CREATE UNIQUE INDEX api_token_label ON api_token (seller_id, label);

CREATE INDEX audit_exports ON audit_entry (entry_id) WHERE action = 'export.daybook';

CREATE TABLE exchange_rate (
    currency {text} NOT NULL,
    month {text} NOT NULL,
    rate {text} NOT NULL,
    source {text} NOT NULL,
    imported_at {int} NOT NULL,
    imported_by {text} NOT NULL,
    PRIMARY KEY (currency, month)
) {end}
";

/// Tables whose rows never change.
const FOR_EVER: [&str; 4] = ["invoice", "invoice_rate", "invoice_party", "invoice_void"];
/// Those whose rows go when a purge has named their invoice, and whether a row says itself when it is due: its invoice
/// does for the others.
const PURGED: [(&str, bool); 3] = [("invoice", true), ("invoice_rate", false), ("invoice_party", true)];

/// When a row of a table may go: a purge has named its invoice, and it is due.
fn named(is_due: bool) -> String {
    let due = if is_due {
        " AND p.cutoff >= OLD.purge_after"
    } else {
        " AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.seller_id = p.seller_id AND i.invoice_id = p.invoice_id \
         AND i.purge_after > p.cutoff)"
    };
    format!(
        "EXISTS (SELECT 1 FROM invoice_purge p WHERE p.seller_id = OLD.seller_id AND p.invoice_id = OLD.invoice_id{due})"
    )
}

fn guards_of_sqlite() -> Vec<String> {
    // `INSERT OR REPLACE` deletes without asking a trigger for deletion. A document of the same order and place is left
    // to the index: it says that somebody else was faster.
    let mut all: Vec<String> = vec![
        "CREATE TRIGGER invoice_replaces_none BEFORE INSERT ON invoice WHEN EXISTS (SELECT 1 FROM invoice i \
         WHERE i.seller_id = NEW.seller_id AND (i.invoice_id = NEW.invoice_id OR i.number = NEW.number)) \
         BEGIN SELECT RAISE(ABORT, 'what was issued never changes: invoice'); END"
            .to_owned(),
    ];
    for table in FOR_EVER {
        all.push(format!(
            "CREATE TRIGGER {table}_never_changes BEFORE UPDATE ON {table} \
             BEGIN SELECT RAISE(ABORT, 'what was issued never changes: {table}'); END"
        ));
    }
    for (table, is_due) in PURGED {
        all.push(format!(
            "CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} WHEN NOT {} \
             BEGIN SELECT RAISE(ABORT, 'what was issued stays for its time: {table}'); END",
            named(is_due)
        ));
    }
    all.push(
        "CREATE TRIGGER invoice_void_stays BEFORE DELETE ON invoice_void \
         BEGIN SELECT RAISE(ABORT, 'what was issued stays for its time: invoice_void'); END"
            .to_owned(),
    );
    all
}

fn guards_of_postgres() -> Vec<String> {
    let mut all = vec![
        "CREATE FUNCTION issued_never_changes() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'what was issued never changes: %', TG_TABLE_NAME; END $$"
            .to_owned(),
        "CREATE FUNCTION issued_stays() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'what was issued stays for its time: %', TG_TABLE_NAME; END $$"
            .to_owned(),
    ];
    for table in FOR_EVER {
        all.push(format!(
            "CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION issued_never_changes()"
        ));
    }
    for (table, is_due) in PURGED {
        // A trigger's condition may not look into other tables, so the function does.
        all.push(format!(
            "CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF NOT {} THEN RAISE EXCEPTION 'what was issued stays for its time: {table}'; END IF; \
             RETURN OLD; END $$",
            named(is_due)
        ));
        all.push(format!(
            "CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_stays()"
        ));
    }
    all.push(
        "CREATE TRIGGER invoice_void_stays BEFORE DELETE ON invoice_void \
         FOR EACH ROW EXECUTE FUNCTION issued_stays()"
            .to_owned(),
    );
    all
}
