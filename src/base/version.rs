//! A short name for a version of a file that we ourselves serve. It proves nothing: whoever writes
//! the files can make two of one name.

/// 16 hexadecimal digits: FNV-1a, 64 bits.
pub fn version_of(bytes: &[u8]) -> String {
    format!("{:016x}", fnv1a(bytes))
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(version_of(b""), "cbf29ce484222325");
        assert_eq!(version_of(b"foobar"), "85944171f73967e8");
    }
}
