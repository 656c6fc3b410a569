//! What a command prints, as it prints it.

use crate::api::command_runs::{CommandOutput, CommandRun, get_command_output};
use crate::components::show::Show;
use crate::components::workspace::WorkspaceState;
use domain::limits::OUTPUT_LINES;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Output that is put together from parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Text {
    text: String,
    /// The place of its first byte.
    from: u64,
    /// Whether anything was fetched yet.
    known: bool,
}

impl Text {
    fn end(&self) -> u64 {
        self.from + self.text.len() as u64
    }

    /// Adds a part that follows, or begins anew with one that does not; forgets what the server forgot.
    fn take(&mut self, part: CommandOutput) {
        if !self.known || part.from != self.end() {
            (self.text, self.from) = (part.text, part.from);
        } else {
            self.text.push_str(&part.text);
        }
        self.known = true;
        let gone = usize::try_from(part.start.saturating_sub(self.from)).unwrap_or(usize::MAX);
        let lines = self.text.matches('\n').count().saturating_sub(OUTPUT_LINES);
        let long = self.text.match_indices('\n').take(lines).last().map_or(0, |(at, _)| at + 1);
        let cut = gone.max(long).min(self.text.len());
        let cut = (cut..=self.text.len()).find(|at| self.text.is_char_boundary(*at)).unwrap_or(cut);
        self.text.drain(..cut);
        self.from += cut as u64;
    }
}

/// A region that scrolls, can be reached by keyboard and stays at the end unless somebody scrolled up.
#[component]
pub fn Output(
    /// The command's place in the row.
    at: usize,
    /// Where it stands.
    run: Memo<CommandRun>,
    /// What the page was rendered with.
    first: Option<CommandOutput>,
) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let mut text = Text::default();
    first.into_iter().for_each(|part| text.take(part));
    let text = RwSignal::new(text);
    let busy = StoredValue::new(false);
    let end = Memo::new(move |_| run.with(|run| run.end));
    let fetch = move || {
        let behind = move || {
            let end = end.try_get_untracked()?;
            text.try_with_untracked(|text| !text.known || text.end() != end)
        };
        if busy.get_value() || behind() != Some(true) {
            return;
        }
        busy.set_value(true);
        spawn_local(async move {
            while behind() == Some(true) {
                let Some(after) = text.try_with_untracked(|text| text.known.then(|| text.end())) else { return };
                match get_command_output(state.id(), at, after).await {
                    Ok(part) => {
                        // The row is gone meanwhile, and with it what shows it.
                        if text.is_disposed() {
                            return;
                        }
                        let news = !part.text.is_empty() || after.is_none();
                        text.update(|text| text.take(part));
                        if !news {
                            break;
                        }
                    }
                    // The next change fetches again.
                    Err(_) => break,
                }
            }
            let _ = busy.try_set_value(false);
        });
    };
    Effect::new(move || {
        end.track();
        fetch();
    });
    let some = Memo::new(move |_| text.with(|text| !text.text.is_empty()));
    view! {
        <Show when=move || some.get()>
            <div class="run-output" tabindex="0" role="log" aria-label=format!("Output of command {}", at + 1)>
                <pre>{move || text.with(|text| text.text.clone())}</pre>
            </div>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(start: u64, from: u64, text: &str) -> CommandOutput {
        CommandOutput { start, from, text: text.to_owned() }
    }

    #[test]
    fn parts_that_follow_are_put_together() {
        let mut text = Text::default();
        text.take(part(0, 10, "a\nb\n"));
        text.take(part(0, 14, "c\n"));
        assert_eq!((text.text.as_str(), text.end()), ("a\nb\nc\n", 16));
        text.take(part(12, 16, "d\n"));
        assert_eq!((text.text.as_str(), text.from), ("b\nc\nd\n", 12), "what the server forgot goes here too");
    }

    #[test]
    fn a_new_start_begins_anew() {
        let mut text = Text::default();
        text.take(part(0, 0, "old\n"));
        text.take(part(4, 4, ""));
        assert_eq!((text.text.as_str(), text.from), ("", 4));
        text.take(part(9, 9, "new"));
        assert_eq!((text.text.as_str(), text.from), ("new", 9));
    }

    #[test]
    fn a_long_output_keeps_its_last_lines() {
        let mut text = Text::default();
        text.take(part(0, 0, &"x\n".repeat(OUTPUT_LINES + 5)));
        assert_eq!((text.text.lines().count(), text.from), (OUTPUT_LINES, 10));
    }
}
