//! Arguments in, exit code out; and the allocator, which is the program's affair, not the library's.

/// A request is more than a hundred small allocations, and this one needs a third of the instructions
/// of the system's for each.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    mereau::cli::main()
}
