//! A server as it stands in the table.

use ostiary_model::server::{InventoryState, ServerIdentity};
use ostiary_model::{AccountId, Name, Server, ServerId, Slug, UpstreamAuth};
use ostiary_storage::StorageError;
use uuid::Uuid;

use crate::row::{Place, to_json};

/// The columns of a server.
pub(crate) struct ServerRow {
    pub(crate) account_id: Uuid,
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) auth_header_names: Option<String>,
    pub(crate) auth_sealed: Option<Vec<u8>>,
    pub(crate) on_tool_change: String,
    pub(crate) on_limits_unavailable: String,
    pub(crate) identity_name: Option<String>,
    pub(crate) identity_version: Option<String>,
    pub(crate) identity_protocol_version: Option<String>,
    pub(crate) identity_instructions: Option<String>,
    pub(crate) identity_capabilities: Option<String>,
    pub(crate) inventory_read_at: Option<i64>,
    pub(crate) inventory_error: Option<String>,
    pub(crate) inventory_lists: String,
    pub(crate) revision: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl TryFrom<ServerRow> for Server {
    type Error = StorageError;

    fn try_from(row: ServerRow) -> Result<Self, StorageError> {
        let id = ServerId::from_uuid(row.id);
        let place = Place::new("servers", id);
        let auth = match (row.auth_header_names, row.auth_sealed) {
            (None, None) => UpstreamAuth::None,
            (Some(names), Some(sealed)) => {
                UpstreamAuth::Headers { names: place.json("auth_header_names", &names)?, sealed }
            }
            _ => return Err(place.broken("auth_sealed")),
        };
        Ok(Self {
            id,
            account_id: AccountId::from_uuid(row.account_id),
            slug: place.value("slug", Slug::parse(&row.slug))?,
            name: place.value("name", Name::parse(&row.name))?,
            url: place.parse("url", &row.url)?,
            auth,
            on_tool_change: place.parse("on_tool_change", &row.on_tool_change)?,
            on_limits_unavailable: place.parse("on_limits_unavailable", &row.on_limits_unavailable)?,
            identity: ServerIdentity {
                name: row.identity_name,
                version: row.identity_version,
                protocol_version: row.identity_protocol_version,
                instructions: row.identity_instructions,
                capabilities: row
                    .identity_capabilities
                    .map(|text| place.json("identity_capabilities", &text))
                    .transpose()?,
            },
            inventory: InventoryState {
                read_at: place.time_option("inventory_read_at", row.inventory_read_at)?,
                error: row.inventory_error,
                lists: place.json("inventory_lists", &row.inventory_lists)?,
            },
            revision: row.revision,
            created_at: place.time("created_at", row.created_at)?,
            updated_at: place.time("updated_at", row.updated_at)?,
        })
    }
}

/// The two columns of the way a server is authenticated to.
pub(super) fn auth_columns(auth: &UpstreamAuth) -> Result<(Option<String>, Option<&[u8]>), StorageError> {
    Ok(match auth {
        UpstreamAuth::None => (None, None),
        UpstreamAuth::Headers { names, sealed } => (Some(to_json(names)?), Some(sealed)),
    })
}
