//! Leaving the agent a note.

use crate::api::live::Change;
use crate::api::thread::{LeaveNote, leave_note};
use crate::components::browser;
use crate::components::live::News;
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use crate::components::workspace::WorkspaceState;
use domain::limits;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

const FIELD: &str = "note";

/// The form. The text stays until the note was taken.
#[component]
pub fn Composer() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let form = Submission::of(LeaveNote::PATH);
    let field = NodeRef::<Textarea>::new();
    let send = move || {
        let Some(input) = field.get_untracked() else { return };
        let text = input.value();
        let sent = text.clone();
        let call = async move {
            let answer = leave_note(state.id(), sent).await;
            if browser::may_move_focus_from("composer") {
                browser::focus(FIELD);
            }
            answer
        };
        form.send(call, move |()| {
            // What was typed while the note was on its way is the next note.
            if input.value() == text {
                input.set_value("");
            }
            state.hear(News::Changed(Change::Thread));
        });
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    view! {
        <form
            class="composer"
            id="composer"
            method="post"
            action=LeaveNote::url()
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <input type="hidden" name="session" value=state.id().to_string() />
            <label class="label" for=FIELD>
                "Note to the agent"
            </label>
            <div class="composer-line">
                <textarea
                    class="input composer-field"
                    id=FIELD
                    name="text"
                    node_ref=field
                    rows="1"
                    required
                    maxlength=limits::NOTE_CHARS.to_string()
                    aria-describedby="note-hint note-problem"
                    aria-invalid=move || form.error.with(Option::is_some).then_some("true")
                    on:keydown=on_key
                    on:input=move |_| form.error.set(None)
                ></textarea>
                <button type="submit" class="button" aria-busy=move || form.aria_busy()>
                    "Send"
                </button>
            </div>
            <p class="hint" id="note-hint">
                "The agent reads notes when it next looks. Ctrl or ⌘ and Enter sends. No secrets here: notes are kept as text."
            </p>
            <Problem error=form.error id="note-problem" />
        </form>
    }
}
