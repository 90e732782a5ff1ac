//! The classifier: name, then description, schema and annotations, each of which may raise what the one before said.

use serde_json::Value;

use crate::description::{Description, Lead};
use crate::judge::{Case, Context, judge};
use crate::lexicon::{self, Act, Kind};
use crate::name::{Reading, readings, without_server};
use crate::object::Object;
use crate::schema::Parameters;
use crate::text::name_words;
use crate::unknown::{Opening, acting_noun, acts_first, opening, tells_last};
use crate::{Category, Classification, Definition, Evidence, phrases, signal, sql};

/// Says what a tool does, how sure we are, and why. Total and deterministic: every definition has an answer, and the
/// same one always.
///
/// The most severe of what fits wins; between reading and anything else in doubt, it is not reading. Annotations may
/// raise the category, never lower it.
#[must_use]
pub fn classify(definition: &Definition<'_>) -> Classification {
    let parameters = Parameters::new(definition.input_schema);
    let server = name_words(definition.server);
    let name = name_words(definition.name);
    let text = definition.description.filter(|text| !text.trim().is_empty()).or(definition.title).unwrap_or_default();
    let description = Description::new(text);
    let sql = sql::judge(&name, &server, &description, &parameters);
    let context = Context { description, takes_amount: parameters.takes_amount(), server, name, sql };
    let place =
        if definition.description.is_some_and(|text| !text.trim().is_empty()) { "description" } else { "title" };
    let mut finding = Finding { context: &context, place, evidence: Vec::new(), doubts: 0 };

    let mut readings = readings(without_server(&context.name, &context.server));
    if tells_last(&context.name, &context.description) {
        readings.retain(|reading| reading.verb.is_strict);
    }
    let mut category = finding.read_name(&readings);
    category = finding.with_description(category, &readings);
    category = finding.with_schema(category, &parameters);
    let category = finding.with_annotations(category, definition.annotations);

    let confidence = finding.confidence(category, !readings.is_empty());
    let mut evidence = finding.evidence;
    // The weightiest first; what spoke for less stays below as what was outweighed.
    evidence.sort_by_key(|evidence| std::cmp::Reverse(evidence.category == category));
    evidence.dedup();
    let signals = signal::detect(definition, &context.name, &parameters);
    Classification { category, risk: category.risk(), confidence, evidence, signals }
}

struct Finding<'a> {
    context: &'a Context,
    /// Where the text is from.
    place: &'static str,
    evidence: Vec<Evidence>,
    /// How often one member spoke against another.
    doubts: u8,
}

impl Finding<'_> {
    fn note(&mut self, place: &str, words: String, category: Category) {
        self.evidence.push(Evidence { place: place.to_owned(), words, category });
    }

    /// What the verbs of the name say, by themselves and with the object that the description gives.
    fn read_name(&mut self, readings: &[Reading]) -> Option<Category> {
        let explained = self.explained();
        let mut strongest = None;
        for reading in readings {
            let case = Case {
                act: reading.verb.act,
                verb: &reading.word,
                object: &reading.object,
                explained: &explained,
                context: self.context,
            };
            let (category, object) = judge(&case);
            if category == Category::Other {
                continue;
            }
            self.note("name", join(&reading.word, object.as_deref()), category);
            strongest = strongest.max(Some(category));
        }
        strongest
    }

    /// The object of the description's first verb, or the description's first words where it has none.
    fn explained(&self) -> Object {
        let description = &self.context.description;
        let start = description.lead().map_or(0, |lead| lead.next);
        Object::of_text(description.after(start))
    }

    fn with_description(&mut self, named: Option<Category>, readings: &[Reading]) -> Option<Category> {
        let is_information =
            readings.is_empty() && self.context.name.last().is_some_and(|word| lexicon::is(word, Kind::Information));
        // `llm_context`, "Build a context": information that is put together is still information.
        let is_surely_verb =
            acts_first(without_server(&self.context.name, &self.context.server), &self.context.description);
        let lead =
            self.context.description.lead().filter(|lead| !is_information || lead.verb.is_strict || is_surely_verb);
        // `device_routes`, "Routes a device advertises": the plural that the name ends in. Money is not left to that.
        let lead = lead.filter(|lead| {
            let is_plural = readings.is_empty() && !lead.verb.is_strict && lead.verb.is_inflected;
            let is_last = self.context.name.len() > 1 && self.context.name.last() == Some(&lead.word);
            !(is_plural && is_last) || matches!(lead.verb.act, Act::Pay | Act::Transfer | Act::Cancel | Act::Delete)
        });
        let said = lead.as_ref().and_then(|lead| self.said(lead, named));
        let named = match (named, said) {
            (Some(named), Some(said)) if said > named => {
                self.doubts += 1;
                Some(said)
            }
            (None, Some(Category::Read)) => self.unless_it_acts(readings).or(Some(Category::Read)),
            // `log`, `tag`: as much a noun as a verb, and the text says which.
            (Some(Category::Write), Some(Category::Read)) if self.is_noun(readings) => Some(Category::Read),
            (None, said) => said,
            (named, _) => named,
        };
        let named = named.max(self.switch(readings));
        let named = named.or_else(|| self.without_verb()).or_else(|| self.only_reads());
        let named = self.with_charges(named);
        self.with_warnings(named)
    }

    /// Whether the name is one word that could be a noun, under a text that begins with a verb of reading.
    fn is_noun(&self, readings: &[Reading]) -> bool {
        let is_noun =
            matches!(readings, [only] if !only.verb.is_strict && only.object.is_empty() && only.verb.act == Act::Edit);
        let lead = self.context.description.lead();
        is_noun
            && lead.is_some_and(|lead| lead.verb.is_strict && self.context.description.coordinated(&lead).is_empty())
    }

    /// What the opening verbs of the description say. Beside a name that reads, only plain verbs of change count.
    fn said(&mut self, lead: &Lead, named: Option<Category>) -> Option<Category> {
        let description = &self.context.description;
        let mut strongest = None;
        let mut leads = description.coordinated(lead);
        leads.insert(0, lead.clone());
        for (index, lead) in leads.iter().enumerate() {
            let object = Object::of_text(description.after(lead.next));
            let takes_code = object.of_kind(Kind::Machine).is_some();
            let case = Case {
                act: lead.verb.act,
                verb: &lead.word,
                object: &object,
                explained: &object,
                context: self.context,
            };
            let (category, object) = judge(&case);
            let is_plain = lead.verb.is_strict
                && !matches!(lead.verb.act, Act::Run | Act::Vague | Act::Query)
                && !lead.word.starts_with("generat")
                && !lead.word.starts_with("ger");
            // `Execute JavaScript` and `Charge the card` are plain too, whatever the verb could be elsewhere.
            let runs_code = lead.verb.act == Act::Run && lead.verb.is_strict && takes_code;
            let charges = lead.verb.act == Act::Pay
                && description.word(lead.next).is_some_and(|word| lexicon::is(word, Kind::Determiner));
            let is_plain = is_plain || runs_code || charges;
            // A name that reads is contradicted by plain verbs only: `Run a search` is a search.
            let counts = named != Some(Category::Read) || is_plain;
            // A name that writes is raised by what is surely a verb. In second place taking away is its other half
            // (`add or remove labels`), and what is opened is a record.
            let takes_away =
                index > 0 && ["remov", "unset", "clear", "reset"].iter().any(|stem| lead.word.starts_with(stem));
            let counts = counts
                && (named.is_none()
                    || (index == 0 && category != Category::Execute)
                    || (index > 0 && lead.verb.act == Act::Pay)
                    || lead.verb.is_strict)
                && !(named == Some(Category::Write) && (takes_away || lead.verb.act == Act::Open));
            if category != Category::Other && counts {
                self.note(self.place, join(&lead.word, object.as_deref()), category);
                strongest = strongest.max(Some(category));
            }
        }
        strongest
    }

    /// A name without a verb over a text that seems to read: anything else that the text says it does weighs more.
    fn unless_it_acts(&mut self, readings: &[Reading]) -> Option<Category> {
        if !readings.is_empty() {
            return None;
        }
        self.machine()
    }

    /// A name whose noun runs what it is given: `shell`, `code_executor`.
    fn machine(&mut self) -> Option<Category> {
        // `console_messages`: information about the machine, not the machine.
        self.context.name.last().filter(|word| !lexicon::is(word, Kind::Information))?;
        let word = self.context.name.iter().find(|word| lexicon::is(word, Kind::Machine))?.clone();
        self.note("name", word, Category::Execute);
        Some(Category::Execute)
    }

    /// A name that is a switch: `maintenance_on`.
    fn switch(&mut self, readings: &[Reading]) -> Option<Category> {
        let last = self.context.name.last().filter(|word| matches!(word.as_str(), "on" | "off"))?.clone();
        (readings.is_empty() && self.context.name.len() > 1).then(|| {
            self.note("name", last, Category::Execute);
            Category::Execute
        })
    }

    /// Neither the name nor the opening has a verb: nouns, then whatever effects the text speaks of.
    fn without_verb(&mut self) -> Option<Category> {
        if let Some(category) = self.machine() {
            return Some(category);
        }
        if let Some((word, category)) = self.named_action() {
            self.note(self.place, word, category);
            return Some(category);
        }
        let effects: Vec<_> = self
            .context
            .description
            .verbs()
            .filter_map(|lead| {
                let category = match lead.verb.act {
                    Act::Delete => Category::Destructive,
                    Act::Pay => Category::Financial,
                    // An unknown verb with side effects is taken for the worst that leaves data alone.
                    Act::Edit | Act::Make | Act::Run | Act::Transfer | Act::Cancel => Category::Execute,
                    _ => return None,
                };
                Some((lead.word, category))
            })
            .collect();
        let opening = opening(without_server(&self.context.name, &self.context.server), &self.context.description);
        let unknown = match &opening {
            Some(Opening::Verb { word, next }) => Some((word.clone(), self.of_unknown_verb(*next))),
            _ => None,
        };
        if let Some((word, category)) = effects.into_iter().chain(unknown).max_by_key(|(_, category)| *category) {
            self.note(self.place, word, category);
            return Some(category);
        }
        if let Some(Opening::Thing(word)) = opening {
            self.note(self.place, word, Category::Read);
            return Some(Category::Read);
        }
        if let Some(last) = self.context.name.last().filter(|word| lexicon::is(word, Kind::Information)).cloned() {
            self.note("name", last, Category::Read);
            return Some(Category::Read);
        }
        // A text without any verb that begins with what is told: `CPU usage of pods`.
        let opening = self.context.description.after(0).iter().take(6);
        let told = opening.map(|word| word.text.clone()).find(|word| lexicon::is(word, Kind::Information))?;
        let has_verb = self.context.description.verbs().any(|lead| lead.verb.act != Act::Read);
        (!has_verb).then(|| {
            self.note(self.place, told, Category::Read);
            Category::Read
        })
    }

    /// What a text does that opens with a noun of doing: `Deletion of a record`, `Instant payout of the balance`.
    fn named_action(&self) -> Option<(String, Category)> {
        let (word, act) = acting_noun(&self.context.description)?;
        let category = match act {
            Act::Delete | Act::Cancel => Category::Destructive,
            Act::Pay | Act::Transfer => Category::Financial,
            Act::Run => Category::Execute,
            Act::Edit | Act::Make => Category::Write,
            _ => return None,
        };
        Some((word, category))
    }

    /// What a verb that is in no table does to its object: not reading, in doubt.
    fn of_unknown_verb(&self, next: usize) -> Category {
        let object = Object::of_text(self.context.description.after(next));
        if object.money().is_some() {
            Category::Financial
        } else if object.of_kind(Kind::Record).is_some() || object.of_kind(Kind::HandedOver).is_some() {
            Category::Write
        } else {
            Category::Execute
        }
    }

    /// A text that says nothing of what is done but that it only reads.
    fn only_reads(&mut self) -> Option<Category> {
        let description = &self.context.description;
        let at = description.find(&["read", "only"]).or_else(|| description.find(&["readonly"]))?;
        (!description.is_denied(at)).then(|| {
            self.note(self.place, "read-only".to_owned(), Category::Read);
            Category::Read
        })
    }

    /// A text that itself says that somebody pays for what is done.
    fn with_charges(&mut self, category: Option<Category>) -> Option<Category> {
        self.with_phrase(category, phrases::charge(&self.context.description), Category::Financial)
    }

    /// A text that itself says that something is lost for good.
    fn with_warnings(&mut self, category: Option<Category>) -> Option<Category> {
        self.with_phrase(category, phrases::loss(&self.context.description), Category::Destructive)
    }

    /// What a phrase raises; beside a name that only reads, it is about something else.
    fn with_phrase(&mut self, category: Option<Category>, phrase: Option<&str>, said: Category) -> Option<Category> {
        if let (Some(Category::Write | Category::Execute), Some(phrase)) = (category, phrase) {
            self.note(self.place, phrase.to_owned(), said);
            return Some(said);
        }
        category
    }

    fn with_schema(&mut self, category: Option<Category>, parameters: &Parameters<'_>) -> Option<Category> {
        let mut category = category;
        if let Some((place, words, said)) = parameters.severest_action()
            && category < Some(said)
        {
            self.doubts += u8::from(category.is_some());
            self.note(&place, words, said);
            category = Some(said);
        }
        if category.is_none()
            && let Some(name) = parameters.code()
        {
            self.note(&format!("inputSchema.properties.{name}"), name.to_owned(), Category::Execute);
            category = Some(Category::Execute);
        }
        category
    }

    /// The server's own claims may raise the category, and never lower it.
    fn with_annotations(&mut self, category: Option<Category>, annotations: Option<&Value>) -> Category {
        let hint = |name| annotations.and_then(|annotations| annotations.get(name)).and_then(Value::as_bool);
        let category = category.unwrap_or(Category::Other);
        let is_read_only = hint("readOnlyHint");
        // The protocol gives `destructiveHint` a meaning only where the tool is not read-only.
        if hint("destructiveHint") == Some(true) && is_read_only != Some(true) && category < Category::Destructive {
            self.doubts += u8::from(category == Category::Read);
            self.note("annotations.destructiveHint", "true".to_owned(), Category::Destructive);
            return Category::Destructive;
        }
        if is_read_only == Some(false) && category < Category::Write {
            self.doubts += u8::from(category == Category::Read);
            self.note("annotations.readOnlyHint", "false".to_owned(), Category::Write);
            return Category::Write;
        }
        if is_read_only == Some(true) && category > Category::Read {
            self.doubts += 1;
        }
        category
    }

    /// How sure: full for a name and a text that agree, less for either alone and for each contradiction.
    fn confidence(&self, category: Category, has_verb: bool) -> f64 {
        let places = |wanted: &str| self.evidence.iter().any(|e| e.place == wanted && e.category == category);
        let percent: u8 = match (places("name"), places("description") || places("title")) {
            (true, true) => 95,
            (true, false) if has_verb => 80,
            (false, true) => 70,
            _ if category == Category::Other => 20,
            _ => 55,
        };
        f64::from(percent.saturating_sub(self.doubts.saturating_mul(15))) / 100.0
    }
}

fn join(verb: &str, object: Option<&str>) -> String {
    object.map_or_else(|| verb.to_owned(), |object| format!("{verb} {object}"))
}
