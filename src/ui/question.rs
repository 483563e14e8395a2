//! A question over a page, before something ends: what it concerns, what happens, the answer that does it, "Cancel".
//! Where the thing is gone meanwhile, or cannot be looked up, it says so instead of asking.

use super::{CancelButton, Dialog, ErrorView, focus_soon};
use crate::error::AppError;
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The question's dialog. It leaves for `close_path` when it is closed, and when the answer went through.
#[component]
pub fn Question<T, Finding, View>(
    /// The question.
    heading: &'static str,
    /// The page below.
    close_path: &'static str,
    /// Looks up what it concerns; `None` when there is no such thing (any more).
    find: impl Fn() -> Finding + Send + 'static,
    /// What is said then.
    gone: impl Fn() -> &'static str + Clone + Send + 'static,
    /// What ends, and the form that ends it.
    ask: impl Fn(T) -> View + Clone + Send + 'static,
    /// Whether the answer went through.
    #[prop(into)]
    done: Signal<bool>,
    /// Told of that before the question leaves.
    #[prop(into)]
    on_done: Callback<()>,
    /// The id of what takes the focus then.
    focus_after: &'static str,
) -> impl IntoView
where
    T: Send + 'static,
    Finding: Future<Output = Result<Option<T>, AppError>> + Send + 'static,
    View: IntoView + 'static,
{
    let navigate = use_navigate();
    let leave = move |()| {
        navigate(close_path, NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() });
    };
    Effect::new({
        let leave = leave.clone();
        move |_| {
            if done.get() {
                on_done.run(());
                leave(());
                focus_soon(focus_after.to_owned());
            }
        }
    });
    view! {
        <Title text=heading />
        <Dialog heading open=Signal::stored(true) on_close=Callback::new(leave) alert=true close_path>
            <Suspense fallback=|| view! { <p role="status">"Loading…"</p> }>
                {move || {
                    let (finding, ask, gone) = (find(), ask.clone(), gone.clone());
                    Suspend::new(async move {
                        match finding.await {
                            Ok(Some(thing)) => EitherOf3::A(ask(thing)),
                            Ok(None) => {
                                EitherOf3::B(
                                    view! {
                                        <p>{gone()}</p>
                                        <CancelButton close_path />
                                    },
                                )
                            }
                            Err(error) => {
                                EitherOf3::C(
                                    view! {
                                        <ErrorView error />
                                        <CancelButton close_path />
                                    },
                                )
                            }
                        }
                    })
                }}
            </Suspense>
        </Dialog>
    }
}

/// Below a question: why the answer did not go through, "Cancel", and the form of the answer.
#[component]
pub fn Answers(
    /// The page below the question.
    close_path: &'static str,
    /// Why it did not go through.
    #[prop(into)]
    error: Signal<Option<AppError>>,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        {move || error.get().map(|error| view! { <ErrorView error /> })}
        <div class="dialog-actions">
            <CancelButton close_path />
            {children()}
        </div>
    }
}
