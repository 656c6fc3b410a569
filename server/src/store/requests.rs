//! Value requests: what agents ask people for, and what came of it.

use super::connect::new_id;
use super::reach::want;
use super::sql::{Tx, all, execute, from_json, optional, to_json};
use super::{Reach, Store, StoreError};
use domain::ids::{OrganizationId, RequestId, SessionId};
use domain::request::{RequestState, RequestedKey, ValueRequest};
use serde_json::Value;
use sqlx::types::Json;

/// A request to store.
pub struct NewRequest<'a> {
    /// The session whose agent asks.
    pub session: &'a SessionId,
    /// The agent's name.
    pub asked_by: &'a str,
    /// Why the values are needed.
    pub message: Option<String>,
    /// The keys; those with a value already have their outcome.
    pub keys: Vec<RequestedKey>,
    /// When it expires.
    pub expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: String,
    session_id: String,
    asked_by: String,
    message: Option<String>,
    #[sqlx(try_from = "String")]
    state: RequestState,
    keys: Json<Value>,
    created_at: i64,
    expires_at: i64,
    closed_at: Option<i64>,
}

impl TryFrom<Columns> for ValueRequest {
    type Error = StoreError;

    fn try_from(columns: Columns) -> Result<Self, StoreError> {
        Ok(Self {
            id: columns.id.into(),
            session: columns.session_id.into(),
            asked_by: columns.asked_by,
            message: columns.message,
            state: columns.state,
            created_at: columns.created_at,
            expires_at: columns.expires_at,
            closed_at: columns.closed_at,
            keys: from_json("the requested keys", columns.keys)?,
        })
    }
}

/// The head of every statement that reads requests; a macro, so that `concat!` can take it.
macro_rules! requests {
    ($rest:literal) => {
        concat!(
            "SELECT id, session_id, asked_by, message, state, keys, created_at, expires_at, closed_at
             FROM value_requests WHERE organization_id = $1",
            $rest
        )
    };
}

impl Store {
    /// Stores a request: pending while a key has no outcome, else answered at once.
    pub async fn add_request(
        &self,
        organization: &OrganizationId,
        new: NewRequest<'_>,
    ) -> Result<ValueRequest, StoreError> {
        let now = self.now();
        let request = ValueRequest {
            id: new_id().into(),
            session: new.session.clone(),
            asked_by: new.asked_by.to_owned(),
            message: new.message,
            state: RequestState::Pending,
            created_at: now,
            expires_at: new.expires_at,
            closed_at: None,
            keys: new.keys,
        };
        let request = request.settled(now);
        let mut tx = self.begin().await?;
        execute!(
            tx,
            "INSERT INTO value_requests (organization_id, id, session_id, asked_by, message, state, keys, created_at,
                                         expires_at, closed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            organization.as_str(),
            request.id.as_str(),
            request.session.as_str(),
            &request.asked_by,
            request.message.as_deref(),
            request.state.as_str(),
            to_json("the requested keys", &request.keys)?,
            request.created_at,
            request.expires_at,
            request.closed_at,
        )
        .map_err(|error| error.or_not_found("the session"))?;
        want(&mut tx, organization, Reach::Session(new.session)).await?;
        tx.commit().await?;
        Ok(request)
    }

    /// The requests of a session, oldest first.
    pub async fn requests(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Vec<ValueRequest>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            requests!(" AND session_id = $2 ORDER BY created_at, id"),
            organization.as_str(),
            session.as_str(),
        )?;
        rows.into_iter().map(ValueRequest::try_from).collect()
    }

    /// One request of a session.
    pub async fn request(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &RequestId,
    ) -> Result<Option<ValueRequest>, StoreError> {
        let row = optional!(
            self.db,
            Columns,
            requests!(" AND session_id = $2 AND id = $3"),
            organization.as_str(),
            session.as_str(),
            id.as_str(),
        )?;
        row.map(ValueRequest::try_from).transpose()
    }

    /// The pending requests of a session, oldest first.
    pub async fn pending_requests(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Vec<ValueRequest>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            requests!(" AND session_id = $2 AND state = 'pending' ORDER BY created_at, id"),
            organization.as_str(),
            session.as_str(),
        )?;
        rows.into_iter().map(ValueRequest::try_from).collect()
    }

    /// Pending requests whose time is over, of every organization.
    pub async fn overdue_requests(&self) -> Result<Vec<(OrganizationId, SessionId, RequestId)>, StoreError> {
        let rows = all!(
            self.db,
            (String, String, String),
            "SELECT organization_id, session_id, id FROM value_requests WHERE state = 'pending' AND expires_at <= $1",
            self.now(),
        )?;
        Ok(rows
            .into_iter()
            .map(|(organization, session, id)| (organization.into(), session.into(), id.into()))
            .collect())
    }

    /// Changes a pending request under a lock, so that answers that arrive together all count. Nothing if it is not
    /// pending (any more); otherwise the request as it stands after `change`.
    pub async fn change_request<E: From<StoreError>>(
        &self,
        organization: &OrganizationId,
        id: &RequestId,
        change: impl FnOnce(ValueRequest, i64) -> Result<ValueRequest, E>,
    ) -> Result<Option<ValueRequest>, E> {
        let mut tx = self.begin().await?;
        let Some(before) = lock(&mut tx, organization, id).await? else { return Ok(None) };
        let after = change(before.clone(), self.now())?;
        if after != before {
            execute!(
                tx,
                "UPDATE value_requests SET state = $3, keys = $4, closed_at = $5
                 WHERE organization_id = $1 AND id = $2",
                organization.as_str(),
                id.as_str(),
                after.state.as_str(),
                to_json("the requested keys", &after.keys)?,
                after.closed_at,
            )?;
            tx.commit().await?;
        }
        Ok(Some(after))
    }
}

async fn lock(tx: &mut Tx, organization: &OrganizationId, id: &RequestId) -> Result<Option<ValueRequest>, StoreError> {
    let row = optional!(
        tx,
        Columns,
        "UPDATE value_requests SET id = id WHERE organization_id = $1 AND id = $2 AND state = 'pending'
         RETURNING id, session_id, asked_by, message, state, keys, created_at, expires_at, closed_at",
        organization.as_str(),
        id.as_str(),
    )?;
    row.map(ValueRequest::try_from).transpose()
}
