//! Paths: where a condition or an amount looks.

use std::fmt;

use crate::json;

/// A path that was understood, and how it was written.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    text: Box<str>,
    pub(crate) root: Root,
    pub(crate) steps: Box<[Step]>,
}

/// What a path begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Root {
    Arguments,
    GrantId,
    GrantLabel,
    GrantMetadata,
    ClientName,
    ClientVersion,
    ToolName,
    ToolCategory,
    ToolRisk,
    ToolAnnotations,
    ServerSlug,
    TimeHour,
    TimeWeekday,
    TimeDate,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// `.name` or `["any name"]`.
    Member(Box<str>),
    /// `[0]`.
    Index(usize),
    /// `[*]`.
    Each,
}

/// Why a path cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    #[error("a path begins with `args`, `grant`, `client`, `tool`, `server` or `time`")]
    Root,
    #[error("`{0}` has no such member")]
    Member(&'static str),
    #[error("the path goes on after a value that has no parts")]
    Leaf,
    #[error("`{0}` must be followed by a name")]
    NameMissing(&'static str),
    #[error("`args` must be followed by a step")]
    Bare,
    #[error("a step is `.name`, `[\"any name\"]`, `[0]` or `[*]`")]
    Step,
}

impl Path {
    pub(crate) fn parse(text: &str) -> Result<Path, PathError> {
        let split = text.find(['.', '[']).unwrap_or(text.len());
        let (head, rest) = text.split_at_checked(split).ok_or(PathError::Root)?;
        let mut steps = parse_steps(rest)?;
        let root = match head {
            "args" if steps.is_empty() => return Err(PathError::Bare),
            "args" => Root::Arguments,
            "grant" | "client" | "tool" | "server" | "time" => {
                // The root's own member must be written as a plain name.
                if !rest.starts_with('.') {
                    return Err(PathError::Step);
                }
                let Some(Step::Member(name)) = steps.first() else { return Err(PathError::Step) };
                let root = member_root(head, name)?;
                steps.remove(0);
                root
            }
            _ => return Err(PathError::Root),
        };
        match root {
            Root::Arguments => {}
            Root::GrantMetadata => {
                if !matches!(steps.first(), Some(Step::Member(_))) {
                    return Err(PathError::NameMissing("grant.metadata"));
                }
            }
            Root::ToolAnnotations => match steps.as_slice() {
                [Step::Member(_)] => {}
                [Step::Member(_), ..] => return Err(PathError::Leaf),
                _ => return Err(PathError::NameMissing("tool.annotations")),
            },
            _ if steps.is_empty() => {}
            _ => return Err(PathError::Leaf),
        }
        Ok(Path { text: text.into(), root, steps: steps.into() })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn has_wildcard(&self) -> bool {
        self.steps.contains(&Step::Each)
    }

    /// Whether two paths mean the same place, however they are written.
    pub(crate) fn is_same_place(&self, other: &Path) -> bool {
        self.root == other.root && self.steps == other.steps
    }

    /// Whether the value is what the agent or the upstream says of itself.
    pub(crate) fn is_claim(&self) -> bool {
        matches!(self.root, Root::ClientName | Root::ClientVersion | Root::ToolAnnotations)
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl serde::Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

fn member_root(head: &str, name: &str) -> Result<Root, PathError> {
    Ok(match (head, name) {
        ("grant", "id") => Root::GrantId,
        ("grant", "label") => Root::GrantLabel,
        ("grant", "metadata") => Root::GrantMetadata,
        ("client", "name") => Root::ClientName,
        ("client", "version") => Root::ClientVersion,
        ("tool", "name") => Root::ToolName,
        ("tool", "category") => Root::ToolCategory,
        ("tool", "risk") => Root::ToolRisk,
        ("tool", "annotations") => Root::ToolAnnotations,
        ("server", "slug") => Root::ServerSlug,
        ("time", "hour") => Root::TimeHour,
        ("time", "weekday") => Root::TimeWeekday,
        ("time", "date") => Root::TimeDate,
        ("grant", _) => return Err(PathError::Member("grant")),
        ("client", _) => return Err(PathError::Member("client")),
        ("tool", _) => return Err(PathError::Member("tool")),
        ("server", _) => return Err(PathError::Member("server")),
        _ => return Err(PathError::Member("time")),
    })
}

fn parse_steps(mut rest: &str) -> Result<Vec<Step>, PathError> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, behind) = match rest.strip_prefix('.') {
            Some(name) => name_step(name)?,
            None => bracket_step(rest.strip_prefix('[').ok_or(PathError::Step)?)?,
        };
        steps.push(step);
        rest = behind;
    }
    Ok(steps)
}

fn name_step(rest: &str) -> Result<(Step, &str), PathError> {
    let end = rest.find(|char: char| !is_name_char(char)).unwrap_or(rest.len());
    let (name, behind) = rest.split_at_checked(end).ok_or(PathError::Step)?;
    if !name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_') {
        return Err(PathError::Step);
    }
    Ok((Step::Member(name.into()), behind))
}

fn is_name_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_' || char == '-'
}

fn bracket_step(rest: &str) -> Result<(Step, &str), PathError> {
    if let Some(behind) = rest.strip_prefix("*]") {
        return Ok((Step::Each, behind));
    }
    if rest.starts_with('"') {
        let end = end_of_string(rest).ok_or(PathError::Step)?;
        let (literal, behind) = rest.split_at_checked(end).ok_or(PathError::Step)?;
        let name = json::string_literal(literal).ok_or(PathError::Step)?;
        let behind = behind.strip_prefix(']').ok_or(PathError::Step)?;
        return Ok((Step::Member(name.into()), behind));
    }
    let (digits, behind) = rest.split_once(']').ok_or(PathError::Step)?;
    let is_index = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    if !is_index {
        return Err(PathError::Step);
    }
    let index = digits.parse().map_err(|_| PathError::Step)?;
    Ok((Step::Index(index), behind))
}

/// The offset behind the closing quote of a string literal at the beginning of `text`.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at.checked_add(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("args.a")]
    #[case("args._a-b9")]
    #[case("args[0]")]
    #[case("args[\"odd name\"].x[*][12]")]
    #[case("args[\"a\\\"]b\"]")]
    #[case("args[\"\"]")]
    #[case("grant.id")]
    #[case("grant.metadata.team")]
    #[case("grant.metadata.teams[*].name")]
    #[case("grant.metadata[\"a b\"]")]
    #[case("tool.annotations.readOnlyHint")]
    #[case("time.weekday")]
    fn path_of_the_language_is_read(#[case] text: &str) {
        assert!(Path::parse(text).is_ok(), "{text}");
    }

    #[rstest]
    #[case("")]
    #[case("args")]
    #[case("arg.x")]
    #[case("args.")]
    #[case("args..a")]
    #[case("args.1a")]
    #[case("args.ä")]
    #[case("args[]")]
    #[case("args[01]")]
    #[case("args[-1]")]
    #[case("args[ 0 ]")]
    #[case("args['a']")]
    #[case("args[\"a]")]
    #[case("args[\"\\ud800\"]")]
    #[case("args[99999999999999999999999]")]
    #[case("args.a b")]
    #[case("$.args.a")]
    #[case("grant")]
    #[case("grant.metadata")]
    #[case("grant.metadata[0]")]
    #[case("grant.owner")]
    #[case("grant.id.x")]
    #[case("grant[\"id\"]")]
    #[case("tool.annotations")]
    #[case("tool.annotations.a.b")]
    #[case("time.minute")]
    #[case("time")]
    fn path_that_is_none_is_refused(#[case] text: &str) {
        assert!(Path::parse(text).is_err(), "{text}");
    }

    #[test]
    fn paths_written_in_two_ways_are_one_place() {
        let (dotted, bracketed) = (Path::parse("args.a").unwrap(), Path::parse("args[\"a\"]").unwrap());
        assert!(dotted.is_same_place(&bracketed));
        assert_ne!(dotted, bracketed);
    }
}
