//! The shop: customers, invoices and what was done to them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;

/// A customer.
#[derive(Clone, Serialize, JsonSchema)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) country: String,
}

/// An invoice. Amounts are in the invoice's currency.
#[derive(Clone, Serialize, JsonSchema)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) customer_id: String,
    pub(super) currency: String,
    pub(super) total: f64,
    pub(super) refunded: f64,
}

/// What the shop holds.
pub(super) struct Stock {
    pub(super) customers: BTreeMap<String, Customer>,
    pub(super) invoices: BTreeMap<String, Invoice>,
    /// The last number that was given to something new.
    last_number: u64,
}

impl Stock {
    /// An id for something new.
    pub(super) fn next_id(&mut self, prefix: &str) -> String {
        self.last_number += 1;
        format!("{prefix}_{:04}", self.last_number)
    }
}

/// The shop, shared by every session.
pub(super) struct Shop(Mutex<Stock>);

impl Shop {
    pub(super) fn open(&self) -> MutexGuard<'_, Stock> {
        // Nothing is ever half-done in here, so a panic elsewhere left it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Shop {
    fn default() -> Self {
        let customer = |(id, name, country): (&str, &str, &str)| {
            let customer = Customer { id: id.to_owned(), name: name.to_owned(), country: country.to_owned() };
            (id.to_owned(), customer)
        };
        let invoice = |(id, customer_id, currency, total): (&str, &str, &str, f64)| {
            let invoice = Invoice {
                id: id.to_owned(),
                customer_id: customer_id.to_owned(),
                currency: currency.to_owned(),
                total,
                refunded: 0.0,
            };
            (id.to_owned(), invoice)
        };
        Self(Mutex::new(Stock {
            customers: [
                ("cus_1", "Alder Books", "AR"),
                ("cus_2", "Birch Cycles", "DE"),
                ("cus_3", "Cedar Coffee", "BR"),
                ("cus_4", "Dogwood Dental", "US"),
            ]
            .map(customer)
            .into(),
            invoices: [
                ("inv_1", "cus_1", "USD", 120.0),
                ("inv_2", "cus_1", "USD", 1_990.5),
                ("inv_3", "cus_2", "EUR", 48.2),
                ("inv_4", "cus_3", "BRL", 760.0),
                ("inv_5", "cus_4", "USD", 15_000.0),
            ]
            .map(invoice)
            .into(),
            last_number: 0,
        }))
    }
}
