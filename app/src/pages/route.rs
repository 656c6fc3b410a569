//! Which page an address means, and what its query asks of it.

use domain::ids::{ConfigurationId, SessionId};

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Repositories,
    /// `/configurations/{id}`
    Configuration(ConfigurationId),
    /// `/settings/secrets`, and `/settings`, which has no other page yet.
    Secrets,
    /// `/sessions/{id}`, with the tab that the query names.
    Session(SessionId, Option<Tab>),
    /// `/sign-in`
    SignIn,
    /// Anything else.
    NotFound,
}

/// A tab of the workspace sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tab {
    /// Status, readiness and the boot receipt.
    Info,
    /// The panel.
    Environment,
    /// Archives of the workspace.
    Snapshots,
    /// Commands that run after the environment was applied.
    AutoStart,
}

/// What an address (path plus query) says.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// The page.
    pub route: Route,
    /// The slot whose "replace" or "delete" was asked for by a plain form.
    pub opened: Option<Opened>,
    /// The configuration whose values the repositories page shows.
    pub configuration: Option<ConfigurationId>,
    /// What a list is searched for.
    pub search: String,
    /// Whether a one-time link was used already or expired.
    pub link_used: bool,
}

/// A slot's part that a plain form asked to open. It names the version of the value that was shown, so that it does
/// not open again once that value was replaced or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The entry that replaces a value.
    Replace(String),
    /// The question before a value is deleted.
    Delete(String),
    /// The entry of a secret's description.
    Describe(String),
    /// The choice of a file's readers.
    Readers(String),
}

impl Tab {
    /// Every tab in the order in which they stand.
    pub const ALL: [Self; 4] = [Self::Info, Self::Environment, Self::Snapshots, Self::AutoStart];

    /// Its name on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Info => "Info",
            Self::Environment => "Environment",
            Self::Snapshots => "Snapshots",
            Self::AutoStart => "Auto-start",
        }
    }

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Environment => "environment",
            Self::Snapshots => "snapshots",
            Self::AutoStart => "auto-start",
        }
    }

    /// The tab's address, relative to the page it is on.
    pub fn href(self) -> String {
        format!("?tab={}", self.name())
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.name() == name)
    }
}

impl Route {
    /// Reads a path plus query, such as `/sessions/x?tab=info`.
    pub fn parse(path_and_query: &str) -> Self {
        Address::parse(path_and_query).route
    }

    /// First words of the document's title.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Repositories => "Repositories",
            Self::Configuration(_) => "Configuration",
            Self::Secrets => "Secrets",
            Self::Session(..) => "Session",
            Self::SignIn => "Sign in",
            Self::NotFound => "Not found",
        }
    }
}

impl Address {
    /// Reads a path plus query. What is unknown in the query is ignored.
    pub fn parse(path_and_query: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let last = |name: &str| {
            let pairs = form_urlencoded::parse(query.as_bytes());
            pairs.filter(|(key, _)| key == name).last().map(|(_, value)| value.into_owned())
        };
        let tab = last("tab").as_deref().and_then(Tab::parse);
        let replace = || last("replace").map(Opened::Replace);
        let delete = || last("delete").map(Opened::Delete);
        let describe = || last("describe").map(Opened::Describe);
        let opened = replace().or_else(delete).or_else(describe).or_else(|| last("readers").map(Opened::Readers));
        let configuration = last("configuration").filter(|id| !id.is_empty()).map(ConfigurationId::from);
        let search = last("q").unwrap_or_default();
        let link_used = last("problem").as_deref() == Some("used");
        Self { route: route(path, tab), opened, configuration, search, link_used }
    }
}

fn route(path: &str, tab: Option<Tab>) -> Route {
    match path.trim_end_matches('/') {
        "" => Route::Repositories,
        "/sign-in" => Route::SignIn,
        "/settings" | "/settings/secrets" => Route::Secrets,
        path => match (named(path, "/sessions/"), named(path, "/configurations/")) {
            (Some(id), _) => Route::Session(SessionId::from(id), tab),
            (_, Some(id)) => Route::Configuration(ConfigurationId::from(id)),
            _ => Route::NotFound,
        },
    }
}

/// The one name behind a prefix.
fn named<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix).filter(|id| !id.is_empty() && !id.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_its_address() {
        assert_eq!(Route::parse("/"), Route::Repositories);
        assert_eq!(Route::parse("/?x=1"), Route::Repositories);
        assert_eq!(Route::parse("/sign-in?problem=used"), Route::SignIn);
        assert_eq!(Route::parse("/sessions/s1"), Route::Session("s1".into(), None));
        assert_eq!(Route::parse("/sessions/s1/?tab=auto-start"), Route::Session("s1".into(), Some(Tab::AutoStart)));
        assert_eq!(Route::parse("/configurations/c1"), Route::Configuration("c1".into()));
        assert_eq!(Route::parse("/settings/secrets?q=x"), Route::Secrets);
        for wrong in ["/sessions", "/sessions/", "/sessions/a/b", "/configurations/", "/settings/x", "/other"] {
            assert_eq!(Route::parse(wrong), Route::NotFound, "{wrong}");
        }
    }

    #[test]
    fn a_tab_is_found_by_its_own_link_and_an_unknown_one_is_none() {
        for tab in Tab::ALL {
            assert_eq!(Route::parse(&format!("/sessions/s{}", tab.href())), Route::Session("s".into(), Some(tab)));
        }
        assert_eq!(Route::parse("/sessions/s?tab=else"), Route::Session("s".into(), None));
    }

    #[test]
    fn a_used_link_is_told() {
        assert!(Address::parse("/sign-in?problem=used").link_used);
        assert!(!Address::parse("/sign-in").link_used);
    }

    #[test]
    fn the_slot_that_a_plain_form_opened_is_known() {
        let address = Address::parse("/sessions/s?tab=environment&replace=apps%2Fweb%2F.env%3AKEY%3A3");
        assert_eq!(address.opened, Some(Opened::Replace("apps/web/.env:KEY:3".into())));
    }

    #[test]
    fn the_values_that_are_open_and_what_is_searched_for_stand_in_the_query() {
        let address = Address::parse("/?configuration=c1&replace=c1%3A.env%3AKEY%3A3");
        assert_eq!(address.configuration, Some("c1".into()));
        assert_eq!(address.opened, Some(Opened::Replace("c1:.env:KEY:3".into())));
        assert_eq!(Address::parse("/settings/secrets?q=stripe+key").search, "stripe key");
        assert_eq!(Address::parse("/?configuration=").configuration, None);
    }
}
