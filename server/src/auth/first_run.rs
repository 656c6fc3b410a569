//! The first start: an organization, its owner, and the link that lets the owner in.

use super::Token;
use crate::service::{Keyslot, ServiceError};
use domain::ids::{MemberId, OrganizationId};
use domain::member::Role;

/// How long a printed link works, in milliseconds: ten minutes.
const LINK_LIFETIME: i64 = 10 * 60 * 1000;

/// Makes the organization and its owner on a first start. Both can be renamed later. Of several instances that start
/// together on an empty database one makes them.
pub async fn prepare(keyslot: &Keyslot) -> Result<(), ServiceError> {
    let store = keyslot.store();
    if !store.organizations().await?.is_empty() {
        return Ok(());
    }
    let organization = store.new_organization_id();
    let (_, wrapped) = keyslot.vault().create_data_key(&organization)?;
    store.create_first_organization(&organization, "My organization", &wrapped, "Owner").await?;
    Ok(())
}

/// The link of a first start; nothing once somebody came in. Whoever can read what a restart prints must not get in by
/// it.
pub async fn first_link(keyslot: &Keyslot) -> Result<Option<String>, ServiceError> {
    if keyslot.store().has_been_signed_in_to().await? {
        return Ok(None);
    }
    owner_link(keyslot).await.map(Some)
}

/// A fresh one-time sign-in link for the first owner; earlier ones work no more. The link is a credential: print it,
/// never log it.
pub async fn owner_link(keyslot: &Keyslot) -> Result<String, ServiceError> {
    let (organization, owner) = first_owner(keyslot).await?;
    let store = keyslot.store();
    let token = Token::random().map_err(|_| vault::SealError::Randomness)?;
    let hash = crate::store::TokenHash::of(token.expose());
    store.create_sign_in_link(&organization, &owner, &hash, store.now() + LINK_LIFETIME).await?;
    Ok(format!("{}/sign-in/{}", keyslot.config().origin(), token.expose()))
}

async fn first_owner(keyslot: &Keyslot) -> Result<(OrganizationId, MemberId), ServiceError> {
    for organization in keyslot.store().organizations().await? {
        let members = keyslot.store().members(&organization.id).await?;
        if let Some(owner) = members.into_iter().find(|member| member.role == Role::Owner) {
            return Ok((organization.id, owner.id));
        }
    }
    Err(ServiceError::not_found("owner"))
}
