//! Confinement by the kernel: namespaces of its own for network, processes and users, Landlock for files, and bounds on
//! what it may use up.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use landlock::{
    ABI, Access as _, AccessFs, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _,
    RulesetStatus, Scope, path_beneath_rules,
};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::{set_no_new_privs, set_pdeathsig};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{getgid, getuid};

use super::ConfinedArgs;

/// What programs of the system read, and nothing that anybody would keep a secret in.
const SYSTEM: [&str; 18] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/nix",
    "/proc",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/ssl",
    "/dev/random",
    "/dev/urandom",
];
/// What they write to that keeps nothing.
const SINKS: [&str; 2] = ["/dev/null", "/dev/zero"];

/// Seconds of processor time, bytes of memory that it has written to, bytes of a file, open files, and processes.
const BOUNDS: [(Resource, u64); 6] = [
    (Resource::RLIMIT_CPU, 120),
    (Resource::RLIMIT_DATA, 4 << 30),
    (Resource::RLIMIT_FSIZE, 64 << 20),
    (Resource::RLIMIT_NOFILE, 512),
    (Resource::RLIMIT_NPROC, 512),
    (Resource::RLIMIT_CORE, 0),
];

pub(super) fn run(args: &ConfinedArgs) -> anyhow::Result<ExitCode> {
    if args.inner { become_it(args) } else { enter_namespaces(args) }
}

/// Makes the namespaces, and the first process in them; ends when it ends.
fn enter_namespaces(args: &ConfinedArgs) -> anyhow::Result<ExitCode> {
    // It must not outlive the process that reads from it.
    set_pdeathsig(Signal::SIGKILL)?;
    let (user, group) = (getuid(), getgid());
    let own = CloneFlags::CLONE_NEWUSER
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    unshare(own).context("this system gives out no namespaces, so that the network cannot be taken away")?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    let mut inner = Command::new("/proc/self/exe");
    inner.args(["catalogue", "confined", "--inner", "--home"]).arg(&args.home);
    for path in &args.read {
        inner.arg("--read").arg(path);
    }
    let status = inner.arg("--").args(&args.command).status().context("no process can be started")?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Gives up everything else and becomes the program. It is the first process of its namespace: what it starts ends with
/// it.
fn become_it(args: &ConfinedArgs) -> anyhow::Result<ExitCode> {
    set_pdeathsig(Signal::SIGKILL)?;
    set_no_new_privs()?;
    for (resource, bound) in BOUNDS {
        setrlimit(resource, bound, bound).context("the system takes no bounds")?;
    }
    restrict(&args.home, &args.read)?;
    let Some((program, rest)) = args.command.split_first() else { bail!("no command") };
    let error = Command::new(program).args(rest).exec();
    Err(error)
        .with_context(|| format!("{} cannot be started; is where it is among `--read`?", Path::new(program).display()))
}

/// Leaves it the system's files and `read` to read, and `home` to write to.
fn restrict(home: &Path, read: &[PathBuf]) -> anyhow::Result<()> {
    const WANTED: ABI = ABI::V6;
    let readable = SYSTEM.iter().map(Path::new).chain(read.iter().map(PathBuf::as_path));
    let writable = SINKS.iter().map(Path::new).chain([home]);
    let rules = || -> Result<_, landlock::RulesetError> {
        Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(ABI::V1))?
            // Later kernels can take more away.
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(WANTED))?
            .scope(Scope::from_all(WANTED))?
            .create()?
            .add_rules(path_beneath_rules(readable, AccessFs::from_read(WANTED)))?
            .add_rules(path_beneath_rules(writable, AccessFs::from_all(WANTED)))?
            .restrict_self()
    };
    let status = rules().context("this system has no Landlock, so that files cannot be taken away")?;
    if status.ruleset == RulesetStatus::NotEnforced {
        bail!("this system has no Landlock, so that files cannot be taken away");
    }
    Ok(())
}
