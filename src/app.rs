//! The component tree: what every page shares, and which address shows which screen.
//! The server renders it inside `shell`; the browser takes over the same tree.

#[cfg(feature = "ssr")]
mod shell;

#[cfg(feature = "ssr")]
pub use shell::{components_shell, shell};

use crate::{
    pages::{
        account::page::AccountScreen,
        accounts::page::AccountsScreen,
        attempt::page::AttemptScreen,
        audit::page::AuditScreen,
        callback::page::CallbackScreen,
        checklist::page::ChecklistScreen,
        connect::page::ConnectScreen,
        connect_links::page::ConnectLinksScreen,
        dashboard::page::DashboardScreen,
        delete_link::page::DeleteLinkScreen,
        deletion::page::DeletionScreen,
        disconnect::page::DisconnectScreen,
        forgot_password::page::ForgotPasswordScreen,
        invitation::page::InvitationScreen,
        members::page::{LeaveScreen, MembersScreen, RemoveMemberScreen, TransferScreen},
        new_connection::page::{AddAccountScreen, NewConnectionScreen, RequestAccessScreen},
        not_found::page::NotFoundScreen,
        plan::page::PlanScreen,
        reminders::page::RemindersScreen,
        reset_password::page::ResetPasswordScreen,
        settings::page::{DeleteOrganizationScreen, SettingsScreen},
        sign_in::page::SignInScreen,
        sign_up::page::SignUpScreen,
        trouble::page::TroubleScreen,
        two_factor::page::TwoFactorScreen,
        verify_email::page::VerifyEmailScreen,
        withdraw_request::page::WithdrawRequestScreen,
        you::page::YouScreen,
    },
    ui::site::Site,
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// The whole product. Every page is rendered in full before the first byte goes out: the status is right, and
/// nothing on it waits for JavaScript.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // The server has it from its settings and the request; the browser finds it in the page.
    provide_context(SharedValue::new(|| use_context::<Site>().unwrap_or_default()).into_inner());

    // Effects run in the browser only, and after the tree has been taken over: from here on everything answers.
    Effect::new(|_| {
        if let Some(html) = document().document_element() {
            let _ = html.set_attribute("data-hydrated", "");
        }
    });

    view! {
        <Title formatter=|title: String| page_title(&title) />
        <Router>
            <Routes fallback=NotFoundScreen>
                <Route path=path!("/sign-up") view=SignUpScreen ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=SignInScreen ssr=SsrMode::Async />
                <Route path=path!("/sign-in/two-factor") view=TwoFactorScreen ssr=SsrMode::Async />
                <Route path=path!("/forgot-password") view=ForgotPasswordScreen ssr=SsrMode::Async />
                <Route path=path!("/reset-password/:token") view=ResetPasswordScreen ssr=SsrMode::Async />
                <Route path=path!("/verify-email/:token") view=VerifyEmailScreen ssr=SsrMode::Async />
                <Route path=path!("/invitations/:token") view=InvitationScreen ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=DashboardScreen ssr=SsrMode::Async>
                    <ParentRoute path=path!("/accounts") view=AccountsScreen ssr=SsrMode::Async>
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <ParentRoute path=path!("connect-links") view=ConnectLinksScreen ssr=SsrMode::Async>
                            <Route path=path!("") view=|| () ssr=SsrMode::Async />
                            <Route path=path!(":id/delete") view=DeleteLinkScreen ssr=SsrMode::Async />
                        </ParentRoute>
                        <Route path=path!("new") view=NewConnectionScreen ssr=SsrMode::Async />
                        <Route path=path!("new/account") view=AddAccountScreen ssr=SsrMode::Async />
                        <Route path=path!("new/request") view=RequestAccessScreen ssr=SsrMode::Async />
                        <Route path=path!(":id/withdraw") view=WithdrawRequestScreen ssr=SsrMode::Async />
                        <Route path=path!(":id/disconnect") view=DisconnectScreen ssr=SsrMode::Async />
                    </ParentRoute>
                    // Below those: the first that fits is taken.
                    <Route path=path!("/accounts/:id") view=AccountScreen ssr=SsrMode::Async />
                    <ParentRoute path=path!("/members") view=MembersScreen ssr=SsrMode::Async>
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!("leave") view=LeaveScreen ssr=SsrMode::Async />
                        <Route path=path!(":user/remove") view=RemoveMemberScreen ssr=SsrMode::Async />
                        <Route path=path!(":user/transfer") view=TransferScreen ssr=SsrMode::Async />
                    </ParentRoute>
                    <Route path=path!("/audit") view=AuditScreen ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=SettingsScreen ssr=SsrMode::Async />
                    <Route path=path!("/settings/delete") view=DeleteOrganizationScreen ssr=SsrMode::Async />
                    <Route path=path!("/plan") view=PlanScreen ssr=SsrMode::Async />
                    <Route path=path!("/checklist") view=ChecklistScreen ssr=SsrMode::Async />
                    <Route path=path!("/you") view=YouScreen ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("/connect/attempt/:id") view=AttemptScreen ssr=SsrMode::Async />
                <Route path=path!("/connect/:token") view=ConnectScreen ssr=SsrMode::Async />
                <Route path=path!("/deletion/:code") view=DeletionScreen ssr=SsrMode::Async />
                <Route path=path!("/reminders/:token") view=RemindersScreen ssr=SsrMode::Async />
                <Route path=path!("/oauth/instagram/callback") view=CallbackScreen ssr=SsrMode::Async />
                <Route path=path!("/trouble") view=TroubleScreen ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

/// The text of the `<title>`. On the server it becomes markup, and leptos_meta 0.9.0-rc1 does not escape it: the name of
/// an organization stands in it, so this does (A58). The browser sets it as text, where nothing needs escaping.
fn page_title(title: &str) -> String {
    #[cfg(feature = "ssr")]
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    format!("{title} · Grantlink")
}
