//! The mailbox as the data plane uses it: names that only those know who know the session, and texts that nobody reads
//! who reads the mailbox.

use std::fmt::Write as _;
use std::sync::Arc;

use ostiary_auth::Sealer;
use sha2::{Digest as _, Sha256};

use crate::mailbox::Mailbox;

/// The way to and from the other processes.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub(crate) mailbox: Arc<dyn Mailbox>,
    sealer: Sealer,
}

impl Sealed {
    pub(crate) const fn new(mailbox: Arc<dyn Mailbox>, sealer: Sealer) -> Self {
        Self { mailbox, sealer }
    }

    /// A text for a name, and for no other.
    pub(crate) fn seal(&self, name: &str, text: &str) -> String {
        self.sealer.seal_text(text.as_bytes(), &bound_to(name))
    }

    /// The text under a name; none when it was not one of ours who left it there.
    pub(crate) fn open(&self, name: &str, sealed: &str) -> Option<String> {
        String::from_utf8(self.sealer.open_text(sealed, &bound_to(name)).ok()?.to_vec()).ok()
    }
}

/// The name of something of a kind, about a request of a session or another part of it.
pub(crate) fn name(kind: &str, session: &str, about: &str) -> String {
    let mut digest = Sha256::new();
    for part in [kind, session, about] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut name = String::with_capacity(40);
    for byte in digest.finalize().iter().take(20) {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

fn bound_to(name: &str) -> Vec<u8> {
    [b"left".as_slice(), name.as_bytes()].concat()
}
