//! Errors of the disk at a certain write or sync, put between the gateway and the kernel by strace.

use super::shop::{A_WHILE, Shop, ended_by_the_disk};
use super::support::line::Fault;
use std::process::{Command, Stdio};

/// Whether strace can be used, which is said if not.
fn strace() -> bool {
    let tried = Command::new("strace").args(["-D", "-f", "-e", "trace=none", "true"]).stderr(Stdio::null()).status();
    let usable = tried.is_ok_and(|status| status.success());
    assert!(usable || std::env::var_os("CI").is_none(), "CI has strace");
    if !usable {
        println!("SKIPPED: strace is missing, or may trace nothing here; see `cargo xtask install`");
    }
    usable
}

/// Under load, the calls of that name that `when` tells fail so.
fn wrapper(call: &str, error: &str, when: &str) -> Vec<String> {
    let words = ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null"];
    let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    words.extend(["-e".to_owned(), format!("trace={call}")]);
    words.extend(["-e".to_owned(), format!("inject={call}:error={error}:when={when}")]);
    words
}

/// One life that ends at such an error, and what is true after the next start.
async fn ends(shop: &mut Shop, call: &str, error: &str, when: &str) -> String {
    let name = format!("{call} {error} at {when}");
    let words = wrapper(call, error, when);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    shop.line.hit(&[Fault::Pass, Fault::LoseReply]);
    let mut asked = Vec::new();
    match shop.serve_under(&words, &[]) {
        // In the start already: then it says so, with the same exit code.
        Err(said) => assert!(said.contains("exit status: 4"), "{name}: {said}"),
        Ok(mut gateway) => {
            asked = shop.crowd(&gateway, &name.replace([' ', '+'], "-")).await;
            ended_by_the_disk(&mut gateway, &name).await;
        }
    }
    let gateway = shop.serve();
    let told = shop.compare(&gateway, asked, &name).await;
    gateway.kill();
    format!("{name}: {told}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_or_write_that_fails_ends_the_process_with_code_4_and_loses_nothing() {
    if !strace() {
        return;
    }
    let mut shop = Shop::open();
    for when in ["1", "2", "4", "7", "12", "30"] {
        println!("{}", ends(&mut shop, "fsync", "EIO", when).await);
    }
    for when in ["2", "9", "40", "150"] {
        println!("{}", ends(&mut shop, "pwrite64", "EIO", when).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_find_no_room_fail_whole_and_the_process_goes_on() {
    if !strace() {
        return;
    }
    let mut shop = Shop::open();
    let words = wrapper("pwrite64", "ENOSPC", "60..160");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut gateway = shop.serve_under(&words, &[]).expect("it starts");
    let crowd = shop.crowd(&gateway, "no-room").await;
    tokio::time::sleep(A_WHILE).await;
    assert!(!gateway.has_ended(), "a full disk is not the end");
    let refused = crowd.iter().filter(|ask| ask.answer.as_ref().is_some_and(|(status, _)| *status == 503)).count();
    assert!(refused > 0, "nobody noticed");
    // The same process, with room again: what was refused is asked again, all settles.
    let told = shop.compare(&gateway, crowd, "no room").await;
    println!("{refused} requests were refused; {told}");
    gateway.kill();
}
