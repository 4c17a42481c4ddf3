//! Reading the daybook: documents by tax point, then what waits, page by page.

use std::collections::HashMap;

use chrono::NaiveDate;
use ordersync_store::{DaybookLine, InvoicePlace, RateUsed, UninvoicedRow, UninvoicedState, WaitsFor};
use ordersync_types::{AccountId, Currency, InvoiceId, Money, OrderId, Pii, SellerId};
use ordersync_vat::{ExchangeRate, Rate, Scheme, Supply, TaxPointRule, local_day};
use sha2::{Digest, Sha256};

use super::daybook::{DaybookParty, DaybookRow, DaybookSterling, DaybookTotals};
use super::words::start_of_day;
use super::{DocumentKind, ExportFormat, InvoiceParty};
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// Documents that are read at a time.
const PAGE: u32 = 1_000;

/// Which daybook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaybookWish {
    /// First tax point.
    pub from: NaiveDate,
    /// Last tax point.
    pub to: NaiveDate,
    /// With names, addresses and VAT numbers.
    pub with_parties: bool,
}

/// A daybook that is being read.
#[derive(Debug)]
pub struct DaybookRead {
    seller: SellerId,
    wish: DaybookWish,
    accounts: HashMap<AccountId, String>,
    rates: HashMap<(String, String), (String, String)>,
    place: Place,
    /// What was read so far.
    pub totals: DaybookTotals,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Documents(Option<InvoicePlace>),
    Waiting(Option<(NaiveDate, OrderId)>),
    Done,
}

impl Core {
    /// Begins to read a daybook. Who pulls it, and what, goes into the audit.
    ///
    /// # Errors
    /// [`CoreError::Refused`] for a period that ends before it begins; else what the store says.
    pub async fn read_daybook(
        &self,
        seller: SellerId,
        wish: &DaybookWish,
        format: ExportFormat,
        actor: &Actor,
    ) -> Result<DaybookRead, CoreError> {
        if wish.to < wish.from {
            let message = format!("from, to: {} comes before {}", wish.to, wish.from);
            return Err(CoreError::Refused { message, hint: "give the first day first".to_owned() });
        }
        let accounts = self.store.every_account().await?;
        // A removed account's label has its id behind it, to be free for another: the books go on under the name.
        let name = |label: &str| label.split(" (removed ").next().unwrap_or(label).to_owned();
        let accounts = accounts.into_iter().map(|account| (account.account, name(&account.label))).collect();
        let rates = self.store.exchange_rates().await?.into_iter().map(|row| {
            let source = format!("{} {}", row.source, row.month);
            ((row.currency, row.month), (row.rate, source))
        });
        let parties = if wish.with_parties { ", with parties" } else { "" };
        let detail = format!("{} {} to {}{parties}", format.name(), wish.from, wish.to);
        let now = self.clock.now();
        let entry = audit_entry(seller, now, actor, "export.daybook", "export", &"daybook", detail);
        self.store.write_audit(&[entry]).await?;
        Ok(DaybookRead {
            seller,
            wish: wish.clone(),
            accounts,
            rates: rates.collect(),
            place: Place::Documents(None),
            totals: DaybookTotals::default(),
        })
    }

    /// What tells this state of a daybook from every other: the same text means the same bytes.
    ///
    /// # Errors
    /// What the store says.
    pub async fn daybook_tag(
        &self,
        seller: SellerId,
        wish: &DaybookWish,
        format: ExportFormat,
    ) -> Result<String, CoreError> {
        let mark = self.store.daybook_mark(seller, wish.from, wish.to).await?;
        let mut hash = Sha256::new();
        let mut add = |text: String| {
            hash.update(text.as_bytes());
            hash.update([0]);
        };
        add(format!("{} {wish:?} {mark:?} {}", format.name(), self.program_version));
        for account in self.store.every_account().await? {
            add(format!("{} {}", account.account, account.label));
        }
        let months = wish.from.format("%Y-%m").to_string()..=wish.to.format("%Y-%m").to_string();
        for rate in self.store.exchange_rates().await?.iter().filter(|rate| months.contains(&rate.month)) {
            add(format!("{} {} {} {}", rate.currency, rate.month, rate.rate, rate.source));
        }
        let mut after = None;
        loop {
            let period = Some((wish.from, wish.to));
            let page = self.store.waiting_invoices(seller, WaitsFor::Anybody, period, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.tax_point, last.order));
            for row in &page {
                add(format!("{} {} {:?} {:?}", row.order, row.reason, row.gross_minor, row.business));
                add(format!("{:?} {} {:?} {:?}", row.state, row.tax_point, row.currency, row.territory));
            }
        }
        if format != ExportFormat::Csv {
            for void in self.store.invoice_voids(seller).await? {
                add(format!("{} {}", void.number, void.reason));
            }
            let totals = self.paid_but_later(seller, wish).await?;
            add(format!("{totals:?}"));
        }
        let digest: [u8; 32] = hash.finalize().into();
        Ok(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The next rows; none when all were read.
    ///
    /// # Errors
    /// What store and vault say.
    pub async fn daybook_rows(&self, read: &mut DaybookRead) -> Result<Option<Vec<DaybookRow>>, CoreError> {
        let period = (read.wish.from, read.wish.to);
        if let Place::Documents(after) = read.place {
            let lines = self.store.daybook_lines(read.seller, period, after, PAGE).await?;
            if let Some(last) = lines.last() {
                read.place = Place::Documents(Some((last.tax_point, last.invoice_id)));
                let parties = self.daybook_parties(read, &lines).await?;
                return read.document_rows(lines, &parties).map(Some);
            }
            read.place = Place::Waiting(None);
        }
        if let Place::Waiting(after) = read.place {
            let page = self.store.waiting_invoices(read.seller, WaitsFor::Anybody, Some(period), after, PAGE).await?;
            if let Some(last) = page.last() {
                read.place = Place::Waiting(Some((last.tax_point, last.order)));
                return Ok(Some(read.waiting_rows(page)));
            }
            read.place = Place::Done;
            read.totals.paid_but_later = self.paid_but_later(read.seller, &read.wish).await?;
            let voids = self.store.invoice_voids(read.seller).await?;
            let zone = self.zone()?;
            read.totals.voids =
                voids.into_iter().map(|void| (void.number, local_day(void.at, zone), void.reason)).collect();
            let missing = self.store.missing_numbers(read.seller).await?;
            read.totals.gaps =
                missing.into_iter().map(|(kind, first, last)| format!("{kind} {first} to {last}")).collect();
        }
        Ok(None)
    }

    async fn daybook_parties(
        &self,
        read: &DaybookRead,
        lines: &[DaybookLine],
    ) -> Result<HashMap<InvoiceId, InvoiceParty>, CoreError> {
        if !read.wish.with_parties {
            return Ok(HashMap::new());
        }
        let ids: Vec<InvoiceId> = lines.iter().map(|line| line.invoice_id).collect();
        self.open_parties(read.seller, &ids).await
    }

    /// Whose days count.
    fn zone(&self) -> Result<chrono_tz::Tz, CoreError> {
        let settings = self.invoicing()?;
        Ok(settings.business.as_ref().map_or(chrono_tz::Europe::London, |business| business.tax.zone))
    }

    /// Orders that were placed in the period and left after it, or have not left: the marketplaces' time of the order
    /// stands for the payment.
    async fn paid_but_later(&self, seller: SellerId, wish: &DaybookWish) -> Result<Vec<(String, u64, i64)>, CoreError> {
        let zone = self.zone()?;
        let after = |day: NaiveDate| start_of_day(day.succ_opt().unwrap_or(day), zone);
        Ok(self.store.paid_but_later(seller, start_of_day(wish.from, zone), after(wish.to)).await?)
    }
}

impl DaybookRead {
    fn document_rows(
        &mut self,
        lines: Vec<DaybookLine>,
        parties: &HashMap<InvoiceId, InvoiceParty>,
    ) -> Result<Vec<DaybookRow>, CoreError> {
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            let row = self.document_row(line, parties)?;
            self.totals.add(&row);
            rows.push(row);
        }
        Ok(rows)
    }

    fn document_row(
        &self,
        line: DaybookLine,
        parties: &HashMap<InvoiceId, InvoiceParty>,
    ) -> Result<DaybookRow, CoreError> {
        let damaged = |field: &'static str| {
            CoreError::Store(ordersync_store::StoreError::Damaged {
                field,
                reason: "not what this program writes".to_owned(),
            })
        };
        let currency: Currency = line.currency.parse().map_err(|_| damaged("invoice.currency"))?;
        let kind = DocumentKind::from_name(&line.kind).ok_or_else(|| damaged("invoice.kind"))?;
        // A credit takes away, and so does the record of a refund, which has an original and no number.
        let takes_back = kind == DocumentKind::Credit || line.takes_back;
        let sign = if takes_back { -1 } else { 1 };
        let rate = &line.rate;
        let (net, vat, gross) = (sign * rate.net_minor, sign * rate.vat_minor, sign * rate.gross_minor);
        Ok(DaybookRow {
            document_no: line.number,
            kind,
            issue_date: Some(line.issue_date),
            tax_point: line.tax_point,
            tax_point_rule: TaxPointRule::from_name(&line.tax_point_rule)
                .ok_or_else(|| damaged("invoice.tax_point_rule"))?,
            channel: self.accounts.get(&line.account).cloned().unwrap_or_default(),
            channel_order_id: line.vendor_order_id,
            business: Some(line.business),
            party: parties.get(&line.invoice_id).map(party_columns),
            ship_from: Some(line.ship_from),
            ship_to: Some(line.ship_to),
            vat_country: Some(line.vat_country),
            scheme: Scheme::from_name(&line.scheme),
            supply: Supply::from_name(&rate.supply),
            rate: u16::try_from(rate.rate).ok().and_then(Rate::basis_points),
            currency: Some(currency),
            net: Some(net),
            vat: Some(vat),
            gross: Some(gross),
            sterling: self.sterling(currency, line.tax_point, line.rate_used, net, vat),
            original_document_no: line.original_number,
            note: None,
        })
    }

    fn waiting_rows(&mut self, page: Vec<UninvoicedRow>) -> Vec<DaybookRow> {
        let rows: Vec<DaybookRow> = page.into_iter().map(|waiting| self.waiting_row(waiting)).collect();
        for row in &rows {
            self.totals.add(row);
        }
        rows
    }

    fn waiting_row(&self, row: UninvoicedRow) -> DaybookRow {
        let currency: Option<Currency> = row.currency.as_deref().and_then(|code| code.parse().ok());
        let why = match row.state {
            UninvoicedState::Marketplace => "awaiting the marketplace's document",
            UninvoicedState::Person | UninvoicedState::NoDocument => "awaiting",
        };
        DaybookRow {
            document_no: None,
            kind: DocumentKind::Record,
            issue_date: None,
            tax_point: row.tax_point,
            tax_point_rule: TaxPointRule::Dispatch,
            channel: self.accounts.get(&row.account).cloned().unwrap_or_default(),
            channel_order_id: row.vendor_order_id,
            business: row.business,
            party: None,
            ship_from: None,
            ship_to: row.territory,
            vat_country: None,
            scheme: None,
            supply: None,
            rate: None,
            currency,
            net: None,
            vat: None,
            gross: row.gross_minor,
            sterling: match currency {
                Some(Currency::GBP) => DaybookSterling::Same,
                Some(_) => DaybookSterling::Unknown("not worked out before its document".to_owned()),
                None => DaybookSterling::Unknown("the marketplace gives no price".to_owned()),
            },
            original_document_no: None,
            note: Some(format!("{why}: {}", row.reason)),
        }
    }

    /// By the rate of the document; for one that was issued without, by what is known of its month now.
    fn sterling(
        &self,
        currency: Currency,
        day: NaiveDate,
        used: Option<RateUsed>,
        net: i64,
        vat: i64,
    ) -> DaybookSterling {
        if currency == Currency::GBP {
            return DaybookSterling::Same;
        }
        let month = day.format("%Y-%m").to_string();
        let unknown = || DaybookSterling::Unknown(format!("no rate of {currency} for {month} was imported"));
        let of_month = || self.rates.get(&(currency.code().to_owned(), month.clone())).cloned();
        let Some((rate, source)) = used.map(|used| (used.rate, used.source)).or_else(of_month) else {
            return unknown();
        };
        let parsed: Option<ExchangeRate> = rate.parse().ok();
        let pence = |minor: i64| parsed.and_then(|rate| rate.pence(Money::new(minor, currency)));
        match (pence(net), pence(vat)) {
            (Some(net), Some(vat)) => {
                let gross = net.minor + vat.minor;
                DaybookSterling::Converted { rate, source, net: net.minor, vat: vat.minor, gross }
            }
            _ => unknown(),
        }
    }
}

fn party_columns(party: &InvoiceParty) -> DaybookParty {
    let block = party.block();
    let name_and_address = Pii::joined(&block.lines, ", ");
    DaybookParty { name_and_address, vat_number: block.vat_number }
}
