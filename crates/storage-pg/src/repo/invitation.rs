//! Invitations.

use async_trait::async_trait;
use ostiary_model::{Account, AccountId, Email, Invitation, InvitationId};
use ostiary_storage::{InvitationMatch, Page, PageRequest, ReadInvitations, StorageError, WriteInvitations};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::repo::account::AccountRow;
use crate::row::{Place, one_more, to_page};
use crate::store::PgStore;
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

/// The columns of an invitation, as they stand in the table.
struct InvitationRow {
    account_id: Uuid,
    id: Uuid,
    email: String,
    role: String,
    is_mailed: bool,
    created_by: String,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = StorageError;

    fn try_from(row: InvitationRow) -> Result<Self, StorageError> {
        let id = InvitationId::from_uuid(row.id);
        let place = Place::new("invitations", id);
        Ok(Self {
            id,
            account_id: AccountId::from_uuid(row.account_id),
            email: place.value("email", Email::parse(&row.email))?,
            role: place.parse("role", &row.role)?,
            is_mailed: row.is_mailed,
            created_by: row.created_by,
            created_at: place.time("created_at", row.created_at)?,
            expires_at: place.time("expires_at", row.expires_at)?,
        })
    }
}

#[async_trait]
impl ReadInvitations for PgStore {
    async fn find_invitation_by_hash(&self, hash: &[u8; 32]) -> Result<Option<InvitationMatch>, StorageError> {
        let hash = hash.as_slice();
        let row = sqlx::query!(
            r#"
            select
                i.account_id, i.id, i.email, i.role, i.is_mailed,
                i.created_by, i.created_at, i.expires_at,
                a.slug, a.name, a.created_at as account_created_at,
                a.updated_at as account_updated_at, a.delete_at as account_delete_at, a.plan
            from invitations i
            join accounts a on a.id = i.account_id
            where i.hash = $1
            "#,
            hash
        )
        .fetch_optional(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        row.map(|row| {
            let account = Account::try_from(AccountRow {
                id: row.account_id,
                slug: row.slug,
                name: row.name,
                created_at: row.account_created_at,
                updated_at: row.account_updated_at,
                delete_at: row.account_delete_at,
                plan: row.plan,
            })?;
            let invitation = Invitation::try_from(InvitationRow {
                account_id: row.account_id,
                id: row.id,
                email: row.email,
                role: row.role,
                is_mailed: row.is_mailed,
                created_by: row.created_by,
                created_at: row.created_at,
                expires_at: row.expires_at,
            })?;
            Ok(InvitationMatch { invitation, account })
        })
        .transpose()
    }

    async fn list_invitations(
        &self,
        account_id: AccountId,
        page: PageRequest<InvitationId>,
    ) -> Result<Page<Invitation>, StorageError> {
        let account_id = account_id.as_uuid();
        let after = page.after.as_ref().map(InvitationId::as_uuid);
        let limit = one_more(page.limit);
        let rows = sqlx::query_as!(
            InvitationRow,
            r#"
            select
                account_id, id, email, role, is_mailed,
                created_by, created_at, expires_at
            from invitations
            where
                account_id = $1
                and id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            order by id desc
            limit $3
            "#,
            account_id,
            after,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, Invitation::try_from)
    }
}

#[async_trait]
impl WriteInvitations for PgTransaction {
    async fn create_invitation(&mut self, invitation: &Invitation, hash: &[u8; 32]) -> Result<(), StorageError> {
        let account_id = invitation.account_id.as_uuid();
        let id = invitation.id.as_uuid();
        let email = invitation.email.as_str();
        let role = invitation.role.as_str();
        let hash = hash.as_slice();
        let created_at = invitation.created_at.timestamp_millis();
        let expires_at = invitation.expires_at.timestamp_millis();
        sqlx::query!("delete from invitations where account_id = $1 and email = $2", account_id, email)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        sqlx::query!(
            r#"
            insert into invitations
                (account_id, id, email, role, hash, is_mailed, created_by, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            "#,
            account_id,
            id,
            email,
            role,
            hash,
            invitation.is_mailed,
            invitation.created_by,
            created_at,
            expires_at
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn delete_invitation(&mut self, account_id: AccountId, id: InvitationId) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let result = sqlx::query!("delete from invitations where account_id = $1 and id = $2", account_id, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }
}
