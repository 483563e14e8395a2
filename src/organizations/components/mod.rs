//! What people see of organizations: their members, who is invited, and the switch from one to another.

mod invitation_list;
mod invite_form;
mod leave_form;
mod member_list;
mod password_field;
mod remove_member_form;
mod role_words;
mod row_error;
mod switcher;
mod transfer_form;
mod window;

pub use invitation_list::{INVITATIONS_HEADING, InvitationList};
pub use invite_form::InviteForm;
pub use leave_form::LeaveForm;
pub use member_list::{MemberList, may_remove, may_transfer_to};
pub use remove_member_form::RemoveMemberForm;
pub use role_words::{Roles, role_allows};
pub use switcher::OrganizationSwitcher;
pub use transfer_form::TransferForm;
pub use window::{WindowField, WindowOf};
