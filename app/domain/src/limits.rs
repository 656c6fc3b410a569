//! Every stated limit, in one place, so that the API document, the error messages and the checks agree.

/// Files in one spec.
pub const FILES: usize = 100;
/// Programs that one file of a spec names as its readers.
pub const READERS: usize = 10;
/// Keys in one file of a spec.
pub const KEYS_PER_FILE: usize = 1_000;
/// Keys in a whole spec.
pub const KEYS: usize = 5_000;
/// Characters in a key's name.
pub const KEY_CHARS: usize = 200;
/// Characters in a path, and in a workspace path.
pub const PATH_CHARS: usize = 500;
/// Characters in a description.
pub const DESCRIPTION_CHARS: usize = 4_000;
/// Characters in a documentation URL.
pub const URL_CHARS: usize = 2_000;
/// Suggestions for one key.
pub const SUGGESTIONS: usize = 50;
/// Places in the code listed for one key.
pub const EVIDENCE: usize = 100;
/// Bytes in one value, default or suggestion.
pub const VALUE_BYTES: usize = 256 * 1024;
/// Characters in a configuration's name.
pub const NAME_CHARS: usize = 100;
/// Repositories of one configuration.
pub const REPOSITORIES: usize = 20;
/// Auto-start commands of one configuration.
pub const COMMANDS: usize = 50;
/// Characters in one auto-start command.
pub const COMMAND_CHARS: usize = 4_000;
/// Lines that are kept of what one auto-start command prints, the newest ones.
pub const OUTPUT_LINES: usize = 1_000;
/// Bytes that are kept of what one auto-start command prints, the newest ones.
pub const OUTPUT_BYTES: usize = 256 * 1024;
/// Value requests of one session that may wait for people at once.
pub const REQUESTS: usize = 50;
/// Shortest time that a value request may be open, in seconds.
pub const REQUEST_SECONDS_MIN: u32 = 5;
/// Longest time that a value request may be open, in seconds: 30 days.
pub const REQUEST_SECONDS_MAX: u32 = 30 * 24 * 60 * 60;
/// Time that a value request is open when its agent names none, in seconds: one day.
pub const REQUEST_SECONDS: u32 = 24 * 60 * 60;
/// Characters in a note to the agent.
pub const NOTE_CHARS: usize = 4_000;
/// Characters in the reason for declining a proposal.
pub const REASON_CHARS: usize = 1_000;
/// Bytes in the body of one call over MCP or HTTP.
pub const CALL_BYTES: usize = 4 * 1024 * 1024;
/// Calls a minute with one session token.
pub const CALLS_PER_MINUTE: u32 = 240;
/// Calls with one session token that wait for people at the same time.
pub const WAITING_CALLS: usize = 10;
/// Longest time that one call over HTTP waits for people, in seconds.
pub const WAIT_SECONDS: u32 = 300;
/// Findings that one snapshot lists; the search ends with the last of them.
pub const FINDINGS: usize = 100;
/// Files that one snapshot names as not searched, left out or changed, of each.
pub const NAMED_FILES: usize = 100;
/// Snapshots of one configuration that are kept at once, with those that were not saved.
pub const SNAPSHOTS: usize = 50;
/// Characters in a snapshot's name.
pub const SNAPSHOT_NAME_CHARS: usize = 200;
/// Bytes of an env file that is imported.
pub const IMPORT_BYTES: usize = 1024 * 1024;
/// Secrets that one answer lists; who wants more asks for those after the last.
pub const SECRETS_PAGE: usize = 100;
/// Values that one import saves.
pub const IMPORT_KEYS: usize = 5_000;
