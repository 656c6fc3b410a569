//! How often members asked whether the value of a key is a certain one.
//!
//! Every such question counts for the key, the member and the organization, in one statement, so that any number of
//! servers on one database share one budget. The first questions of a day are free; each further one must wait twice as
//! long after the one before, up to an hour.

use super::dialect::list_text;
use super::sql::{Tx, all, execute, one, optional, to_json};
use super::{Store, StoreError};
use domain::KeyName;
use domain::ids::{MemberId, OrganizationId};
use std::collections::BTreeSet;

/// Milliseconds until the next question about a key may be asked: 10 are free for a member and 40 for an organization,
/// then one second doubles with each up to an hour. A quiet day makes it free again.
macro_rules! wait {
    () => {
        "CASE WHEN g.asked < 10 + CASE WHEN g.guesser = '' THEN 30 ELSE 0 END THEN 0
              WHEN g.asked >= 22 + CASE WHEN g.guesser = '' THEN 30 ELSE 0 END THEN 3600000
              ELSE 1000 << CAST(g.asked - 10 - CASE WHEN g.guesser = '' THEN 30 ELSE 0 END AS INTEGER) END"
    };
}

/// `$3` is the list of keys.
macro_rules! keys_of_others {
    ($($in_list:tt)*) => {
        concat!(
            "SELECT key FROM secrets
             WHERE organization_id = $1 AND (set_by IS NULL OR set_by <> $2) AND key ", $($in_list)*, "
             UNION
             SELECT key FROM session_values
             WHERE organization_id = $1 AND (set_by IS NULL OR set_by <> $2) AND key ", $($in_list)*, "
             UNION
             SELECT key FROM guesses WHERE organization_id = $1 AND guesser = $2 AND key ", $($in_list)*)
    };
}

impl Store {
    /// Counts a question of a member (or of a session's agent, by its id) about each key, unless one of them must wait:
    /// then none is counted, and the answer is the longest wait in milliseconds with its key.
    pub async fn spend_guesses(
        &self,
        organization: &OrganizationId,
        guesser: &str,
        keys: &BTreeSet<&str>,
    ) -> Result<Option<(String, i64)>, StoreError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        for key in keys {
            if !spend(&mut tx, organization, guesser, key, now).await? {
                return Ok(Some((key.to_string(), wait(&mut tx, organization, guesser, key, now).await?)));
            }
        }
        tx.commit().await?;
        Ok(None)
    }

    /// Gives questions back that told nothing new: what was asked about was known already.
    pub async fn return_guesses(
        &self,
        organization: &OrganizationId,
        guesser: &str,
        keys: &BTreeSet<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for key in keys {
            execute!(
                tx,
                "UPDATE guesses SET asked = asked - 1
                 WHERE organization_id = $1 AND guesser IN ($2, '') AND key = $3 AND asked > 0",
                organization.as_str(),
                guesser,
                *key,
            )?;
        }
        tx.commit().await
    }

    /// Those of the keys of which somebody else set a value, or may have: a deleted value does not say whose it was, and
    /// who once asked about a key may remember what they saw of its value. Members know all the others by themselves.
    pub async fn keys_of_others(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
        keys: &BTreeSet<KeyName>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let list = Some(to_json("the keys", keys)?);
        let rows = all!(
            self.db,
            (String,),
            list_text!(self.db, list, keys_of_others, "$3"),
            organization.as_str(),
            member.as_str(),
            &list,
        )?;
        Ok(rows.into_iter().map(|(key,)| key).collect())
    }

    /// Whether [`Store::keys_of_others`] would find any key.
    pub async fn others_set_values(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
    ) -> Result<bool, StoreError> {
        let found = optional!(
            self.db,
            (String,),
            concat!(keys_of_others!("IS NOT NULL AND $3 IS NULL"), " LIMIT 1"),
            organization.as_str(),
            member.as_str(),
            None::<String>,
        )?;
        Ok(found.is_some())
    }
}

/// Counts one question for the member and the organization, if neither must wait. A question asked at the same time may
/// have been counted with a later clock before this one: then no time has passed, which is enough for a free one.
async fn spend(
    tx: &mut Tx,
    organization: &OrganizationId,
    guesser: &str,
    key: &str,
    now: i64,
) -> Result<bool, StoreError> {
    let counted = execute!(
        tx,
        concat!(
            "INSERT INTO guesses AS g (organization_id, guesser, key, asked, asked_at)
             VALUES ($1, $2, $3, 1, $4), ($1, '', $3, 1, $4)
             ON CONFLICT (organization_id, guesser, key) DO UPDATE
             SET asked = CASE WHEN g.asked_at + 86400000 <= $4 THEN 1 ELSE g.asked + 1 END,
                 asked_at = CASE WHEN g.asked_at > $4 THEN g.asked_at ELSE $4 END
             WHERE ",
            wait!(),
            " <= CASE WHEN g.asked_at > $4 THEN 0 ELSE $4 - g.asked_at END"
        ),
        organization.as_str(),
        guesser,
        key,
        now,
    )?;
    Ok(counted == 2)
}

async fn wait(
    tx: &mut Tx,
    organization: &OrganizationId,
    guesser: &str,
    key: &str,
    now: i64,
) -> Result<i64, StoreError> {
    let (until,) = one!(
        tx,
        (i64,),
        concat!(
            "SELECT CAST(coalesce(max(g.asked_at + ",
            wait!(),
            "), 0) AS BIGINT) FROM guesses g WHERE organization_id = $1 AND guesser IN ($2, '') AND key = $3"
        ),
        organization.as_str(),
        guesser,
        key,
    )?;
    Ok((until - now).max(1))
}
