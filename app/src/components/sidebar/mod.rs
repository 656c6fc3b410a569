//! The sidebar: four tabs, each a link, all of them in the page so that nothing typed is lost by changing tabs.

mod auto_open;
mod auto_start;
mod environment;
mod info;
mod policy;
mod receipt;
mod snapshots;
pub mod tokens;

use super::browser;
use super::workspace::WorkspaceState;
use crate::components::reactive::reactive;
use crate::pages::Tab;
use auto_open::{AutoOpen, is_due, usual_tab};
use domain::proposal::ProposalKind;
use leptos::prelude::*;

/// Which tab is shown; links inside tabs change it too.
#[derive(Clone, Copy)]
pub struct ShownTab(RwSignal<Tab>);

impl ShownTab {
    /// Shows a tab and puts it into the address.
    pub fn show(self, tab: Tab) {
        self.0.set(tab);
        browser::replace_query(&tab.href());
    }

    /// Handles a click on a tab's link, unless it asks for a new window.
    pub fn click(self, event: &leptos::ev::MouseEvent, tab: Tab) {
        if !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()) {
            event.prevent_default();
            self.show(tab);
        }
    }
}

/// The tabs.
#[component]
pub fn Sidebar(
    /// The tab that the address names.
    tab: Option<Tab>,
) -> impl IntoView {
    let workspace = expect_context::<WorkspaceState>();
    let WorkspaceState { session, environment, .. } = workspace;
    let kind = session.value.with_untracked(|session| session.kind);
    let state = session.value.with_untracked(|session| session.state);
    let has_spec = Memo::new(move |_| environment.value.with(|environment| environment.spec_version > 0));
    let usual = usual_tab(kind, state, has_spec.get_untracked());
    let shown = ShownTab(RwSignal::new(tab.unwrap_or(usual)));
    provide_context(shown);
    open_by_itself(shown, has_spec, tab.is_some());
    let missing = Memo::new(move |_| environment.value.with(|environment| environment.missing_required()));
    let proposed = |kind| Memo::new(move |_| workspace.pending_proposals(Some(kind)));
    let (commands, snapshots) = (proposed(ProposalKind::Commands), proposed(ProposalKind::Snapshot));
    let link = move |tab: Tab| {
        let counted = match tab {
            Tab::Environment => Some((missing, "missing")),
            Tab::Snapshots => Some((snapshots, "proposed")),
            Tab::AutoStart => Some((commands, "proposed")),
            Tab::Info => None,
        };
        let badge =
            counted.map(|(count, what)| reactive(move || (count.get() > 0).then(|| view! { <Badge count what /> })));
        view! {
            <li>
                <a
                    class="tab"
                    href=tab.href()
                    aria-current=move || (shown.0.get() == tab).then_some("true")
                    on:click=move |event| shown.click(&event, tab)
                >
                    {tab.label()}
                    {badge}
                </a>
            </li>
        }
    };
    let panel = move |tab: Tab, content: AnyView| {
        view! {
            <section class="tab-panel" data-tab=tab.name() aria-label=tab.label() hidden=move || shown.0.get() != tab>
                {content}
            </section>
        }
    };
    view! {
        <aside class="sidebar" aria-label="Session details">
            <nav aria-label="Session tabs">
                <ul class="tabs" role="list">
                    {Tab::ALL.map(link).collect_view()}
                </ul>
            </nav>
            <div class="tab-panels">
                {panel(Tab::Info, view! { <info::Info /> }.into_any())}
                {panel(Tab::Environment, view! { <environment::EnvironmentTab /> }.into_any())}
                {panel(Tab::Snapshots, view! { <snapshots::Snapshots /> }.into_any())}
                {panel(Tab::AutoStart, view! { <auto_start::AutoStart /> }.into_any())}
            </div>
        </aside>
    }
}

#[component]
fn Badge(
    count: Memo<usize>,
    /// What is counted.
    what: &'static str,
) -> impl IntoView {
    view! {
        <span
            class="badge"
            data-badge=(what == "missing").then_some("")
            data-proposed=(what == "proposed").then_some("")
        >
            {count}
            <span class="visually-hidden">{format!(" {what}")}</span>
        </span>
    }
}

/// Opens the Environment tab when the first spec arrives, or a work session waits for values. The keyboard stays where
/// it is.
fn open_by_itself(shown: ShownTab, has_spec: Memo<bool>, named: bool) {
    let WorkspaceState { session, .. } = expect_context();
    let kind = session.value.with_untracked(|session| session.kind);
    let name = session.value.with_untracked(|session| format!("keyslot.opened.{}", session.id));
    let auto = StoredValue::new(None::<AutoOpen>);
    let due = Memo::new(move |_| is_due(kind, session.value.with(|session| session.state), has_spec.get()));
    let chosen = named && due.get_untracked();
    Effect::new(move || {
        let due = due.get();
        let opens = auto.try_update_value(|auto| {
            let remembered = || browser::remembers(&name);
            auto.get_or_insert_with(|| AutoOpen::new(remembered(), chosen)).opens(due)
        });
        if opens == Some(true) {
            browser::remember(&name);
            shown.show(Tab::Environment);
        }
    });
}
