//! Why somebody who may only look finds nothing to press.

use super::icon::{Icon, Shape};
use crate::pages::may_edit;
use leptos::prelude::*;

/// The reason, for viewers; nothing for everybody else.
#[component]
pub fn ViewOnly(
    /// What they cannot do, as in "You can look at everything here, but not …".
    what: &'static str,
) -> impl IntoView {
    (!may_edit()).then(|| {
        view! {
            <p class="notice view-only">
                <Icon shape=Shape::Eye />
                <span>
                    {format!("You are a viewer: you can look at everything here, but not {what}. An owner can change your role.")}
                </span>
            </p>
        }
    })
}
