//! What is sealed with which key, and sealing it again.

use std::fmt;

use anyhow::Context as _;
use ostiary_auth::{Keyring, Purpose, SealedBy, Sealer};
use ostiary_storage::{SealedKind, SealedPlace, SealedValue, Store, Unrecorded};

use crate::first_run::Keys;

/// Values of one transaction: few, so that others wait hardly at all for their turn to write.
const PAGE: u32 = 100;

/// How much is sealed with which key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// With the key in use.
    pub current: u64,
    /// With the other key.
    pub other: u64,
    /// With neither.
    pub unknown: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { current, other, unknown } = self;
        write!(f, "{current} sealed with the key in use, {other} with the other key, {unknown} with neither")
    }
}

/// What opens and seals each kind of value.
struct Sealers {
    credentials: Sealer,
    totp_secrets: Sealer,
    answers: Sealer,
}

impl Sealers {
    fn new(keyring: &Keyring) -> Self {
        Self {
            credentials: keyring.sealer(Purpose::UpstreamCredentials),
            totp_secrets: keyring.sealer(Purpose::Totp),
            answers: keyring.sealer(Purpose::StoredAnswers),
        }
    }

    const fn of(&self, kind: SealedKind) -> &Sealer {
        match kind {
            SealedKind::Credentials => &self.credentials,
            SealedKind::TotpSecret => &self.totp_secrets,
            SealedKind::Answer => &self.answers,
        }
    }
}

/// What a value is sealed for.
fn associated(place: &SealedPlace) -> Vec<u8> {
    match place {
        SealedPlace::Credentials(_, server_id) => server_id.as_uuid().as_bytes().to_vec(),
        SealedPlace::TotpSecret(user_id) => user_id.as_uuid().as_bytes().to_vec(),
        SealedPlace::Answer(key) => key.place(),
    }
}

/// Counts what is sealed.
///
/// # Errors
///
/// Those of the database.
pub async fn count(store: &dyn Store, keys: &Keys) -> anyhow::Result<Count> {
    let sealers = Sealers::new(&keys.keyring());
    let mut count = Count::default();
    for kind in SealedKind::ALL {
        let mut after = None;
        loop {
            let page = store.list_sealed(kind, after.as_ref(), PAGE).await.context("cannot read what is sealed")?;
            for value in &page {
                match sealers.of(kind).sealed_by(&value.sealed) {
                    SealedBy::Current => count.current += 1,
                    SealedBy::Other => count.other += 1,
                    SealedBy::Unknown => count.unknown += 1,
                }
            }
            let Some(last) = page.into_iter().next_back() else { break };
            after = Some(last.place);
        }
    }
    Ok(count)
}

/// Seals everything with the key in use that the other one sealed; answers what is sealed with which key afterwards. May
/// be stopped and begun again at any time.
///
/// # Errors
///
/// Those of the database; a value that says it was sealed with the other key, and does not open.
pub async fn rotate(store: &dyn Store, keys: &Keys) -> anyhow::Result<Count> {
    let sealers = Sealers::new(&keys.keyring());
    for kind in SealedKind::ALL {
        let mut after = None;
        loop {
            let page = store.list_sealed(kind, after.as_ref(), PAGE).await.context("cannot read what is sealed")?;
            exchange(store, sealers.of(kind), &page).await?;
            let Some(last) = page.into_iter().next_back() else { break };
            after = Some(last.place);
        }
    }
    count(store, keys).await
}

async fn exchange(store: &dyn Store, sealer: &Sealer, page: &[SealedValue]) -> anyhow::Result<()> {
    let mut sealed = Vec::new();
    for value in page.iter().filter(|value| sealer.sealed_by(&value.sealed) == SealedBy::Other) {
        let associated = associated(&value.place);
        let plain = sealer.open(&value.sealed, &associated).with_context(|| format!("{:?}", value.place))?;
        sealed.push((value, sealer.seal(&plain, &associated)));
    }
    if sealed.is_empty() {
        return Ok(());
    }
    let mut transaction = store.begin().await.context("cannot write")?;
    for (before, sealed) in &sealed {
        // Changed meanwhile: whoever changed it has sealed it anew.
        transaction.reseal(before, sealed).await.context("cannot write")?;
    }
    transaction.commit(Unrecorded::Housekeeping.into()).await.context("cannot write")
}
