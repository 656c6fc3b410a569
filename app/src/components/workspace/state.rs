//! The live state of one session's page.

use super::feed::Feed;
use crate::api::ApiError;
use crate::api::auto_start::{AutoStartCommand, get_auto_start};
use crate::api::command_runs::{CommandOutput, CommandRuns, get_command_output, get_command_runs};
use crate::api::delivery::{Delivery, get_delivery};
use crate::api::environment::{EnvironmentTarget, get_environment};
use crate::api::live::{Change, events_path};
use crate::api::proposals::get_proposals;
use crate::api::requests::get_requests;
use crate::api::sessions::{SessionView, get_session};
use crate::api::snapshots::{SnapshotView, get_snapshots};
use crate::api::thread::{ThreadEntry, get_thread};
use crate::api::tokens::{TokensView, get_tokens};
use crate::components::live::{self, Link, News};
use crate::components::{browser, clock};
use domain::Environment;
use domain::ids::SessionId;
use domain::proposal::{Proposal, ProposalKind};
use domain::request::ValueRequest;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Everything that the page is rendered from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceData {
    session: SessionView,
    environment: Environment,
    delivery: Delivery,
    thread: Vec<ThreadEntry>,
    requests: Vec<ValueRequest>,
    proposals: Vec<Proposal>,
    auto_start: Vec<AutoStartCommand>,
    commands: CommandRuns,
    outputs: Vec<CommandOutput>,
    at: i64,
    tokens: TokensView,
    snapshots: Vec<SnapshotView>,
}

impl WorkspaceData {
    /// Fetches all of it.
    pub async fn load(id: SessionId) -> Result<Self, ApiError> {
        let session = get_session(id.clone()).await?;
        let auto_start = get_auto_start(session.configuration.clone()).await?;
        let environment = get_environment(EnvironmentTarget::Session(id.clone())).await?;
        let delivery = get_delivery(EnvironmentTarget::Session(id.clone())).await?;
        let requests = get_requests(id.clone()).await?;
        let proposals = get_proposals(id.clone()).await?;
        let commands = get_command_runs(id.clone()).await?;
        let mut outputs = Vec::new();
        for at in 0..commands.runs.len() {
            // One that was started anew in this very moment is fetched by the page.
            outputs.push(get_command_output(id.clone(), at, None).await.unwrap_or_default());
        }
        let tokens = get_tokens(id.clone()).await?;
        let snapshots = get_snapshots(id.clone()).await?;
        let thread = get_thread(id).await?;
        let at = browser::now();
        Ok(Self {
            session,
            environment,
            delivery,
            thread,
            requests,
            proposals,
            auto_start,
            commands,
            outputs,
            tokens,
            snapshots,
            at,
        })
    }
}

/// The live state, shared by every part of the page.
#[derive(Clone, Copy)]
pub struct WorkspaceState {
    /// The session.
    pub session: Feed<SessionView>,
    /// Its environment.
    pub environment: Feed<Environment>,
    /// How far changes have reached the sandboxes of its configuration.
    pub delivery: Feed<Delivery>,
    /// Its thread.
    pub thread: Feed<Vec<ThreadEntry>>,
    /// What its agent asked people for, oldest first.
    pub requests: Feed<Vec<ValueRequest>>,
    /// What its agent proposed, oldest first.
    pub proposals: Feed<Vec<Proposal>>,
    /// The time by the server's clock, in milliseconds since 1970 UTC; it moves on now and then.
    pub now: RwSignal<i64>,
    /// Its tokens.
    pub tokens: Feed<TokensView>,
    /// The snapshots of its configuration, newest first.
    pub snapshots: Feed<Vec<SnapshotView>>,
    /// The configuration's commands, as stored.
    pub auto_start: Feed<Vec<AutoStartCommand>>,
    /// Those that this session started.
    pub commands: Feed<CommandRuns>,
    /// What each printed when the page was rendered, and of which row that is.
    pub outputs: StoredValue<(i64, Vec<CommandOutput>)>,
    /// How the connection to the server stands.
    pub link: RwSignal<Link>,
    id: StoredValue<SessionId>,
}

impl WorkspaceState {
    /// Takes what the page was rendered from and, in the browser, follows the session from then on.
    pub fn new(data: WorkspaceData) -> Self {
        let id = data.session.id.clone();
        let state = Self {
            session: Feed::new(data.session),
            environment: Feed::new(data.environment),
            delivery: Feed::new(data.delivery),
            thread: Feed::new(data.thread),
            requests: Feed::new(data.requests),
            proposals: Feed::new(data.proposals),
            now: clock::ticking(data.at),
            tokens: Feed::new(data.tokens),
            snapshots: Feed::new(data.snapshots),
            auto_start: Feed::new(data.auto_start),
            outputs: StoredValue::new((data.commands.made, data.outputs)),
            commands: Feed::new(data.commands),
            link: RwSignal::new(Link::Opening),
            id: StoredValue::new(id.clone()),
        };
        Effect::new(move || live::follow(&events_path(&id), state.link, move |news| state.hear(news)));
        state
    }

    /// The session's id.
    pub fn id(self) -> SessionId {
        self.id.get_value()
    }

    /// Takes the environment that a save answered. The save may have answered requests too, and what others did
    /// meanwhile may be missing in it, so both are fetched once more.
    pub fn saved(self, environment: Environment) {
        self.environment.put(environment);
        self.hear(News::Changed(Change::Environment));
        self.hear(News::Changed(Change::Request));
    }

    /// Takes the requests that an answer to one of them left. A key that nobody asks for any more is no slot.
    pub fn answered(self, requests: Vec<ValueRequest>) {
        self.requests.put(requests);
        self.hear(News::Changed(Change::Environment));
    }

    /// Takes the proposals that a decision left. What was accepted may have changed anything.
    pub fn decided(self, proposals: Vec<Proposal>) {
        self.proposals.put(proposals);
        self.hear(News::Everything);
    }

    /// How many proposals wait for a person: of one kind, or all.
    pub fn pending_proposals(self, kind: Option<ProposalKind>) -> usize {
        self.proposals.value.with(|all| {
            let counts =
                |proposal: &&Proposal| proposal.is_pending() && kind.is_none_or(|kind| proposal.change.kind() == kind);
            all.iter().filter(counts).count()
        })
    }

    /// Fetches what changed.
    pub fn hear(self, news: News) {
        let is = |change| news == News::Everything || news == News::Changed(change);
        let id = self.id();
        if is(Change::Environment) {
            let target = EnvironmentTarget::Session(id.clone());
            self.environment.refetch(move || get_environment(target.clone()));
        }
        if is(Change::Delivery) {
            let target = EnvironmentTarget::Session(id.clone());
            self.delivery.refetch(move || get_delivery(target.clone()));
        }
        if is(Change::Thread) {
            let id = id.clone();
            self.thread.refetch(move || get_thread(id.clone()));
        }
        if is(Change::Request) {
            let id = id.clone();
            self.requests.refetch(move || get_requests(id.clone()));
        }
        if is(Change::Proposal) {
            let id = id.clone();
            self.proposals.refetch(move || get_proposals(id.clone()));
        }
        if is(Change::Token) {
            let id = id.clone();
            self.tokens.refetch(move || get_tokens(id.clone()));
        }
        if is(Change::Command) {
            let configuration = self.session.value.with_untracked(|session| session.configuration.clone());
            self.auto_start.refetch(move || get_auto_start(configuration.clone()));
        }
        // Whether they run at all hangs on the session's state.
        if is(Change::Command) || is(Change::Session) {
            let id = id.clone();
            self.commands.refetch(move || get_command_runs(id.clone()));
        }
        if is(Change::Snapshot) {
            let id = id.clone();
            self.snapshots.refetch(move || get_snapshots(id.clone()));
        }
        if is(Change::Session) {
            self.session.refetch(move || get_session(id.clone()));
        }
    }
}
