//! Rows as sea-orm knows them. Bars have no entity: they are only read and written by the set, in
//! [`crate::bars`] and [`crate::import`].
#![expect(
    unreachable_pub,
    reason = "sea-orm's derives write public items, whose parts must be public as well"
)]

pub(crate) mod import_run;
pub(crate) mod ledger_entry;
pub(crate) mod prediction;
pub(crate) mod stock;
