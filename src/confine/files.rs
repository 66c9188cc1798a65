//! Files and TCP ports by Landlock (Linux 5.13; ports 6.7), which any process may ask for. It knows folders
//! by what they are and not by their names: a file that is put in the place of another is another file, so
//! folders are given, never single files where their folder can be.

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, NetPort, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};

use super::{Grip, Plan, Ports};

/// What is known here. Newer kinds are left alone until they are thought about.
const KNOWN: ABI = ABI::V7;

/// What the C library, the runtime and the look-up of names and times read on their own: the system's
/// libraries and zones, /etc with resolv.conf, hosts and authorities, and what the kernel tells of the
/// process and its share of the machine.
const SYSTEM: [&str; 12] = [
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/run/nscd",
    "/proc",
    "/sys/fs/cgroup",
    "/sys/devices/system",
];

/// Devices without a memory.
const DEVICES: [&str; 5] = [
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "/dev/random",
    "/dev/tty",
];

pub(super) struct Held {
    pub files: Grip,
    pub listen: Grip,
    pub connect: Grip,
}

impl Held {
    fn all(grip: &Grip) -> Held {
        Held {
            files: grip.clone(),
            listen: grip.clone(),
            connect: grip.clone(),
        }
    }
}

pub(super) fn hold(plan: &Plan) -> Held {
    if let Some(why) = &plan.programs {
        return Held::all(&Grip::Open(why.clone()));
    }
    match restrict(plan) {
        Ok(LandlockStatus::Available { effective_abi, .. }) => told(plan, effective_abi),
        Ok(LandlockStatus::NotEnabled) => Held::all(&Grip::Missing("Landlock is switched off".to_owned())),
        Ok(LandlockStatus::NotImplemented) => {
            Held::all(&Grip::Missing("this kernel has no Landlock".to_owned()))
        }
        Err(error) => Held::all(&Grip::Missing(format!("Landlock: {error}"))),
    }
}

fn restrict(plan: &Plan) -> Result<LandlockStatus, RulesetError> {
    let rules = rules(plan)?;
    Ok(rules.restrict_self()?.landlock)
}

fn rules(plan: &Plan) -> Result<RulesetCreated, RulesetError> {
    let mut ports = BitFlags::from(AccessNet::BindTcp);
    if let Ports::Only(_) = plan.connect {
        ports |= AccessNet::ConnectTcp;
    }
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let write = AccessFs::from_all(KNOWN) & !(AccessFs::Execute | AccessFs::MakeChar | AccessFs::MakeBlock);
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(ports)?
        .scope(Scope::Signal)?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, read))?
        .add_rules(path_beneath_rules(DEVICES, read | AccessFs::WriteFile))?
        .add_rules(path_beneath_rules(&plan.read, read))?
        .add_rules(path_beneath_rules(&plan.write, write))?;
    for port in &plan.listen {
        rules = rules.add_rule(NetPort::new(*port, AccessNet::BindTcp))?;
    }
    if let Ports::Only(ports) = &plan.connect {
        for port in ports {
            rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
        }
    }
    Ok(rules)
}

fn told(plan: &Plan, kernel: ABI) -> Held {
    let with_ports = |grip: Grip| match kernel >= ABI::V4 {
        true => grip,
        false => Grip::Missing("this kernel's Landlock knows no ports".to_owned()),
    };
    let connect = match &plan.connect {
        Ports::Only(ports) => with_ports(Grip::Held(format!("to ports {}", listed(ports)))),
        Ports::Any(why) => Grip::Open(why.clone()),
    };
    Held {
        files: Grip::Held(match plan.write.len() {
            0 => "nothing is written".to_owned(),
            some => format!("written in {some} folders only"),
        }),
        listen: with_ports(Grip::Held(format!("on ports {}", listed(&plan.listen)))),
        connect,
    }
}

fn listed<'a>(ports: impl IntoIterator<Item = &'a u16>) -> String {
    let mut numbers: Vec<String> = ports.into_iter().map(u16::to_string).collect();
    let more = numbers.len().saturating_sub(20);
    numbers.truncate(20);
    if more > 0 {
        numbers.push(format!("and {more} more"));
    }
    numbers.join(", ")
}
