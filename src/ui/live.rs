//! The browser's end of the server's event stream: a page listens, and asks the server for what changed.
//! The stream says only that something changed; what a member may see is decided by the answer to the question.

/// What a page hears of the stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Heard {
    /// The stream is there, for the first time or again. Whatever happened before has gone by unheard.
    Opened,
    /// One of the events the page asked for, by its name.
    Event(&'static str),
    /// The server refused the stream: there will be no more events until the page is reloaded.
    /// (A lost connection is no news: the browser tries again by itself.)
    Ended,
}

/// Listens to the stream at `path` for events of these names while the calling component is in the page.
/// Does nothing on the server.
pub fn listen(path: &'static str, names: &'static [&'static str], heard: impl Fn(Heard) + 'static) {
    #[cfg(feature = "hydrate")]
    browser::listen(path, names, heard);
    #[cfg(not(feature = "hydrate"))]
    let _ = (path, names, heard);
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::Heard;
    use leptos::prelude::*;
    use std::rc::Rc;
    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{Event, EventSource};

    type Listener = Closure<dyn Fn(Event)>;

    /// An open stream; closed when its component leaves the page.
    struct Stream {
        source: EventSource,
        _listeners: Vec<Listener>,
    }

    impl Drop for Stream {
        fn drop(&mut self) {
            self.source.close();
        }
    }

    pub(super) fn listen(path: &'static str, names: &'static [&'static str], heard: impl Fn(Heard) + 'static) {
        let Ok(source) = EventSource::new(path) else {
            heard(Heard::Ended);
            return;
        };
        let heard = Rc::new(heard);
        let opened = {
            let heard = Rc::clone(&heard);
            Listener::new(move |_| heard(Heard::Opened))
        };
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        let failed = {
            let (heard, source) = (Rc::clone(&heard), source.clone());
            Listener::new(move |_| {
                if source.ready_state() == EventSource::CLOSED {
                    heard(Heard::Ended);
                }
            })
        };
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        let mut listeners = vec![opened, failed];
        for &name in names {
            let heard = Rc::clone(&heard);
            let named = Listener::new(move |_| heard(Heard::Event(name)));
            // Fails only on targets that are no event targets.
            let _ = source.add_event_listener_with_callback(name, named.as_ref().unchecked_ref());
            listeners.push(named);
        }
        // Stays with the component that listens, and is dropped with it.
        StoredValue::new_local(Stream { source, _listeners: listeners });
    }
}
