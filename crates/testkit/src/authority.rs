//! A certificate authority of one test, and the certificate of a server that it vouches for.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// An authority that nobody else trusts, with one server: `localhost` and 127.0.0.1. In files, as servers take them.
#[derive(Debug)]
pub struct TestAuthority {
    dir: tempfile::TempDir,
}

impl TestAuthority {
    /// Makes the keys and the certificates.
    ///
    /// # Panics
    ///
    /// When they cannot be made or written.
    #[must_use]
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut root = CertificateParams::new(Vec::<String>::new()).expect("no names");
        root.distinguished_name.push(DnType::CommonName, "authority of a test");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = root.self_signed(&key).expect("a certificate");
        let issuer = Issuer::new(root, key);
        let server_key = KeyPair::generate().expect("a key");
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let server =
            CertificateParams::new(names).expect("names").signed_by(&server_key, &issuer).expect("a certificate");
        let made = Self { dir: tempfile::tempdir().expect("a directory") };
        for (path, text) in [
            (made.root(), certificate.pem()),
            (made.certificate(), server.pem()),
            (made.key(), server_key.serialize_pem()),
        ] {
            fs::write(path, text).expect("a file");
        }
        // A server that runs as another user finds them; it believes no key that others can read.
        let modes = [(made.dir.path().to_owned(), 0o755), (made.key(), 0o600)];
        for (path, mode) in modes {
            fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions");
        }
        made
    }

    /// The authority's own certificate.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.dir.path().join("root.pem")
    }

    /// The server's certificate.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.dir.path().join("server.pem")
    }

    /// The server's key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.dir.path().join("server.key")
    }
}

impl Default for TestAuthority {
    fn default() -> Self {
        Self::new()
    }
}
