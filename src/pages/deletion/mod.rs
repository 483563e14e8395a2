//! What became of somebody's request, through Instagram, to have data deleted. For whoever has its code.

pub mod page;
