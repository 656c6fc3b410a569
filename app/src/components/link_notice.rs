//! Telling people that the connection to the server is gone, and that it is back.

use super::icon::{Icon, Shape};
use super::live::Link;
use leptos::prelude::*;
use std::time::Duration;

/// A connection that comes back sooner is not worth a word.
const WORTH_A_WORD: Duration = Duration::from_millis(800);
/// How long it stands there that the connection is back.
const GOOD_NEWS: Duration = Duration::from_secs(4);

/// What stands in the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Lost,
    Back,
    SignedOut,
}

impl Said {
    /// What to say next, and after which time.
    fn next(self, link: Link) -> (Self, Duration) {
        match (self, link) {
            (_, Link::SignedOut) => (Self::SignedOut, Duration::ZERO),
            (Self::Lost, Link::Lost) => (Self::Lost, Duration::ZERO),
            (_, Link::Lost) => (Self::Lost, WORTH_A_WORD),
            (Self::Lost, _) => (Self::Back, Duration::ZERO),
            (Self::Back, _) => (Self::Nothing, GOOD_NEWS),
            (Self::Nothing | Self::SignedOut, _) => (Self::Nothing, Duration::ZERO),
        }
    }
}

/// A calm notice over the page; it moves nothing.
#[component]
pub fn LinkNotice(
    /// How the connection stands.
    link: RwSignal<Link>,
) -> impl IntoView {
    let said = RwSignal::new(Said::Nothing);
    Effect::new(move || {
        let (link_now, said_now) = (link.get(), said.get());
        let (next, after) = said_now.next(link_now);
        if next == said_now {
            return;
        }
        // Said only if things still stand like that then.
        let say = move || {
            if link.try_get_untracked() == Some(link_now) && said.try_get_untracked() == Some(said_now) {
                said.set(next);
            }
        };
        set_timeout(say, after);
    });
    view! {
        <div class="link-notice" role="status" data-link=move || (said.get() != Said::Nothing).then_some("")>
            {move || match said.get() {
                Said::Nothing => ().into_any(),
                Said::Lost => {
                    view! {
                        <span class="chip-dot" data-tone="warn" aria-hidden="true"></span>
                        <span>"Connection lost. Reconnecting… What you see may be out of date."</span>
                    }
                        .into_any()
                }
                Said::Back => {
                    view! {
                        <Icon shape=Shape::Check />
                        <span>"Connected again. Everything is up to date."</span>
                    }
                        .into_any()
                }
                Said::SignedOut => {
                    view! {
                        <Icon shape=Shape::Alert />
                        <span>
                            "You are signed out, so this page no longer changes. " <a href="/sign-in">"Sign in"</a>
                        </span>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_and_the_return_are_said_once_each() {
        assert_eq!(Said::Nothing.next(Link::Opening).0, Said::Nothing);
        assert_eq!(Said::Nothing.next(Link::Live).0, Said::Nothing, "arriving is no return");
        assert_eq!(Said::Nothing.next(Link::Lost), (Said::Lost, WORTH_A_WORD));
        assert_eq!(Said::Lost.next(Link::Lost).0, Said::Lost);
        assert_eq!(Said::Lost.next(Link::Live), (Said::Back, Duration::ZERO));
        assert_eq!(Said::Back.next(Link::Live), (Said::Nothing, GOOD_NEWS));
        assert_eq!(Said::Lost.next(Link::SignedOut).0, Said::SignedOut);
    }
}
