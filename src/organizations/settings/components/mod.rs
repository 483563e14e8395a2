//! What people see of an organization's settings: its own colour, logo and support address on the pages of its clients,
//! the form that changes them with a picture of what clients will see beside it, and the form that ends it all.

mod brand;
mod delete_form;
mod preview;
mod questions;
mod settings_form;

pub use brand::{BrandMark, Branded};
pub use delete_form::DeleteOrganizationForm;
pub use questions::Questions;
pub use settings_form::SettingsForm;
