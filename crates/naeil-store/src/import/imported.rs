//! Which sources have been imported, so that a fetch can go on where it stopped.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use naeil_domain::ports::StoreError;

use crate::entities::import_run;
use crate::sql::store_error;
use crate::store::Store;

impl Store {
    /// Names of the sources whose import was completed, of those that begin with `prefix`; a source
    /// that was imported again is there again.
    ///
    /// # Errors
    /// `StoreError::Unavailable` if the database does not answer.
    pub async fn imported_sources(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        import_run::Entity::find()
            .select_only()
            .column(import_run::Column::SourceName)
            .filter(import_run::Column::SourceName.starts_with(prefix))
            .into_tuple()
            .all(&self.db)
            .await
            .map_err(store_error("listing the imports"))
    }
}
