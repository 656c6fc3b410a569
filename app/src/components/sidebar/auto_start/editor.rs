//! The commands that are stored for the configuration, in a form.

use crate::api::auto_start::{AutoStartCommand, Rearrange, SaveAutoStart, save_auto_start};
use crate::components::browser;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::Problem;
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::workspace::WorkspaceState;
use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// One line of the form.
#[derive(Clone)]
struct Line {
    id: usize,
    first: AutoStartCommand,
    command: NodeRef<Input>,
    enabled: NodeRef<Input>,
}

impl Line {
    fn new(id: usize, first: AutoStartCommand) -> Self {
        Self { id, first, command: NodeRef::new(), enabled: NodeRef::new() }
    }

    fn read(&self) -> AutoStartCommand {
        let of = |field: NodeRef<Input>| field.get_untracked();
        AutoStartCommand {
            command: of(self.command).map(|field| field.value()).unwrap_or_default(),
            enabled: of(self.enabled).is_some_and(|field| field.checked()),
        }
    }
}

/// The form as it stands in the browser.
#[derive(Clone, Copy)]
struct Form {
    lines: RwSignal<Vec<Line>>,
    next: StoredValue<usize>,
    /// What was stored when the lines were made.
    base: StoredValue<Vec<AutoStartCommand>>,
    /// Whether somebody changed a line since.
    touched: RwSignal<bool>,
    /// What was done last, to be read out.
    said: RwSignal<String>,
}

impl Form {
    fn new(stored: Vec<AutoStartCommand>) -> Self {
        let form = Self {
            lines: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
            base: StoredValue::new(Vec::new()),
            touched: RwSignal::new(false),
            said: RwSignal::new(String::new()),
        };
        form.load(stored);
        form
    }

    /// Stored commands as lines, with an empty one at the end.
    fn load(self, stored: Vec<AutoStartCommand>) {
        self.base.set_value(stored.clone());
        let lines = stored.into_iter().chain([blank()]).map(|command| Line::new(self.number(), command));
        let lines = lines.collect();
        self.touched.set(false);
        self.lines.set(lines);
    }

    fn number(self) -> usize {
        self.next.update_value(|next| *next += 1);
        self.next.get_value()
    }

    fn read(self) -> Vec<AutoStartCommand> {
        self.lines.with_untracked(|lines| lines.iter().map(Line::read).collect())
    }

    /// Takes what is stored now: as new lines, unless they say the same already.
    fn saved(self, stored: Vec<AutoStartCommand>) {
        let typed: Vec<_> = self.read().into_iter().filter(|line| !line.command.trim().is_empty()).collect();
        if typed == stored {
            self.base.set_value(stored);
            self.touched.set(false);
        } else {
            self.load(stored);
        }
    }

    fn add(self) {
        let id = self.number();
        self.lines.update(|lines| lines.push(Line::new(id, blank())));
        browser::focus_later(format!("command-{id}"));
    }

    fn rearrange(self, id: usize, what: fn(usize) -> Rearrange) {
        let Some(at) = self.lines.with_untracked(|lines| lines.iter().position(|line| line.id == id)) else { return };
        let what = what(at);
        browser::hold_focus();
        self.lines.update(|lines| what.apply(lines));
        self.touched.set(true);
        let count = self.lines.with_untracked(Vec::len);
        let place = self.lines.with_untracked(|lines| lines.iter().position(|line| line.id == id));
        self.said.set(match place {
            Some(place) => format!("Now command {} of {count}. Save to keep it.", place + 1),
            None => "Removed. Save to keep it.".to_owned(),
        });
        if place.is_none() {
            let next = self.lines.with_untracked(|lines| lines.get(at).or(lines.last()).map(|line| line.id));
            browser::focus_later(next.map_or_else(|| "add-command".to_owned(), |id| format!("command-{id}")));
        }
    }
}

fn blank() -> AutoStartCommand {
    AutoStartCommand { command: String::new(), enabled: true }
}

/// The form. What others save shows at once, unless somebody types here: then it says so.
#[component]
pub fn Editor() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let configuration = state.session.value.with_untracked(|session| session.configuration.clone());
    let stored = state.auto_start.value;
    let form = Form::new(stored.get_untracked());
    let submission = Submission::of(SaveAutoStart::PATH);
    Effect::new(move || {
        let now = stored.get();
        if form.base.with_value(|base| *base != now) && !form.touched.get_untracked() {
            form.load(now);
        }
    });
    let overtaken = move || form.touched.get() && stored.with(|now| form.base.with_value(|base| base != now));
    let id = configuration.to_string();
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        form.said.set(String::new());
        submission.send(save_auto_start(configuration.clone(), form.read(), None), move |now| {
            form.saved(now.clone());
            state.auto_start.put(now);
            form.said.set("Saved. Work sessions that start from now on run them.".to_owned());
        });
    };
    view! {
        <form class="auto-start" method="post" action=SaveAutoStart::url() on:submit=save>
            // Without scripts Enter presses the first button: this one.
            <button type="submit" class="visually-hidden" tabindex="-1" aria-hidden="true">
                "Save commands"
            </button>
            <h2>"Auto-start commands"</h2>
            <p class="faint">
                "Every work session runs them in its workspace once its env files are written: each starts when the \
                 one before has ended with status 0 or stayed up for 2 seconds. They get no values but those in the \
                 env files."
            </p>
            <input type="hidden" name="configuration" value=id />
            <ol class="commands" role="list">
                <For
                    each=move || form.lines.get()
                    key=|line| line.id
                    children=move |line| view! { <Command line form /> }
                />
            </ol>
            <Show when=overtaken>
                <div class="notice" data-tone="warn" role="status">
                    <Icon shape=Shape::Alert />
                    <span>"Somebody else saved other commands meanwhile. Saving puts yours in their place."</span>
                    <button class="button" type="button" on:click=move |_| form.load(stored.get_untracked())>
                        "Show theirs"
                    </button>
                </div>
            </Show>
            <div class="auto-start-actions">
                <button class="button" type="button" id="add-command" on:click=move |_| form.add()>
                    <Icon shape=Shape::Plus />
                    "Add a command"
                </button>
                <button type="submit" class="button" data-look="primary" aria-busy=move || submission.aria_busy()>
                    "Save commands"
                </button>
                <span class="hint" role="status">
                    {form.said}
                </span>
            </div>
            <Problem error=submission.error />
        </form>
    }
}

#[component]
fn Command(line: Line, form: Form) -> impl IntoView {
    let id = line.id;
    let at = Memo::new(move |before: Option<&usize>| {
        let found = form.lines.with(|lines| lines.iter().position(|line| line.id == id));
        found.or(before.copied()).unwrap_or_default()
    });
    let label = move || format!("Command {}", at.get() + 1);
    let button = move |what: fn(usize) -> Rearrange, shape: Shape, words: &'static str| {
        view! {
            <button
                type="submit"
                class="button command-button"
                data-look="quiet"
                id=format!("{}-{id}", words.to_lowercase().replace(' ', "-"))
                name="act"
                value=move || what(at.get()).to_string()
                title=words
                aria-label=move || format!("{words}: command {}", at.get() + 1)
                on:click=move |event| {
                    event.prevent_default();
                    form.rearrange(id, what);
                }
            >
                <Icon shape />
            </button>
        }
    };
    view! {
        <li class="command" on:input=move |_| form.touched.set(true)>
            <input
                type="checkbox"
                name=move || format!("commands[{}][enabled]", at.get())
                value="true"
                checked=line.first.enabled
                node_ref=line.enabled
                aria-label=move || format!("{} enabled", label())
            />
            <input
                class="input"
                id=format!("command-{id}")
                type="text"
                name=move || format!("commands[{}][command]", at.get())
                value=line.first.command.clone()
                node_ref=line.command
                aria-label=label
                placeholder="npm run dev"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
            />
            <span class="command-buttons">
                {button(Rearrange::Up, Shape::Up, "Move up")}
                {button(Rearrange::Down, Shape::Down, "Move down")}
                {button(Rearrange::Remove, Shape::Trash, "Remove")}
            </span>
        </li>
    }
}
