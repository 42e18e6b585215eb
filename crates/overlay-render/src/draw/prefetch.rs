/// Prefetches memory that will be needed soon, so that nobody waits for it then. Any index is
/// allowed; beyond the ends it is in vain.
#[inline(always)]
#[cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "the standard library has no stable safe function for it"
    )
)]
pub(super) fn prefetch<T>(values: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let at = values.as_ptr().wrapping_add(index);
        // SAFETY: it is a hint, which reads nothing that a program could see and ignores addresses
        // that are none.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (values, index);
}
