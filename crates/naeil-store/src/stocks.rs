//! The table of stocks.

use async_trait::async_trait;
use naeil_domain::ports::{StockDirectory, StoreError};
use naeil_domain::{Exchange, Market, Session, Stock, StockCode, StockDetails};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entities::stock;
use crate::sql::store_error;
use crate::store::Store;

#[async_trait]
impl StockDirectory for Store {
    async fn stocks(&self) -> Result<Vec<Stock>, StoreError> {
        let known = known_stocks(&self.db, self.exchange).await?;
        Ok(known.into_iter().map(|known| known.stock).collect())
    }

    async fn details(&self) -> Result<Vec<(StockCode, StockDetails)>, StoreError> {
        let mut rows = stock::Entity::find()
            .filter(stock::Column::Exchange.eq(self.exchange.as_str()))
            .all(&self.db)
            .await
            .map_err(store_error("reading the stocks' details"))?
            .into_iter()
            .map(|row| {
                let code = StockCode::parse(&row.code)
                    .map_err(|error| StoreError::Corrupt(format!("stocks: {error}")))?;
                let details = StockDetails {
                    isin: row.isin,
                    sector: row.sector,
                    listed_on: row.listed_on,
                    delisted_on: row.delisted_on,
                };
                Ok((code, details))
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(rows)
    }
}

/// A stock and the number that its bars carry.
pub(crate) struct KnownStock {
    pub(crate) id: i64,
    pub(crate) stock: Stock,
}

/// Every stock of an exchange, ascending by code.
pub(crate) async fn known_stocks(
    db: &impl ConnectionTrait,
    exchange: Exchange,
) -> Result<Vec<KnownStock>, StoreError> {
    let rows = stock::Entity::find()
        .filter(stock::Column::Exchange.eq(exchange.as_str()))
        .order_by_asc(stock::Column::Code)
        .all(db)
        .await
        .map_err(store_error("reading the stocks"))?;
    let mut known = rows
        .into_iter()
        .map(|row| {
            let id = row.id;
            to_domain(row).map(|stock| KnownStock { id, stock })
        })
        .collect::<Result<Vec<_>, _>>()?;
    // A database may collate letters otherwise than by their bytes.
    known.sort_by(|a, b| a.stock.code.cmp(&b.stock.code));
    Ok(known)
}

fn to_domain(row: stock::Model) -> Result<Stock, StoreError> {
    let corrupt = |what: String| StoreError::Corrupt(format!("stocks, row {}: {what}", row.id));
    Ok(Stock {
        code: StockCode::parse(&row.code).map_err(|error| corrupt(error.to_string()))?,
        market: Market::parse(&row.market).map_err(|error| corrupt(error.to_string()))?,
        name: row.name,
        first_session: Session::new(row.first_session),
        last_session: Session::new(row.last_session),
    })
}
