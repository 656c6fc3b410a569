//! Errors at the form that they belong to.

use super::icon::{Icon, Shape};
use crate::api::ApiError;
use crate::pages::{Address, FormProblem};
use leptos::prelude::*;

/// What a plain form that called this server function (by its path) was answered, if that led to this page.
pub fn form_problem(path: &str) -> Option<ApiError> {
    let problem = use_context::<Option<FormProblem>>().flatten()?;
    (problem.path == path).then_some(problem.error)
}

/// The same, for one of several hosts of the same form: `here` tells whether the address that led here is its own.
pub fn form_problem_at(path: &str, here: impl Fn(&Address) -> bool) -> Option<ApiError> {
    let address = use_context::<Address>()?;
    if here(&address) { form_problem(path) } else { None }
}

/// Whether an error is about this field of a form.
pub fn is_about(error: &Option<ApiError>, name: &str) -> bool {
    matches!(error, Some(ApiError::Invalid { field, .. }) if field == name)
}

/// An error in words; it takes no room while there is none.
#[component]
pub fn Problem(
    /// What went wrong.
    #[prop(into)]
    error: Signal<Option<ApiError>>,
    /// Id for `aria-describedby`.
    #[prop(into, optional)]
    id: String,
) -> impl IntoView {
    view! {
        <div class="problem" role="alert" id=(!id.is_empty()).then_some(id)>
            {move || {
                error
                    .get()
                    .map(|error| {
                        view! {
                            <p>
                                <Icon shape=Shape::Alert />
                                <span>{error.to_string()}</span>
                            </p>
                        }
                    })
            }}
        </div>
    }
}
