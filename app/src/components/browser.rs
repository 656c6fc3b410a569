//! The few things that screens ask of the browser. On the server each of them does nothing, but for the time.

#[cfg(feature = "hydrate")]
pub use inside::*;
#[cfg(not(feature = "hydrate"))]
pub use outside::*;

#[cfg(feature = "hydrate")]
mod inside {
    use crate::pages::FormProblem;
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{Document, HtmlElement};

    fn document() -> Option<Document> {
        web_sys::window()?.document()
    }

    /// Path plus query of the page.
    pub fn path_and_query() -> Option<String> {
        let location = web_sys::window()?.location();
        Some(location.pathname().ok()? + &location.search().ok()?)
    }

    /// Replaces the query of the page's address without loading anything.
    pub fn replace_query(query: &str) {
        if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
            // A browser may refuse very frequent changes; the tab is shown all the same.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(query));
        }
    }

    /// Takes the problem of a plain form out of the address, so that a reload does not tell it again.
    pub fn forget_form_problem() {
        let Some(path) = path_and_query() else { return };
        if let Some((path, query)) = path.split_once('?').filter(|(_, query)| query.contains(FormProblem::QUERY)) {
            let kept = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != FormProblem::QUERY);
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
            replace_query(&format!("{path}?{query}"));
        }
    }

    /// Whether nobody can see the page: another tab is in front, or the window is minimized.
    pub fn is_hidden() -> bool {
        document().is_some_and(|document| document.hidden())
    }

    /// Loads another page.
    pub fn go(path: &str) {
        if let Some(window) = web_sys::window() {
            let _ = window.location().set_href(path);
        }
    }

    fn element(id: &str) -> Option<HtmlElement> {
        document()?.get_element_by_id(id)?.dyn_into().ok()
    }

    /// Gives the keyboard to the element with that id. Answers whether there is one.
    pub fn focus(id: &str) -> bool {
        element(id).is_some_and(|element| element.focus().is_ok())
    }

    /// Gives the keyboard to an element that the change under way may only be making.
    pub fn focus_later(id: String) {
        after_this_change(move || {
            focus(&id);
        });
    }

    /// Does something once the page shows the change under way. That is in a moment, so that nobody has begun elsewhere
    /// by then; the next frame may be far on a busy machine, and never comes to a page that nobody sees.
    fn after_this_change(act: impl FnOnce() + 'static) {
        leptos::prelude::set_timeout(act, std::time::Duration::ZERO);
    }

    /// Whether the keyboard is inside the element with that id, or nowhere.
    pub fn may_move_focus_from(id: &str) -> bool {
        let Some(active) = document().and_then(|document| document.active_element()) else { return true };
        active.tag_name() == "BODY" || element(id).is_some_and(|element| element.contains(Some(&active)))
    }

    /// Whether the keyboard is inside the element with that id.
    pub fn has_focus(id: &str) -> bool {
        let active = document().and_then(|document| document.active_element());
        active.is_some_and(|active| element(id).is_some_and(|element| element.contains(Some(&active))))
    }

    /// Gives the keyboard back to where it is now, should the change under way take it: a browser drops it from an
    /// element that moves within the page.
    pub fn hold_focus() {
        let active = || document().and_then(|document| document.active_element());
        let nowhere = |element: &web_sys::Element| element.tag_name() == "BODY" || element.id().is_empty();
        let Some(id) = active().filter(|element| !nowhere(element)).map(|element| element.id()) else { return };
        after_this_change(move || {
            if active().is_none_or(|element| element.tag_name() == "BODY") {
                focus(&id);
            }
        });
    }

    /// Whether the fold with that id is open.
    pub fn is_open(id: &str) -> bool {
        element(id).is_some_and(|element| element.has_attribute("open"))
    }

    /// Closes the fold with that id.
    pub fn close(id: &str) {
        if let Some(element) = element(id) {
            let _ = element.remove_attribute("open");
        }
    }

    /// Now, in milliseconds since 1970 UTC.
    pub fn now() -> i64 {
        js_sys::Date::now() as i64
    }

    /// Copies a text and says whether the browser let it.
    pub fn copy(text: &str, then: impl FnOnce(bool) + 'static) {
        // Absent where the page came over an address that browsers do not trust.
        let clipboard = js_sys::Reflect::get(&window_value(), &"navigator".into())
            .and_then(|navigator| js_sys::Reflect::get(&navigator, &"clipboard".into()));
        let Some(clipboard) = clipboard.ok().and_then(|found| found.dyn_into::<web_sys::Clipboard>().ok()) else {
            return then(false);
        };
        let written = wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text));
        wasm_bindgen_futures::spawn_local(async move { then(written.await.is_ok()) });
    }

    /// Turns what is typed in a field to upper case; the caret stays where it is.
    pub fn upper_case(field: &web_sys::HtmlInputElement) {
        let (typed, caret) = (field.value(), field.selection_start().ok().flatten());
        let upper = typed.to_ascii_uppercase();
        if upper != typed {
            field.set_value(&upper);
            let _ = field.set_selection_start(caret);
            let _ = field.set_selection_end(caret);
        }
    }

    fn window_value() -> JsValue {
        web_sys::window().map_or(JsValue::UNDEFINED, JsValue::from)
    }

    /// Remembers a fact for as long as this browser tab is open.
    pub fn remember(name: &str) {
        if let Some(storage) = storage() {
            let _ = storage.set_item(name, "1");
        }
    }

    /// Whether [`remember`] was called for it in this browser tab.
    pub fn remembers(name: &str) -> bool {
        storage().is_some_and(|storage| storage.get_item(name).ok().flatten().is_some())
    }

    fn storage() -> Option<web_sys::Storage> {
        web_sys::window()?.session_storage().ok()?
    }

    /// Sets the document's title.
    pub fn set_title(title: &str) {
        if let Some(document) = document() {
            document.set_title(title);
        }
    }

    /// Marks the document as taken over, for tests and styles.
    pub fn mark_hydrated() {
        if let Some(root) = document().and_then(|document| document.document_element()) {
            let _ = root.set_attribute("data-hydrated", "");
        }
    }

    /// Minutes by which local time is ahead of UTC at a moment (milliseconds since 1970).
    pub fn minutes_ahead_of_utc(at: i64) -> i64 {
        -js_sys::Date::new(&JsValue::from_f64(at as f64)).get_timezone_offset() as i64
    }
}

#[cfg(not(feature = "hydrate"))]
mod outside {
    //! See `inside`.
    #![allow(missing_docs)]

    pub fn path_and_query() -> Option<String> {
        None
    }
    pub fn replace_query(_: &str) {}
    pub fn forget_form_problem() {}
    pub fn is_hidden() -> bool {
        false
    }
    pub fn go(_: &str) {}
    pub fn focus(_: &str) -> bool {
        false
    }
    pub fn focus_later(_: String) {}
    pub fn may_move_focus_from(_: &str) -> bool {
        false
    }
    pub fn has_focus(_: &str) -> bool {
        false
    }
    pub fn hold_focus() {}
    pub fn is_open(_: &str) -> bool {
        false
    }
    pub fn close(_: &str) {}
    pub fn now() -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
    pub fn copy(_: &str, _: impl FnOnce(bool) + 'static) {}
    pub fn upper_case<T>(_: &T) {}
    pub fn remember(_: &str) {}
    pub fn remembers(_: &str) -> bool {
        false
    }
    pub fn set_title(_: &str) {}
    pub fn mark_hydrated() {}
    pub fn minutes_ahead_of_utc(_: i64) -> i64 {
        0
    }
}
