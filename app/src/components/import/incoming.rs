//! What reaches the area of an import by paste and drop. On the server nothing does.

use domain::limits;

/// Where something was pasted.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "only browsers make them"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// Outside of every field.
    Page,
    /// Into the field of a slot's value.
    Value,
    /// Into the text of an import.
    Text,
}

/// What came.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "only browsers make them"))]
pub enum Incoming {
    /// A text to preview.
    Text(String),
    /// Something that cannot be read, and why.
    Refused(String),
    /// A file is held over the area, or no longer.
    Hover(bool),
}

/// Why a text is too long.
pub fn too_long() -> String {
    format!("It is longer than {} KiB, which no env file is.", limits::IMPORT_BYTES / 1024)
}

#[cfg(feature = "hydrate")]
pub use inside::*;
#[cfg(not(feature = "hydrate"))]
pub use outside::*;

#[cfg(feature = "hydrate")]
mod inside {
    use super::{Incoming, Where, too_long};
    use crate::api::import::digest::NONCE_BYTES;
    use domain::limits;
    use leptos::ev;
    use leptos::prelude::*;
    use std::rc::Rc;
    use wasm_bindgen::JsCast;
    use web_sys::{DataTransfer, DragEvent, Element, File, HtmlElement};

    /// A random number that nobody else has.
    pub fn nonce() -> Option<[u8; NONCE_BYTES]> {
        let mut bytes = [0; NONCE_BYTES];
        web_sys::window()?.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Reads the file that was chosen in a field.
    pub fn read_chosen(field: &web_sys::HtmlInputElement, take: impl Fn(Incoming) + 'static) {
        if let Some(file) = field.files().and_then(|files| files.get(0)) {
            read(file, Rc::new(take));
        }
        field.set_value("");
    }

    /// Listens until the owner is gone.
    pub fn listen(area: String, wants: impl Fn(&str, Where) -> bool + 'static, take: impl Fn(Incoming) + 'static) {
        let take: Rc<dyn Fn(Incoming)> = Rc::new(take);
        let (paste, over, leave, drop) = (area.clone(), area.clone(), area.clone(), area);
        let (pasted, hovered, left, dropped) = (take.clone(), take.clone(), take.clone(), take);
        let handles = [
            window_event_listener(ev::paste, move |event| {
                let Some(at) = element_of(event.target()).and_then(|target| place_of(&paste, &target)) else { return };
                let Some(data) = event.clipboard_data() else { return };
                if let Some(file) = only_file(&data) {
                    if at != Where::Value {
                        event.prevent_default();
                        read(file, pasted.clone());
                    }
                    return;
                }
                let text = data.get_data("text/plain").unwrap_or_default();
                if wants(&text, at) {
                    event.prevent_default();
                    pasted(Incoming::Text(text));
                }
            }),
            window_event_listener(ev::dragover, move |event| {
                if has_files(&event) {
                    // Dropped beside the area, the browser would leave the page for the file.
                    event.prevent_default();
                    hovered(Incoming::Hover(is_within(&over, &event)));
                }
            }),
            window_event_listener(ev::dragleave, move |event| {
                if element_of(event.related_target()).is_none_or(|to| !contains(&leave, &to)) {
                    left(Incoming::Hover(false));
                }
            }),
            window_event_listener(ev::drop, move |event| {
                if !has_files(&event) {
                    return;
                }
                event.prevent_default();
                dropped(Incoming::Hover(false));
                if !is_within(&drop, &event) {
                    return;
                }
                match event.data_transfer().and_then(|data| only_file(&data)) {
                    Some(file) => read(file, dropped.clone()),
                    None => dropped(Incoming::Refused("Drop one file at a time.".to_owned())),
                }
            }),
        ];
        on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
    }

    fn only_file(data: &DataTransfer) -> Option<File> {
        let files = data.files()?;
        if files.length() == 1 { files.get(0) } else { None }
    }

    fn has_files(event: &DragEvent) -> bool {
        event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
    }

    fn read(file: File, take: Rc<dyn Fn(Incoming)>) {
        if file.size() > limits::IMPORT_BYTES as f64 {
            return take(Incoming::Refused(too_long()));
        }
        let text = wasm_bindgen_futures::JsFuture::from(file.text());
        wasm_bindgen_futures::spawn_local(async move {
            let text = text.await.ok().and_then(|text| text.as_string());
            take(match text {
                Some(text) if text.contains(['\u{fffd}', '\0']) => {
                    Incoming::Refused("This file is no text in UTF-8. Save it as UTF-8, then try again.".to_owned())
                }
                Some(text) => Incoming::Text(text),
                None => Incoming::Refused("The file could not be read.".to_owned()),
            });
        });
    }

    fn element_of(target: Option<web_sys::EventTarget>) -> Option<Element> {
        target?.dyn_into().ok()
    }

    fn area_of(area: &str) -> Option<HtmlElement> {
        web_sys::window()?.document()?.get_element_by_id(area)?.dyn_into().ok()
    }

    fn contains(area: &str, element: &Element) -> bool {
        area_of(area).is_some_and(|area| area.contains(Some(element)))
    }

    fn is_within(area: &str, event: &DragEvent) -> bool {
        element_of(event.target()).is_some_and(|target| contains(area, &target))
    }

    /// Where a paste on this element goes, if it concerns the area: what is pasted outside of every area concerns the
    /// first one that can be seen.
    fn place_of(area: &str, target: &Element) -> Option<Where> {
        let field = target.closest("input, textarea, select, [contenteditable]").ok().flatten();
        let inside = contains(area, target);
        match field {
            Some(field) if inside && field.class_list().contains("value-field") => Some(Where::Value),
            Some(field) if inside && field.class_list().contains("import-text") => Some(Where::Text),
            // Boxes and choices take no text.
            Some(field) if takes_text(&field) => None,
            _ if inside => Some(Where::Page),
            _ => {
                let elsewhere = target.closest("[data-import-area]").ok().flatten().is_some();
                (!elsewhere && is_first_visible(area)).then_some(Where::Page)
            }
        }
    }

    fn takes_text(field: &Element) -> bool {
        let kind = field.get_attribute("type").unwrap_or_default();
        let is_box = field.tag_name() == "INPUT" && matches!(kind.as_str(), "checkbox" | "radio" | "file" | "button");
        !(is_box || field.tag_name() == "SELECT")
    }

    fn is_first_visible(area: &str) -> bool {
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return false };
        let Ok(all) = document.query_selector_all("[data-import-area]") else { return false };
        let visible = (0..all.length())
            .filter_map(|index| all.get(index)?.dyn_into::<HtmlElement>().ok())
            .find(|element| element.offset_parent().is_some());
        visible.is_some_and(|element| element.id() == area)
    }
}

#[cfg(not(feature = "hydrate"))]
mod outside {
    //! See `inside`.
    #![allow(missing_docs)]

    use super::{Incoming, Where};
    use crate::api::import::digest::NONCE_BYTES;

    pub fn nonce() -> Option<[u8; NONCE_BYTES]> {
        None
    }
    pub fn read_chosen(_: &leptos::web_sys::HtmlInputElement, _: impl Fn(Incoming) + 'static) {}
    pub fn listen(_: String, _: impl Fn(&str, Where) -> bool + 'static, _: impl Fn(Incoming) + 'static) {}
}
