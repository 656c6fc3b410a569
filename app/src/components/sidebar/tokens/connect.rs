//! Ready-made lines that connect common agents, or a sandbox. None of them holds the token: each reads it from the
//! environment, so that it stands in no file, no history and no list of processes.

use super::fresh::Copy;
use domain::token::TokenPurpose;
use leptos::prelude::*;

/// Where the token is read from.
pub const VARIABLE: &str = "KEYSLOT_TOKEN";

/// How to connect one program.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Snippet {
    program: &'static str,
    /// Where the text belongs.
    place: &'static str,
    text: String,
}

/// What to type where.
#[component]
pub fn Connect(
    /// What the token is for.
    purpose: TokenPurpose,
    /// Address of this server.
    server: String,
    /// Whether scripts run on the page: without them no button copies.
    #[prop(default = true)]
    scripted: bool,
) -> impl IntoView {
    let steps = snippets(purpose, &server).into_iter().enumerate().map(|(at, snippet)| {
        let Snippet { program, place, text } = snippet;
        view! {
            <details class="snippet" open=at == 0>
                <summary>
                    <strong>{program}</strong>
                    " "
                    <span class="hint">{place}</span>
                </summary>
                <pre tabindex="0" aria-label=format!("Text for {program}")>
                    <code>{text.clone()}</code>
                </pre>
                {scripted.then(|| view! { <Copy text what=format!("the text for {program}") /> })}
            </details>
        }
    });
    view! { <div class="snippets">{steps.collect_view()}</div> }
}

fn snippets(purpose: TokenPurpose, server: &str) -> Vec<Snippet> {
    let first = Snippet {
        program: "First, in your shell",
        place: "asks for the token and keeps it out of the history",
        text: format!("read -rs {VARIABLE} && export {VARIABLE}"),
    };
    let rest = match purpose {
        TokenPurpose::Agent => agents(server),
        TokenPurpose::Sandbox => vec![Snippet {
            program: "Then, in the sandbox's workspace",
            place: "keeps its env files up to date",
            text: format!("keyslot env watch --server {server}"),
        }],
    };
    [vec![first], rest].concat()
}

fn agents(server: &str) -> Vec<Snippet> {
    let mcp = format!("{server}/mcp");
    vec![
        Snippet {
            program: "Claude Code",
            place: "writes .mcp.json, which reads the variable when it starts",
            text: format!(
                "claude mcp add --scope project --transport http keyslot {mcp} \\\n  \
                 --header 'Authorization: Bearer ${{{VARIABLE}}}'"
            ),
        },
        Snippet {
            program: "Cursor",
            place: ".cursor/mcp.json",
            text: format!(
                "{{\n  \"mcpServers\": {{\n    \"keyslot\": {{\n      \"url\": \"{mcp}\",\n      \
                 \"headers\": {{ \"Authorization\": \"Bearer ${{env:{VARIABLE}}}\" }}\n    }}\n  }}\n}}"
            ),
        },
        Snippet {
            program: "VS Code",
            place: ".vscode/mcp.json; asks for the token and keeps it safe",
            text: format!(
                "{{\n  \"inputs\": [\n    {{ \"type\": \"promptString\", \"id\": \"keyslot-token\", \
                 \"description\": \"Keyslot session token\", \"password\": true }}\n  ],\n  \"servers\": {{\n    \
                 \"keyslot\": {{\n      \"type\": \"http\",\n      \"url\": \"{mcp}\",\n      \
                 \"headers\": {{ \"Authorization\": \"Bearer ${{input:keyslot-token}}\" }}\n    }}\n  }}\n}}"
            ),
        },
        Snippet {
            program: "Codex",
            place: "~/.codex/config.toml",
            text: format!("[mcp_servers.keyslot]\nurl = \"{mcp}\"\nbearer_token_env_var = \"{VARIABLE}\""),
        },
        Snippet {
            program: "curl",
            place: "the same tools over HTTP (8.3 and newer); see /api/v1/openapi.json",
            text: format!(
                "curl --variable %{VARIABLE} --expand-header 'Authorization: Bearer {{{{{VARIABLE}}}}}' \\\n  \
                 {server}/api/v1/environment"
            ),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_reads_the_token_from_elsewhere_and_names_this_server() {
        for purpose in [TokenPurpose::Agent, TokenPurpose::Sandbox] {
            for snippet in snippets(purpose, "https://desk.test").iter().skip(1) {
                assert!(snippet.text.contains("https://desk.test"), "{snippet:?}");
                assert!(!snippet.text.contains("ks_sess_"), "{snippet:?}");
            }
        }
    }

    #[test]
    fn texts_that_are_json_are_json() {
        let all = agents("https://desk.test");
        let json: Vec<_> = all.iter().filter(|snippet| snippet.text.starts_with('{')).collect();
        assert_eq!(json.len(), 2);
        for snippet in json {
            let read: serde_json::Value = serde_json::from_str(&snippet.text).expect("json");
            assert!(read.to_string().contains("https://desk.test/mcp"));
        }
    }

    #[test]
    fn the_shell_does_not_put_the_token_into_the_arguments() {
        let all = agents("https://desk.test");
        assert!(all[0].text.contains("'Authorization: Bearer ${KEYSLOT_TOKEN}'"), "{}", all[0].text);
        assert!(all[4].text.contains("'Authorization: Bearer {{KEYSLOT_TOKEN}}'"), "{}", all[4].text);
    }
}
