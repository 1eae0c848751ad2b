//! The permit to send, as the compiler sees it: what must not compile does not.

#[test]
fn a_permit_cannot_be_copied_forged_or_used_twice() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/permit/*.rs");
}
