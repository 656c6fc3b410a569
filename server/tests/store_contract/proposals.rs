//! Proposals.

use crate::support::{Desk, at_once};
use domain::command::AutoStartCommand;
use domain::ids::SessionId;
use domain::proposal::{Proposal, ProposalKind, ProposalState, ProposedChange};
use server::store::{Decision, NewProposal, SessionUpdate, StoreError};

const ACCEPTED: Decision<'_> = Decision { state: ProposalState::Accepted, by: "Ada", reason: None };

fn commands(command: &str) -> ProposedChange {
    let after = vec![AutoStartCommand { command: command.to_owned(), enabled: true }];
    ProposedChange::Commands { before: Vec::new(), after }
}

async fn propose(desk: &Desk, session: &SessionId, change: &ProposedChange) -> Proposal {
    let new = NewProposal { session, proposed_by: "Claude", change };
    desk.store.propose(&desk.organization, new).await.unwrap().expect("the session goes on").proposal
}

async fn states(desk: &Desk, session: &SessionId) -> Vec<ProposalState> {
    let all = desk.store.proposals(&desk.organization, session).await.unwrap();
    all.iter().map(|proposal| proposal.state).collect()
}

async fn end(desk: &Desk, session: &SessionId) {
    let update = SessionUpdate { state: "finished", progress: None, error: None, ended: true };
    desk.store.set_session_state(&desk.organization, session, update).await.unwrap();
}

async fn a_proposal_comes_back_as_it_was_stored_and_only_in_its_session(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let (session, other) = (desk.session(&configuration).await, desk.session(&configuration).await);
    let stored = propose(&desk, &session, &commands("npm ci")).await;
    assert_eq!((stored.state, stored.closed_at), (ProposalState::Pending, None));
    let (store, organization) = (&desk.store, &desk.organization);
    assert_eq!(store.proposal(organization, &session, &stored.id).await.unwrap().as_ref(), Some(&stored));
    assert_eq!(store.proposals(organization, &session).await.unwrap(), std::slice::from_ref(&stored));
    assert_eq!(store.proposal(organization, &other, &stored.id).await.unwrap(), None);
    assert_eq!(store.proposals(organization, &other).await.unwrap(), []);
    let declined = Decision { state: ProposalState::Declined, by: "Ada", reason: Some("no") };
    assert!(!store.decide_proposal(organization, &other, &stored.id, declined).await.unwrap());
    assert!(store.decide_proposal(organization, &session, &stored.id, declined).await.unwrap());
    let after = store.proposal(organization, &session, &stored.id).await.unwrap().unwrap();
    assert_eq!((after.state, after.decided_by.as_deref()), (ProposalState::Declined, Some("Ada")));
    assert_eq!((after.reason.as_deref(), after.closed_at.is_some()), (Some("no"), true));
}

async fn another_organization_sees_and_changes_none(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let stored = propose(&desk, &session, &commands("npm ci")).await;
    let foreign = desk.other_organization().await;
    let (store, me) = (&foreign.store, &foreign.organization);
    assert_eq!(store.proposals(me, &session).await.unwrap(), []);
    assert_eq!(store.proposal(me, &session, &stored.id).await.unwrap(), None);
    assert!(!store.decide_proposal(me, &session, &stored.id, ACCEPTED).await.unwrap());
    assert!(!store.supersede_proposal(me, &session, ProposalKind::Commands).await.unwrap());
    assert!(!store.expire_proposals(me, &session).await.unwrap());
    let theirs = NewProposal { session: &session, proposed_by: "Eve", change: &commands("evil") };
    assert_eq!(store.propose(me, theirs).await.unwrap(), None);
    let trusted = store.trust_agent_commands(me, &configuration, true).await;
    assert!(matches!(trusted, Err(StoreError::NotFound(_))));
    assert_eq!(desk.store.proposals(&desk.organization, &session).await.unwrap(), [stored]);
}

async fn one_proposal_of_a_kind_waits_at_a_time(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let first = propose(&desk, &session, &commands("npm ci")).await;
    let row = desk.store.configuration(&desk.organization, &configuration).await.unwrap().unwrap();
    assert_eq!(row.pending_proposals, 1, "the configuration counts it");
    assert_eq!(propose(&desk, &session, &commands("npm ci")).await, first, "the same one waits already");
    let finish = propose(&desk, &session, &ProposedChange::Finish { missing: Vec::new() }).await;
    propose(&desk, &session, &commands("npm i")).await;
    let (pending, gone) = (ProposalState::Pending, ProposalState::Superseded);
    assert_eq!(states(&desk, &session).await, [gone, pending, pending]);
    let (store, organization) = (&desk.store, &desk.organization);
    assert!(store.supersede_proposal(organization, &session, ProposalKind::Commands).await.unwrap());
    assert!(!store.supersede_proposal(organization, &session, ProposalKind::Commands).await.unwrap());
    assert_eq!(states(&desk, &session).await, [gone, pending, gone], "{finish:?} is of another kind");

    at_once((0..8).map(|n| {
        let (store, organization, session) = (store.clone(), organization.clone(), session.clone());
        async move {
            let change = commands(&format!("npm run {n}"));
            let new = NewProposal { session: &session, proposed_by: "Claude", change: &change };
            store.propose(&organization, new).await.unwrap().unwrap()
        }
    }))
    .await;
    let waiting = states(&desk, &session).await.into_iter().filter(|state| *state == pending).count();
    assert_eq!(waiting, 2, "the finish, and the last of the commands");
}

async fn one_of_all_who_decide_at_the_same_time_does(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let stored = propose(&desk, &session, &commands("npm ci")).await;
    let decided = at_once((0..8).map(|_| {
        let (store, organization, session, id) =
            (desk.store.clone(), desk.organization.clone(), session.clone(), stored.id.clone());
        async move { store.decide_proposal(&organization, &session, &id, ACCEPTED).await.unwrap() }
    }))
    .await;
    assert_eq!(decided.into_iter().filter(|done| *done).count(), 1);
}

async fn what_could_not_be_carried_out_waits_again_unless_something_else_does(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let stored = propose(&desk, &session, &commands("npm ci")).await;
    let (store, organization) = (&desk.store, &desk.organization);
    assert!(store.decide_proposal(organization, &session, &stored.id, ACCEPTED).await.unwrap());
    store.reopen_proposal(organization, &session, &stored.id, &commands("npm i")).await.unwrap();
    let again = store.proposal(organization, &session, &stored.id).await.unwrap().unwrap();
    assert_eq!(again, Proposal { change: commands("npm i"), ..stored.clone() });
    assert!(store.decide_proposal(organization, &session, &stored.id, ACCEPTED).await.unwrap());
    propose(&desk, &session, &commands("pnpm i")).await;
    store.reopen_proposal(organization, &session, &stored.id, &commands("npm i")).await.unwrap();
    assert_eq!(states(&desk, &session).await, [ProposalState::Superseded, ProposalState::Pending]);
}

async fn nothing_waits_after_the_end_of_its_session(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let stored = propose(&desk, &session, &commands("npm ci")).await;
    end(&desk, &session).await;
    let (store, organization) = (&desk.store, &desk.organization);
    assert!(store.expire_proposals(organization, &session).await.unwrap());
    assert!(!store.expire_proposals(organization, &session).await.unwrap());
    assert_eq!(states(&desk, &session).await, [ProposalState::Expired]);
    let late = NewProposal { session: &session, proposed_by: "Claude", change: &commands("npm i") };
    assert_eq!(store.propose(organization, late).await.unwrap(), None);
    assert!(!store.decide_proposal(organization, &session, &stored.id, ACCEPTED).await.unwrap());
}

async fn commands_by_agents_are_trusted_only_where_it_was_said(desk: Desk) {
    let (one, other) = (desk.configuration("web", &[]).await, desk.configuration("api", &[]).await);
    let (store, organization) = (&desk.store, &desk.organization);
    store.trust_agent_commands(organization, &one, true).await.unwrap();
    for (configuration, trusted) in [(one, true), (other, false)] {
        let row = store.configuration(organization, &configuration).await.unwrap().unwrap();
        assert_eq!(row.trust_agent_commands, trusted);
    }
}

crate::on_both!(
    a_proposal_comes_back_as_it_was_stored_and_only_in_its_session,
    another_organization_sees_and_changes_none,
    one_proposal_of_a_kind_waits_at_a_time,
    one_of_all_who_decide_at_the_same_time_does,
    what_could_not_be_carried_out_waits_again_unless_something_else_does,
    nothing_waits_after_the_end_of_its_session,
    commands_by_agents_are_trusted_only_where_it_was_said,
);
