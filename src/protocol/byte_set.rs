//! A set of bytes, asked about every byte of a text. Not for characters beyond ASCII.

pub struct ByteSet([bool; 256]);

impl ByteSet {
    pub const fn of(bytes: &[u8]) -> ByteSet {
        let mut members = [false; 256];
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            #[allow(clippy::indexing_slicing)] // a byte is less than 256
            {
                members[*byte as usize] = true;
            }
            rest = after;
        }
        ByteSet(members)
    }

    pub fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).is_some_and(|member| *member)
    }
}
