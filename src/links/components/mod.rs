//! What people see of links.

mod delete_link_form;
mod generate_form;
mod link_list;
mod made_link;

pub use delete_link_form::DeleteLinkForm;
pub use generate_form::GenerateForm;
pub use link_list::{LINKS_HEADING, LinkList};
pub use made_link::MadeLink;

use crate::links::model::LinkView;

/// What a link is called: its description, or the want of one.
pub fn title(link: &LinkView) -> String {
    if link.description.is_empty() { "No description".to_owned() } else { link.description.clone() }
}
