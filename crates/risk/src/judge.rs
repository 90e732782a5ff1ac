//! One verb with its object, as a category.

mod idiom;

use crate::Category;
use crate::description::Description;
use crate::lexicon::{self, Act, Kind};
use crate::object::Object;

/// A verb and everything that says what it acts on.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) act: Act,
    pub(crate) verb: &'a str,
    /// The verb's own object; in a name, what follows or else what precedes the verb.
    pub(crate) object: &'a Object,
    /// The object that the description's first verb has: it explains a name that is too short.
    pub(crate) explained: &'a Object,
    pub(crate) context: &'a Context,
}

/// What the whole definition is about.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) description: Description,
    /// Words of the server's name.
    pub(crate) server: Vec<String>,
    /// Words of the tool's name.
    pub(crate) name: Vec<String>,
    /// The schema asks for an amount together with a currency or a means of payment.
    pub(crate) takes_amount: bool,
    /// What the SQL rule says, if the tool takes SQL.
    pub(crate) sql: Option<(Category, String)>,
}

/// The category and the words of the object that settled it.
pub(crate) type Verdict = (Category, Option<String>);

/// Judges a verb by its object.
pub(crate) fn judge(case: &Case<'_>) -> Verdict {
    if let Some((category, word)) = case.idiom() {
        return (category, Some(word));
    }
    match case.act {
        // In a page, evaluating is running a script.
        Act::Read => case.read(),
        Act::Simulate => case.money_or(Category::Read),
        Act::Query => case.sql_or(if case.context.description.is_empty() && case.object.is_empty() {
            Category::Execute
        } else {
            Category::Read
        }),
        Act::Resolve if case.of_kind(Kind::Identifier).is_some() || case.names("id") => (Category::Read, None),
        Act::Resolve => case.money_or(Category::Write),
        Act::Capture if case.object.of_kind(Kind::Picture).is_some() => (Category::Read, None),
        Act::Capture => case.money_or(Category::Write),
        Act::Edit if case.verb.starts_with("clos") && case.has("position") => {
            (Category::Financial, Some("position".to_owned()))
        }
        Act::Edit => case.controls().map_or((Category::Write, None), |word| (Category::Execute, Some(word))),
        Act::Make => case.make(),
        Act::Transfer => case.transfer(),
        Act::Book => match case.object.of_kind(Kind::Travel).or_else(|| case.explained.of_kind(Kind::Travel)) {
            Some(word) => (Category::Financial, Some(word.to_owned())),
            None => case.money_or(Category::Write),
        },
        Act::Open => case.open(),
        Act::Run => case.run(),
        // Managing is up to its arguments, whatever is managed.
        Act::Vague if case.verb.starts_with("manag") || case.verb.starts_with("administ") => (Category::Execute, None),
        Act::Vague => case.controls().map_or((Category::Other, None), |word| (Category::Execute, Some(word))),
        Act::Cancel => case.cancel(),
        // Another password takes the place of the one before; the person is still there.
        Act::Delete if case.verb.starts_with("reset") && (case.has("password") || case.has("pin")) => {
            (Category::Write, Some("password".to_owned()))
        }
        Act::Delete => (Category::Destructive, None),
        Act::Pay => (Category::Financial, None),
    }
}

impl Case<'_> {
    /// Looking, but for what only sounds like it.
    fn read(&self) -> Verdict {
        // In a page, evaluating is running a script.
        if self.verb.starts_with("evaluat") && self.controls().is_some() {
            return (Category::Execute, None);
        }
        // Probing somebody's machine is something that is done to it.
        let probed = ["port", "host", "network", "subnet"].into_iter().find(|word| self.has(word));
        if self.verb.starts_with("scan")
            && let Some(word) = probed
        {
            return (Category::Execute, Some(word.to_owned()));
        }
        // `Baixar` is to download, and to write off what was owed.
        let settled = ["conta", "titulo", "parcela", "duplicata"].into_iter().find(|word| self.has(word));
        if (self.verb.starts_with("baix") || self.verb == "darbaixa")
            && let Some(word) = settled
        {
            return (Category::Financial, Some(word.to_owned()));
        }
        (Category::Read, None)
    }

    /// Whether the tool's own name has the word.
    fn names(&self, word: &str) -> bool {
        self.context.name.iter().any(|other| other == word)
    }

    /// Creating and sending: a payment is financial, a run is execute, everything else a record.
    fn make(&self) -> Verdict {
        if let Some(word) = self.controls() {
            return (Category::Execute, Some(word));
        }
        if let Some(word) = self.token_of_value() {
            return (Category::Financial, Some(word));
        }
        if let Some(word) = self.checkout_session() {
            return (Category::Execute, Some(word));
        }
        let sends = matches!(self.verb.get(..4), Some("send" | "issu" | "plac" | "sign" | "broa"));
        if sends
            && let Some(word) =
                ["invoice", "transaction", "fatura", "order", "bet", "bid"].into_iter().find(|word| self.has(word))
        {
            let is_sent = !matches!(word, "order") || self.verb.starts_with("plac");
            if is_sent && !(self.verb.starts_with("issu") && word == "order") {
                return (Category::Financial, Some(word.to_owned()));
            }
        }
        let calls_anything = ["http", "api", "rest", "raw", "graphql"].into_iter().find(|word| self.has(word));
        let requests = self.verb.starts_with("request") || self.has("request");
        if requests && let Some(word) = calls_anything {
            return (Category::Execute, Some(word.to_owned()));
        }
        let completes =
            ["complet", "finaliz", "submit", "confirm", "place"].into_iter().any(|stem| self.verb.starts_with(stem));
        if completes && (self.has("checkout") || self.has("purchase")) {
            return (Category::Financial, Some("checkout".to_owned()));
        }
        // A code to be paid is a payment link in another form.
        let is_code = self.has("qr") || self.has("qrcode");
        if is_code && let Some(word) = self.context.description.mentions(Kind::Money, 1) {
            return (Category::Financial, Some(word.to_owned()));
        }
        if let Some(word) = self.money() {
            return (Category::Financial, Some(word));
        }
        if !self.object.is_record()
            && let Some(word) = self.of_kind(Kind::Running)
        {
            return (Category::Execute, Some(word));
        }
        (Category::Write, None)
    }

    fn transfer(&self) -> Verdict {
        if self.money().is_none()
            && let Some(word) = self.of_kind(Kind::HandedOver)
        {
            return (Category::Write, Some(word));
        }
        (Category::Financial, None)
    }

    fn open(&self) -> Verdict {
        let read =
            ["file", "archivo", "arquivo", "document", "node", "note", "entry"].into_iter().find(|word| self.has(word));
        if let Some(word) = read {
            return (Category::Read, Some(word.to_owned()));
        }
        let is_record = self.object.of_kind(Kind::HandedOver).is_some() || self.has("request") || self.has("position");
        self.money_or(if is_record { Category::Write } else { Category::Execute })
    }

    fn run(&self) -> Verdict {
        let is_query = ["query", "sql", "dml", "ddl", "statement", "consulta"].into_iter().any(|word| self.has(word));
        if is_query && let Some((category, word)) = &self.context.sql {
            return (*category, Some(word.clone()));
        }
        if matches!(self.verb, "test") && self.has("connection") {
            return (Category::Read, Some("connection".to_owned()));
        }
        let edits = [
            "label",
            "coupon",
            "tag",
            "discount",
            "patch",
            "edit",
            "filter",
            "template",
            "replacement",
            "format",
            "formatting",
            "style",
            "theme",
        ];
        let is_edit = edits.into_iter().find(|word| self.has(word));
        if self.verb.starts_with("appl")
            && let Some(word) = is_edit
        {
            return (Category::Write, Some(word.to_owned()));
        }
        let closed = ["ticket", "issue", "case", "conversation"].into_iter().find(|word| self.has(word));
        if self.verb.starts_with("solv")
            && let Some(word) = closed
        {
            return (Category::Write, Some(word.to_owned()));
        }
        let joins = ["pdf", "image", "video", "cell", "contact", "duplicate", "csv", "audio"];
        let is_content = self.verb.starts_with("merg").then(|| joins.into_iter().find(|word| self.has(word))).flatten();
        let pushed = ["value", "item", "element", "file", "record", "event", "metric"];
        let is_pushed = self.verb.starts_with("push").then(|| pushed.into_iter().find(|word| self.has(word))).flatten();
        if let Some(word) = is_content.or(is_pushed) {
            return (Category::Write, Some(word.to_owned()));
        }
        let dismissed = ["funcionario", "empregado", "colaborador"].into_iter().find(|word| self.has(word));
        if self.verb.starts_with("deslig")
            && let Some(word) = dismissed
        {
            return (Category::Destructive, Some(word.to_owned()));
        }
        if self.verb == "checkout" && ["cart", "item", "basket", "order"].into_iter().any(|word| self.has(word)) {
            return (Category::Financial, Some("cart".to_owned()));
        }
        if self.verb.starts_with("refresh") && (self.has("token") || self.has("credential")) {
            return (Category::Write, Some("token".to_owned()));
        }
        // What runs money moves it: `process_payment`, `retry_charge`.
        self.money_or(Category::Execute)
    }

    /// Taking back a payment or a commitment to pay is financial, stopping a run is execute, the rest is lost for good.
    fn cancel(&self) -> Verdict {
        if let Some(word) = self.object.of_kind(Kind::Document) {
            return (Category::Destructive, Some(word.to_owned()));
        }
        if let Some(word) = self.money() {
            return (Category::Financial, Some(word));
        }
        if let Some(word) = self.of_kind(Kind::Running)
            && !self.has("checkout")
        {
            return (Category::Execute, Some(word));
        }
        (Category::Destructive, None)
    }

    fn money_or(&self, otherwise: Category) -> Verdict {
        match self.money() {
            Some(word) => (Category::Financial, Some(word)),
            None => (otherwise, None),
        }
    }

    fn sql_or(&self, otherwise: Category) -> Verdict {
        match &self.context.sql {
            Some((category, word)) => (*category, Some(word.clone())),
            None => (otherwise, None),
        }
    }

    fn has(&self, word: &str) -> bool {
        let is_word = |other: &String| other == word || other.strip_suffix('s') == Some(word);
        self.object.words().iter().any(is_word)
            || (self.object.is_empty() && self.explained.words().iter().any(is_word))
    }

    fn of_kind(&self, kind: Kind) -> Option<String> {
        self.object
            .of_kind(kind)
            .or_else(|| self.explained.of_kind(kind).filter(|_| !self.explained.is_record()))
            .map(str::to_owned)
    }

    /// The words that say that money moves, if they do.
    fn money(&self) -> Option<String> {
        if let Some(word) = self.object.money() {
            return Some(word);
        }
        if self.object.is_record() {
            return None;
        }
        if let Some(word) = self.explained.money().filter(|_| !self.explained.is_record()) {
            return Some(word);
        }
        let context = self.context;
        if let Some(word) = self.of_kind(Kind::Subscription) {
            let is_feed = self.object.of_kind(Kind::Feed).or(context.description.mentions(Kind::Feed, 1)).is_some();
            return (!is_feed).then_some(word);
        }
        // Sending or listing an order elsewhere pays nothing.
        if matches!(self.verb.trim_end_matches('s'), "send" | "add" | "upload" | "import" | "post" | "copy" | "forward")
        {
            return None;
        }
        let deal = self.of_kind(Kind::Deal)?;
        let is_trade = || {
            let names = context.name.iter().chain(&context.server).map(String::as_str);
            names.chain(context.description.opening(1)).any(|word| lexicon::is(word, Kind::Trade))
        };
        // A settled deal may be explained later in the text; of an order, only what is said at once counts.
        let sentences = if lexicon::is(&deal, Kind::Settled) { 4 } else { 2 };
        let is_paid = || context.takes_amount || context.description.mentions(Kind::MoneyContext, sentences).is_some();
        (is_paid() || is_trade()).then_some(deal)
    }

    /// A browser or a device that is made to do something: what follows is up to it. Creating or renaming a device's
    /// record is no control.
    fn controls(&self) -> Option<String> {
        let in_browser = ["browser", "puppeteer", "playwright", "selenium"];
        if let Some(word) = self.context.name.iter().find(|word| in_browser.contains(&word.as_str())) {
            return Some(word.clone());
        }
        let is_control =
            ["set", "mov", "toggl", "send", "turn", "clos", "forward", "lock", "unlock", "paus", "resum", "dismiss"]
                .into_iter()
                .any(|stem| self.verb.starts_with(stem));
        let object = if self.object.is_empty() { self.explained } else { self.object };
        // What is made to run has effects of its own: `promote_deployment`, `resume_job`.
        let is_set_going = ["promot", "paus", "resum", "unblock"].into_iter().any(|stem| self.verb.starts_with(stem));
        if is_set_going && let Some(word) = object.words().last().filter(|word| lexicon::is(word, Kind::Running)) {
            return Some(word.clone());
        }
        let device = object.words().last().filter(|word| lexicon::is(word, Kind::Device))?;
        is_control.then(|| device.clone())
    }

    /// Minting what is worth money, or letting somebody spend it.
    fn token_of_value(&self) -> Option<String> {
        let words: &[&str] = match self.verb.trim_end_matches('s') {
            "mint" => &["nft", "coin", "stablecoin", "erc20", "collectible", "supply"],
            "approve" => &["token", "allowance", "spending", "spender", "erc20"],
            _ => return None,
        };
        words.iter().find(|word| self.has(word)).map(|word| (*word).to_owned())
    }

    /// A session or a preference of a checkout starts a flow that may end in a payment, and is none itself.
    fn checkout_session(&self) -> Option<String> {
        let is_flow = self.has("session") || self.has("preference") || self.has("checkout");
        let is_checkout = ["checkout"]
            .into_iter()
            .any(|word| self.object.words().iter().chain(self.explained.words()).any(|other| other == word));
        (is_flow && is_checkout).then(|| "checkout".to_owned())
    }
}
