//! What people see of collected posts.

mod collection_state;
mod post_card;
mod post_list;

pub use collection_state::CollectionState;
pub use post_card::PostCard;
pub use post_list::{POSTS_HEADING, PostList, Posts};
