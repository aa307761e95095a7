//! How much memory queries may take where nobody says it: half of what the machine, or the container the program runs in, has.
//!
//! An answer never depends on it: a query that is refused one is told so, none is cut short. Read where the operating system says it in
//! files; elsewhere, and on small machines, it is [`LEAST`].

/// Memory of all queries at least.
const LEAST: usize = 1 << 30;

/// Half of the memory there is, at least [`LEAST`].
pub(super) fn half_of_the_machine() -> usize {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    half(&read("/proc/meminfo"), &read("/sys/fs/cgroup/memory.max"))
}

fn half(meminfo: &str, container: &str) -> usize {
    let machine = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.trim().parse::<usize>().ok());
    let machine = machine.map(|kilobytes| kilobytes << 10);
    let container = container.trim().parse::<usize>().ok();
    machine.into_iter().chain(container).min().map_or(LEAST, |bytes| (bytes / 2).max(LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_what_there_is_and_never_less_than_enough() {
        let eight = "MemTotal:        8388608 kB\nMemFree:          123456 kB\n";
        assert_eq!(half(eight, "max\n"), 4 << 30);
        assert_eq!(half(eight, "4294967296\n"), 2 << 30);
        assert_eq!(half(eight, "1048576\n"), LEAST);
        assert_eq!(half("", ""), LEAST);
        assert_eq!(half("MemTotal: unknown\n", "max"), LEAST);
    }
}
