//! "A test message": to whoever sets an installation up and wants to know whether its mail arrives.

use super::super::Message;
use url::Url;

/// Puts it in words. `base_url` is where the installation is.
pub fn test_message(base_url: &Url) -> Message {
    let host = base_url.host_str().unwrap_or("this machine");
    Message {
        subject: format!("A test message of Grantlink at {host}"),
        heading: "Mail of Grantlink arrives".to_owned(),
        paragraphs: vec![
            format!("Somebody who sets up Grantlink at {host} sent this to see whether its mail arrives. It does."),
            "If it lies among spam, look at SPF, DKIM and DMARC of the domain that it is from.".to_owned(),
        ],
        action: None,
        closing: vec!["There is nothing to do. If you do not run Grantlink, ignore this email.".to_owned()],
    }
}
