//! What people see of what happened: the entries, and the form that chooses among them.

mod entry_list;
mod filter_form;

pub use entry_list::EntryList;
pub use filter_form::FilterForm;
