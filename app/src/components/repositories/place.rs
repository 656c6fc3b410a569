//! The fields that name a repository and its folder, in a form for several and in one for a single one.

use crate::api::ApiError;
use crate::api::configurations::{ConnectedRepository, Place};
use crate::components::problem::is_about;
use crate::components::reactive::reactive;
use leptos::html::{Input, Select};
use leptos::prelude::*;

/// The fields of one repository.
#[derive(Clone, Copy)]
pub struct PlaceFields {
    repository: NodeRef<Select>,
    location: NodeRef<Input>,
    path: NodeRef<Input>,
}

impl PlaceFields {
    /// New fields, empty.
    pub fn new() -> Self {
        Self { repository: NodeRef::new(), location: NodeRef::new(), path: NodeRef::new() }
    }

    /// What stands in them.
    pub fn read(self) -> Place {
        let text = |field: NodeRef<Input>| field.get_untracked().map(|field| field.value()).unwrap_or_default();
        Place {
            repository: self.repository.get_untracked().map(|select| select.value()).unwrap_or_default(),
            location: text(self.location),
            path: text(self.path),
        }
    }

    /// Empties them.
    pub fn clear(self) {
        for field in [self.location, self.path] {
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
        }
        if let Some(select) = self.repository.get_untracked() {
            select.set_value("");
        }
    }
}

impl Default for PlaceFields {
    fn default() -> Self {
        Self::new()
    }
}

/// The fields: a connected repository or the address of a new one, and the folder.
#[component]
pub fn PlaceInputs(
    /// Where they are read from.
    fields: PlaceFields,
    /// What their names start with, such as `places[0]`.
    #[prop(into)]
    prefix: String,
    /// Id of the first field; the others' ids are made of it.
    #[prop(into)]
    id: String,
    /// The connected repositories.
    connected: Signal<Vec<ConnectedRepository>>,
    /// What is wrong.
    error: RwSignal<Option<ApiError>>,
    /// Id of the words about it.
    #[prop(into)]
    described_by: String,
) -> impl IntoView {
    let name = |part: &str| format!("{prefix}[{part}]");
    let invalid = move |field: String| move || error.with(|error| is_about(error, &field)).then_some("true");
    let options = reactive(move || {
        let option = |one: ConnectedRepository| {
            view! { <option value=one.id.to_string()>{format!("{} ({})", one.name, one.location)}</option> }
        };
        connected.get().into_iter().map(option).collect_view()
    });
    let text = |part: &str, label: &'static str, node_ref: NodeRef<Input>, placeholder: &'static str| {
        let id = format!("{id}-{part}");
        view! {
            <div class=format!("field place-{part}")>
                <label class="label" for=id.clone()>
                    {label}
                </label>
                <input
                    type="text"
                    class="input"
                    id=id
                    name=name(part)
                    node_ref=node_ref
                    placeholder=placeholder
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-invalid=invalid(name(part))
                    aria-describedby=described_by.clone()
                />
            </div>
        }
    };
    view! {
        <div class="place">
            <div class="field place-repository">
                <label class="label" for=id.clone()>
                    "Repository"
                </label>
                <select
                    class="input"
                    id=id.clone()
                    name=name("repository")
                    node_ref=fields.repository
                    aria-invalid=invalid(name("repository"))
                    aria-describedby=described_by.clone()
                >
                    <option value="">"A new one, by its address"</option>
                    {options}
                </select>
            </div>
            {text("location", "Address of a new one", fields.location, "https://github.com/acme/api.git")}
            {text("path", "Workspace path", fields.path, "such as api")}
        </div>
    }
}

/// The rules for workspace paths, for people.
pub const PATH_RULES: &str = "Each repository gets a folder of its own in the workspace. A dot means the workspace \
    itself. A folder may lie within another repository's, as long as that repository has nothing there: the outer one is \
    cloned first, and a file belongs to the nearest repository around it.";
