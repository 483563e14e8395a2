//! The components on one page, for whoever designs or reviews them. It exists where the sandbox does, and is rendered
//! on the server alone: the browser's half carries nothing of it.

pub mod page;
