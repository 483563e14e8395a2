//! What people see of links.

mod delete_link_form;
mod generate_form;
mod link_list;
mod made_link;
mod reconnect_actions;
mod request_actions;
mod request_form;
mod request_url;
mod withdraw_request_form;

pub use delete_link_form::DeleteLinkForm;
pub use generate_form::GenerateForm;
pub use link_list::{LINKS_HEADING, LinkList};
pub use made_link::MadeLink;
pub use reconnect_actions::ReconnectActions;
pub use request_actions::RequestActions;
pub use request_form::RequestForm;
pub use withdraw_request_form::WithdrawRequestForm;

use crate::links::model::LinkView;

/// What a link is called: its description, or the want of one.
pub fn title(link: &LinkView) -> String {
    if link.description.is_empty() { "No description".to_owned() } else { link.description.clone() }
}
