//! The Snapshots tab.

use leptos::prelude::*;

/// Says that there are none, and why.
#[component]
pub fn Snapshots() -> impl IntoView {
    view! {
        <div class="empty">
            <h2>"No snapshots yet"</h2>
            <p>
                "A snapshot is an archive of the workspace with every secret taken out. Sessions that start \
                 from one skip the clone and the installation, and get their values written afresh."
            </p>
            <p class="faint">"This version of Keyslot cannot save snapshots yet, so there is nothing to list."</p>
        </div>
    }
}
