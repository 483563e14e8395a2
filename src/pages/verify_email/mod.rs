//! Where somebody confirms that an address is theirs. For whoever has the link in the mail to it.

pub mod page;
