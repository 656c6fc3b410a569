//! Parts of a page that are made anew when what they read changes.

use leptos::tachys::reactive_graph::SharedReactiveFunction;
use std::sync::{Arc, Mutex};

/// Such a part. A bare closure would do the same, as a type of its own for which the browser gets code of its own; these
/// share one. (Closures that are written inside of `view!` do so by themselves.)
pub fn reactive<T: 'static>(part: impl FnMut() -> T + Send + 'static) -> SharedReactiveFunction<T> {
    Arc::new(Mutex::new(part))
}
