//! What git says while it works. A part of it comes from the other side, so all of it is cut to size.

use tokio::io::{AsyncRead, AsyncReadExt};

/// How much of git's output is kept for explaining a failure, in bytes.
const KEPT: usize = 16 * 1024;
/// Longest line, in bytes.
const LINE: usize = 1024;
/// How lines of progress start; no others are shown to people.
const PROGRESS: [&str; 5] = [
    "Receiving objects:",
    "Resolving deltas:",
    "Updating files:",
    "remote: Compressing objects:",
    "remote: Counting objects:",
];

/// Passes each progress line on and keeps the beginning of everything else.
pub(super) async fn follow(mut output: impl AsyncRead + Unpin, progress: &mut impl FnMut(&str)) -> String {
    let (mut said, mut line, mut chunk) = (String::new(), Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = output.read(&mut chunk).await {
        for byte in &chunk[..count] {
            match byte {
                b'\r' | b'\n' => tell(&mut line, &mut said, progress),
                byte if line.len() < LINE => line.push(*byte),
                _ => {}
            }
        }
    }
    tell(&mut line, &mut said, progress);
    said
}

fn tell(line: &mut Vec<u8>, said: &mut String, progress: &mut impl FnMut(&str)) {
    let text = String::from_utf8_lossy(line).trim().to_owned();
    line.clear();
    if PROGRESS.iter().any(|start| text.starts_with(start)) {
        progress(&text);
    } else if !text.is_empty() && said.len() + text.len() < KEPT {
        said.push_str(&text);
        said.push('\n');
    }
}
