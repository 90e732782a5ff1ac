//! The scripts, and calls of them.

use std::sync::LazyLock;

use redis::Cmd;

/// One script, known to a server by the hash of its source.
#[derive(Debug)]
pub(super) struct Script {
    source: String,
    hash: String,
}

/// One call of a script: all its keys are of one shard.
#[derive(Debug)]
pub(super) struct Call {
    script: &'static Script,
    keys: Vec<String>,
    args: Vec<String>,
}

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)+) => {
        $($(#[$doc])*
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!(include_str!("script/prelude.lua"), include_str!($file))));)+
    };
}

scripts! {
    /// Freshness, limits and record of one call.
    ADMIT = "script/admit.lua";
    /// Moves an epoch on.
    ADVANCE = "script/advance.lua";
    /// Answers an epoch.
    CURRENT = "script/current.lua";
    /// Says how far records are.
    KEPT = "script/kept.lua";
    /// Ends calls.
    SETTLE = "script/settle.lua";
    /// Prolongs leases.
    RENEW = "script/renew.lua";
    /// Counts calls in flight.
    IN_FLIGHT = "script/in_flight.lua";
    /// Reads records.
    READ = "script/read.lua";
    /// Removes records.
    REMOVE = "script/remove.lua";
    /// Counts records.
    WAITING = "script/waiting.lua";
    /// Makes a counter that was kept elsewhere.
    CARRY = "script/carry.lua";
    /// Says that a shard's counters are whole.
    WHOLE = "script/whole.lua";
    /// Gives up a shard.
    LEAVE = "script/leave.lua";
    /// Leaves a text for other replicas.
    PUT = "script/put.lua";
    /// Takes texts of other replicas.
    TAKE = "script/take.lua";
    /// Answers a text of another replica.
    LOOK = "script/look.lua";
    /// Shares a text with other replicas.
    SHARE = "script/share.lua";
    /// Answers what replicas share.
    SHARED = "script/shared.lua";
    /// Takes back what is shared.
    UNSHARE = "script/unshare.lua";
    /// Answers under which names something is shared.
    WHICH = "script/which.lua";
    /// Puts a note beside what is shared.
    NOTE = "script/note.lua";
}

impl Script {
    fn new(source: &str) -> Self {
        Self { source: source.to_owned(), hash: redis::Script::new(source).get_hash().to_owned() }
    }

    /// A call of it on these keys.
    pub(super) const fn on(&'static self, keys: Vec<String>) -> Call {
        Call { script: self, keys, args: Vec::new() }
    }
}

impl Call {
    pub(super) fn key(&mut self, key: String) {
        self.keys.push(key);
    }

    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts read better without a reference")]
    pub(super) fn arg(&mut self, arg: impl ToString) {
        self.args.push(arg.to_string());
    }

    /// Takes an argument back, when the call is over.
    pub(super) fn take(&mut self, number: usize) -> String {
        self.args.get_mut(number).map(std::mem::take).unwrap_or_default()
    }

    /// With one more argument.
    #[must_use]
    pub(super) fn with(mut self, arg: impl ToString) -> Self {
        self.arg(arg);
        self
    }

    /// The command for a server that has the script.
    pub(super) fn by_hash(&self) -> Cmd {
        self.command("EVALSHA", &self.script.hash)
    }

    /// The command for a server that does not; it keeps the script.
    pub(super) fn by_source(&self) -> Cmd {
        self.command("EVAL", &self.script.source)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let texts = || self.keys.iter().chain(&self.args);
        // The name of the command, the script and the number of keys, with four bytes beside each text.
        let bytes = script.len() + 64 + texts().map(|text| text.len() + 4).sum::<usize>();
        let mut command = Cmd::with_capacity(texts().count() + 3, bytes);
        command.arg(name).arg(script).arg(self.keys.len()).arg(&self.keys).arg(&self.args);
        command
    }
}
