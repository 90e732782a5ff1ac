//! What every page has around its content.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use ostiary_model::tool::{Category, Risk};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a path as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c1f23;--dim:#565c64;--line:#c9ced6;--ground:#fff;--sunken:#f3f5f7;--accent:#0b57a4}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--dim:#a5abb3;--line:#444a52;--ground:#15181b;--sunken:#1e2226;--accent:#7db7f5}}
body{margin:0 auto;max-width:64rem;padding:1rem;font:1rem/1.55 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
a{color:var(--accent)}header,footer{display:flex;flex-wrap:wrap;gap:1rem;align-items:baseline;padding:.5rem 0}
header b{font-size:1.2rem}footer{border-top:1px solid var(--line);margin-top:2rem;color:var(--dim)}
h1{font-size:1.7rem;line-height:1.2;overflow-wrap:anywhere}h1 code{font-size:inherit}h2{font-size:1.2rem;margin-top:1.8rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
td{overflow-wrap:anywhere}.text{white-space:pre-line;overflow-wrap:anywhere}.scroll{overflow-x:auto}.dim{color:var(--dim)}code,pre{font-family:ui-monospace,monospace;font-size:.9rem}
pre{background:var(--sunken);border:1px solid var(--line);padding:.8rem;overflow-x:auto}
.wrong{border-color:#b3261e;color:#b3261e}.check{display:flex;gap:.3rem;align-items:center}
@media(prefers-color-scheme:dark){.wrong{border-color:#f2938c;color:#f2938c}}
.badge{border:1px solid var(--line);border-radius:.2rem;padding:0 .35rem;font-size:.85rem;white-space:nowrap}
.count{white-space:nowrap;margin-right:.6rem}td.kind{overflow-wrap:normal}dt{margin-top:.6rem}
@media(max-width:40rem){.tools thead{position:absolute;clip-path:inset(50%)}.tools tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}
.tools td{display:inline-block;padding:0 .6rem .2rem 0;border:0}.tools td:first-child{display:block}}
form{display:flex;flex-wrap:wrap;gap:.5rem}input[type=search]{flex:1 1 16rem;max-width:32rem}input,select,button,.button{font:inherit;padding:.35rem .6rem;border:1px solid var(--dim);border-radius:.2rem;background:var(--ground);color:var(--ink)}
.button{display:inline-block;background:var(--accent);border-color:var(--accent);color:var(--ground);text-decoration:none}
";

/// What search engines and windows show of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a> {
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    /// The page's own address, for one that exists.
    pub(super) canonical: Option<&'a str>,
}

/// A whole page.
pub(super) fn page(head: &Head<'_>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (head.title) " · Ostiary" }
                meta name="description" content=(head.description.chars().take(300).collect::<String>());
                @if let Some(canonical) = head.canonical { link rel="canonical" href=(canonical); }
                style { (PreEscaped(STYLE)) }
                script src="/catalogue/copy.js" defer {}
            }
            body {
                header {
                    b { "Ostiary" }
                    nav { a href="/catalogue" { "Catalogue" } " · " a href="/catalogue/categories" { "Categories" } " · " a href="/catalogue/patterns" { "Attack patterns" } " · " a href="/sign-up" { "Sign up" } }
                }
                main { (content) }
                footer { "A gateway for the Model Context Protocol: nothing reaches a server without passing its owner’s rules." }
            }
        }
    }
}

/// The link to a new policy that starts from a recommended one: of a tool, or of a whole server. Who is not signed in
/// signs up on the way.
pub(super) fn use_policy(slug: &str, tool: Option<&str>) -> Markup {
    let slug = utf8_percent_encode(slug, PATH);
    let tool = tool.map(|tool| format!("&tool={}", utf8_percent_encode(tool, PATH))).unwrap_or_default();
    html! { p { a class="button" href=(format!("/policies/new?catalogue={slug}{tool}")) { "Use this policy" } } }
}

/// The path of a server's page.
pub(super) fn server_path(slug: &str) -> String {
    format!("/catalogue/servers/{}", utf8_percent_encode(slug, PATH))
}

/// The path of a tool's page.
pub(super) fn tool_path(slug: &str, tool: &str) -> String {
    format!("{}/tools/{}", server_path(slug), utf8_percent_encode(tool, PATH))
}

pub(super) fn category(category: Category) -> Markup {
    html! { a class="badge" href=(super::category::path(category)) { (category.as_str()) } }
}

pub(super) fn risk(risk: Risk) -> Markup {
    html! { span class="badge" { (risk.as_str()) " risk" } }
}

/// The beginning of a text of a server, up to the end of a word.
pub(super) fn beginning(text: &str, chars: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(chars) else { return text.to_owned() };
    let cut = text.get(..end).unwrap_or_default();
    let at = cut.rfind(char::is_whitespace).filter(|at| at * 2 > end).unwrap_or(end);
    format!("{}…", cut.get(..at).unwrap_or_default().trim_end())
}

/// A document with a button that copies it. Without scripts the button does nothing, and the text can be selected.
pub(super) fn code(label: &str, text: &str) -> Markup {
    html! {
        p class="dim" { (label) " " button type="button" data-copy="" { "Copy" } }
        pre tabindex="0" role="group" aria-label=(label) { code { (text) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginning_of_a_text_ends_with_a_word() {
        for (text, chars, expected) in [
            ("Lists users.", 20, "Lists users."),
            ("Lists users of a team", 14, "Lists users…"),
            ("Überweisungen", 4, "Über…"),
            ("", 4, ""),
        ] {
            assert_eq!(beginning(text, chars), expected);
        }
    }
}
