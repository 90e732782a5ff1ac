// Short names for the objects of the API. The generated schema is the truth; nothing is declared anew here.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
export type ApiKey = Schemas["ApiKey"];
export type AuditEvent = Schemas["AuditEvent"];
export type Binding = Schemas["Binding"];
export type Category = NonNullable<Tool["category"]>;
export type Decision = Schemas["Decision"];
export type Diagnostic = Schemas["Diagnostic"];
export type Grant = Schemas["Grant"];
export type Invitation = Schemas["Invitation"];
export type Me = Schemas["Me"];
export type Member = Schemas["Member"];
export type PlanOffer = Schemas["PlanOffer"];
export type Policy = Schemas["Policy"];
export type PolicyVersion = Schemas["PolicyVersion"];
export type Problem = Schemas["Problem"];
export type Risk = Tool["risk"];
export type Role = Me["role"];
export type Server = Schemas["Server"];
export type Session = Schemas["Session"];
export type Simulation = Schemas["Simulation"];
export type SimulationResult = Schemas["SimulatedCall"];
export type Tool = Schemas["Tool"];
export type ToolChange = Schemas["ToolChange"];
export type Usage = Schemas["Usage"];
export type Validation = Schemas["PolicyValidation"];

export type Mode = Binding["mode"];
export type Outcome = Decision["outcome"];
