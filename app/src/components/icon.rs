//! The icons: strokes in a 16 unit square, in the colour of the text.

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Shape {
    Alert,
    Arrow,
    Branch,
    Check,
    Chevron,
    Circle,
    Cross,
    Dash,
    Down,
    Eye,
    EyeOff,
    File,
    Flag,
    Key,
    Lock,
    Message,
    Pause,
    Pencil,
    Play,
    Plus,
    Power,
    Search,
    Split,
    Tool,
    Trash,
    Up,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2 14.5 13.5h-13ZM8 6.5v3M8 11.5v.01",
            Self::Arrow => "M5.5 10.5 10.5 5.5M6 5.5h4.5V10",
            Self::Branch => {
                "M4.5 5.5v5M4.5 2.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3ZM4.5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3ZM11.5 2.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3ZM11.5 5.5c0 3-3 3.5-5.5 4.5"
            }
            Self::Check => "m3 8.5 3.5 3.5L13 4.5",
            Self::Chevron => "m4.5 6.5 3.5 3.5 3.5-3.5",
            Self::Circle => "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z",
            Self::Cross => "m4 4 8 8M12 4l-8 8",
            Self::Dash => "M4 8h8",
            Self::Down => "M8 3v10M4 9l4 4 4-4",
            Self::Eye => {
                "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z"
            }
            Self::EyeOff => {
                "m2.5 2.5 11 11M6.5 3.7c.5-.1 1-.2 1.5-.2 4 0 6.5 4.5 6.5 4.5s-.7 1.3-2 2.5M4 5C2.4 6.2 1.5 8 1.5 8S4 12.5 8 12.5c1 0 1.9-.3 2.7-.7M6.6 6.6a2 2 0 0 0 2.8 2.8"
            }
            Self::File => "M4 1.5h5L12.5 5v9.5H4ZM9 1.5V5h3.5",
            Self::Flag => "M4 14.5v-13M4 2.5h8l-1.5 3 1.5 3H4",
            Self::Key => "M10.5 2.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8.3 7.7 2.5 13.5v-2.5M5 11l1.5 1.5",
            Self::Lock => "M3.5 7h9v6.5h-9ZM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
            Self::Message => "M2.5 3h11v8h-6l-3 2.5V11h-2Z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Pencil => "m10.5 3 2.5 2.5L5.5 13H3v-2.5ZM9 4.5 11.5 7",
            Self::Play => "M5 3v10l8-5Z",
            Self::Plus => "M8 3.5v9M3.5 8h9",
            Self::Power => "M8 2v5.5M4.8 4.3a5 5 0 1 0 6.4 0",
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3l3.2 3.2",
            Self::Split => "M8 13.5V9L4 5V2.5M8 9l4-4V2.5",
            Self::Tool => "m2.5 5 3.5 3-3.5 3M8 11.5h5.5",
            Self::Up => "M8 13V3M4 7l4-4 4 4",
            Self::Trash => "M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.5 9h6l.5-9",
        }
    }
}

/// An icon. It says nothing to a screen reader: the words beside it do.
#[component]
pub fn Icon(
    /// Which one.
    shape: Shape,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=shape.path() />
        </svg>
    }
}
