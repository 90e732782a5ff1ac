//! English.

use super::{Act, Kind, Language};

pub(super) const ENGLISH: Language = Language { verbs: VERBS, nouns: NOUNS };

const VERBS: &[(Act, &str)] = &[
    (
        Act::Read,
        "get list search map~ aggregate whoami say retrieve fetch read find lookup look show view~ describe inspect browse crawl scrape download \
         check~ verify validate count~ calculate compute compare analyze analyse summarize summarise translate detect \
         recognize recognise identify classify categorise predict estimate forecast~ explain lint extract parse convert \
         recommend suggest preview~ track~ trace~ monitor~ watch~ wait poll peek head~ cat~ ls tail~ grep glob \
         stat~ diff~ load~ recall~ discover explore enumerate scan~ diagnose decode lookup whois ping~ greet echo~ \
         think reflect consult consults ask~ screenshot~ snapshot~ return~ provide provides display displays \
         outline~ rank~ score~ evaluate~ assess audit~ research~ measure review~ locate determine obtain \
         tell fetches select~ filter~ sort~ match~ hash~ encode export~ see \
         quote~ geocode benchmark~ profile~ tabulate cite~ interpret proofread transcribe ocr",
    ),
    (Act::Simulate, "simulate dryrun"),
    (Act::Resolve, "resolve~"),
    (Act::Capture, "capture"),
    (Act::Query, "query~"),
    (
        Act::Edit,
        "update edit modify change~ set~ rename move~ archive~ unarchive tag~ untag label~ unlabel mark unresolve \
         unmark star~ unstar flag~ unflag follow~ unfollow like~ unlike pin~ unpin comment~ reply~ react assign unassign \
         invite~ join~ leave~ report~ unsubscribe mute~ unmute close~ reopen enable disable activate deactivate \
         reactivate pause~ resume~ suspend unsuspend lock~ unlock block~ unblock ban~ unban freeze unfreeze hide unhide \
         logout login signin sort reorder reprioritize prioritize adjust correct patch~ email~ dismiss acknowledge \
         toggle~ configure customize increment decrement append prepend insert format~ annotate highlight \
         resize rotate~ crop link~ unlink attach detach stage~ unstage checkin decline reject deny redeliver \
         promote demote replace write rewrite refactor fix~ notify remind save upsert sync~ grant~ \
         increase~ decrease~ raise lower reduce bump~ permit~ share~ unshare mutate fulfill allocate snooze favorite bookmark~ vote~ \
         learn remember memorize store~ persist record~ note~ log~ enrich reschedule restock \
         escalate timeout~ timesout transition triage reassign relabel retag upvote downvote boost~ repost~ retweet~ endorse warn nudge tune~ calibrate trim~ align group~ ungroup associate disassociate dissociate bind unbind relate retitle reschedule postpone defer override~ shuffle~ transpose quantize animate rsvp undelete unhold redact~ retire~ sunset~ whitelist~ allowlist~ blacklist~ denylist~ reorganize reclassify recategorize scrobble checkin clockin clockout \
         restore prescribe",
    ),
    (
        Act::Make,
        "create add~ register make~ new~ generate issue~ emit submit send post~ upload import~ \
         schedule~ request~ initiate initialize init setup draft~ compose copy~ duplicate clone~ fork~ publish put~ \
         provision enroll onboard enter~ place~ offer~ propose complete confirm finalize approve accept authorize \
         settle collect retain reserve~ hold~ mint~ backup~ prepare define declare design~ render \
         produce message~ broadcast~ forward~ reissue resend exchange~ renew extend present~ supply defend~ answer~ \
         vault~ plan~ scaffold sign~ authenticate challenge~ \
         commit~ subscribe ship~ delegate \
         nominate pledge~",
    ),
    (Act::Transfer, "transfer~"),
    (Act::Book, "book~"),
    (Act::Open, "open"),
    (
        Act::Run,
        "run execute exec invoke trigger restart reboot merge~ start stop~ launch deploy redeploy undeploy rollout~ \
         rollback revert~ undo redo~ retry~ rerun replay~ resubmit call~ dispatch spawn eval interpret compile \
         build~ rebuild test~ apply install upgrade~ downgrade scale~ drain cordon uncordon click~ doubleclick type~ \
         press navigate goto hover drag scroll~ tap~ swipe~ fill~ shutdown boot~ wake sleep~ \
         debug~ step~ connect disconnect control~ operate automate orchestrate migrate failover \
         switchover maximize minimize focus~ bootstrap enqueue kick \
         process~ release~ power~ emulate inject hijack proxy~ tunnel~ refresh~ warmup train~ finetune \
         transcode turn play~ speak listen~ push~ pull~ rebase~ checkout~ cherrypick bisect \
         spin recreate reload repair optimize reindex defragment mount~ unmount flash~ handoff \
         rescore solve~ upscale route~ requeue interact print~ isolate quarantine \
         honk ring~ dock~ undock cast~ skip~ seek~ rewind arm~ disarm ignite begin commence exploit fuzz bruteforce sbatch relaunch respawn resync retrain retrigger rehydrate rerender reprovision hibernate defrost preheat irrigate vacuum~ fly~ land~ reimport recompute force~ cutover",
    ),
    (Act::Vague, "manage handle perform do use~ administer maintain work~"),
    (Act::Cancel, "cancel void~ abort annul rescind reverse~ "),
    (
        Act::Delete,
        "delete remove drop purge destroy erase wipe truncate clear reset revoke uninstall prune expunge terminate \
         kill flush trash~ unregister deregister delist overwrite evict empty~ discard obliterate redact expire \
         forget deprovision decommission unpublish unlist rm rmdir del unset shred anonymize anonymise pseudonymize pseudonymise \
         nuke zap cull disband dissolve teardown offboard reformat reimage unenroll expel dequeue depublish tearsdown invalidate scrub \
         dispose",
    ),
    (
        Act::Pay,
        "pay~ charge~ payout~ refund~ withdraw disburse reimburse repay remit purchase~ buy~ sell trade~ swap~ stake~ \
         unstake bridge~ borrow~ lend deposit~ donate tip~ bid~ bet~ wager topup recharge~ fund~ \
         invoice~ tokenize tokenise redeem payoff preauthorize preauth~ cashout liquidate \
         short~ debit~ bill~ chargeback~ hedge~ \
         airdrop~ prepay invest rebalance restake gamble exercise~ reinvest spend liquidate",
    ),
];

const NOUNS: &[(Kind, &str)] = &[
    (
        Kind::Device,
        "light lamp thermostat temperature mouse cursor keyboard keys keystroke keystrokes keypress window device motor door volume \
         camera robot gpio servo valve printer tv television playback command port speaker vacuum switch fan heater \
         signal dialog tab browser",
    ),
    (Kind::Settled, "transaction sale purchase intent authorization conversion"),
    (
        Kind::Identifier,
        "did dns name url domain address handle symbol library id key link path reference module package ip host hostname \
         username alias code uri pointer dependency ens entity",
    ),
    (
        Kind::Money,
        "payment pay charge payout refund withdrawal transfer remittance disbursement money fund crypto cashout topup \
         preauth preauthorization tip donation loan eth btc usdc usdt bitcoin ethereum stablecoin cash wire ach sepa \
         debit reimbursement payroll prepayment paylink installment paypal chargeback escrow redemption",
    ),
    (
        Kind::MoneyContext,
        "payment card credit debit charge refund capture captured authorized acquirer payer merchant wallet crypto \
         blockchain bank settlement amount checkout gateway billing price onchain solana ethereum",
    ),
    (
        Kind::Deal,
        "transaction order sale conversion purchase intent authorization hold operation trade position bid offer ticket bill \
         recurrence installment swap",
    ),
    (Kind::Subscription, "subscription recurrence recurring recurrent mandate autopay membership"),
    (
        Kind::Feed,
        "webhook event topic pubsub notification newsletter mailing push feed queue sns channel email thread \
         stream rss calendar graphql graph change update alert marketing mail list callback issue",
    ),
    (Kind::Trade, "buy sell market trading exchange crypto limit swap perp futures spot broker stock token dex margin"),
    (
        Kind::Document,
        "boleto invoice order document sale booking appointment reservation label shipment ticket \
         request draft",
    ),
    (
        Kind::Record,
        "report template webhook draft note plan customer profile label category key list table page rule policy setting \
         config configuration preference term condition event log comment tag reminder alert notification contact \
         recipient beneficiary receipt message email terminal evidence document form account wallet type status gateway \
         provider dashboard view field history detail instruction summary statement reference metadata address code \
         product item user merchant store seller company branch device issue task project calendar folder file record \
         catalog price coupon discount settings ledger entry journal group team role supplier vendor client person \
         buyer memo column sheet row board lead opportunity deal tax rate limit endpoint conversation \
         image button location survey campaign audience segment",
    ),
    (
        Kind::Running,
        "run execution deployment build browser terminal shell process verification scan backtest checkout job \
         workflow automation pipeline sandbox simulation experiment inquiry call crawl container function lambda prediction \
         inference",
    ),
    (
        Kind::Information,
        "status info information detail details history stat statistics metric count summary report balance doc docs \
         documentation help version health log schema metadata context overview analysis forecast weather price rate \
         quote news result lookup directory catalog transcript definition pattern qualifier ratio policy statement \
         performance usage trend insight ranking leaderboard availability calculator limit fee coverage url timeline \
         reference example guide spec specification capability diff tree structure snapshot screenshot outline bureau \
         comparison review feedback alternative checker finder reader viewer explorer inspector fetcher validator \
         analyzer analyser calculator detector estimator tracker table column index messages requests usage",
    ),
    (
        Kind::Machine,
        "shell bash terminal python repl cmd powershell cli sandbox executor runner launcher interpreter exec console \
         command commands script javascript automation invoker",
    ),
    (Kind::Travel, "flight hotel room ride taxi trip transfer car cab seat tour cruise train stay rental table ticket"),
    (
        Kind::Sql,
        "sql dml ddl cypher gremlin postgres postgresql mysql sqlite mssql bigquery snowflake clickhouse duckdb redshift mariadb",
    ),
    (Kind::SqlDestroys, "delete drop truncate dml ddl"),
    (Kind::Picture, "screenshot screen image snapshot page frame photo heap trace packet window pdf snap"),
    (
        Kind::HandedOver,
        "issue repository repo ownership owner call chat conversation ticket file domain lead session agent contact \
         project folder knowledge data task document ownership role number calendar event stock inventory",
    ),
    (
        Kind::Intro,
        "this tool the use to allows allow lets let you your used for can will be it helps agents users user enables \
         function endpoint api method operation which that when want need please beta deprecated experimental \
         sensitive important tools new optional required warning caution safe simply just also first agent client \
         mcp action provides providing ability able capability server mutation graphql",
    ),
    (
        Kind::Negation,
        "not never without no dont doesnt cannot cant wont nor neither isnt arent before instead avoid non",
    ),
    (
        Kind::Preposition,
        "for with via from in by to using on at into onto as per through within against before after when where which \
         that so if via returns return used and or then",
    ),
    (Kind::Determiner, "it them the a an all any this that these those its their his her one each every both your"),
    (Kind::Conjunction, "and or then"),
];
