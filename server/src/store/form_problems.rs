//! What went wrong with plain forms, kept until the page that they lead back to shows it.

use super::connect::new_id;
use super::sql::{execute, optional};
use super::{Store, StoreError, TokenHash};
use app::api::ApiError;

/// How long a problem waits for its page, in milliseconds.
const LIFETIME: i64 = 5 * 60 * 1000;

const WHAT: &str = "the problem of a form";

impl Store {
    /// Keeps the problem of a form that called the server function at `path`, for the browser with this cookie token.
    /// Returns the id by which it is fetched once.
    pub async fn keep_form_problem(
        &self,
        browser: &TokenHash,
        path: &str,
        problem: &ApiError,
    ) -> Result<String, StoreError> {
        let id = new_id();
        let text = serde_json::to_string(problem).map_err(|source| StoreError::Json { what: WHAT, source })?;
        execute!(
            self.db,
            "INSERT INTO form_problems (id, web_session, path, problem, expires_at) VALUES ($1, $2, $3, $4, $5)",
            id.as_str(),
            browser.bytes(),
            path,
            text,
            self.now() + LIFETIME,
        )?;
        Ok(id)
    }

    /// The path and the problem of that id: once, in time, and for the browser that sent the form alone.
    pub async fn take_form_problem(
        &self,
        browser: &TokenHash,
        id: &str,
    ) -> Result<Option<(String, ApiError)>, StoreError> {
        let found = optional!(
            self.db,
            (String, String),
            "DELETE FROM form_problems WHERE id = $1 AND web_session = $2 AND expires_at > $3
             RETURNING path, problem",
            id,
            browser.bytes(),
            self.now(),
        )?;
        let Some((path, problem)) = found else { return Ok(None) };
        let problem = serde_json::from_str(&problem).map_err(|source| StoreError::Json { what: WHAT, source })?;
        Ok(Some((path, problem)))
    }
}
