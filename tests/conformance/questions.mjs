// Tools of the stateless revision that need something of the client: they answer with their questions, and are called
// again with the answers.

import { fromJsonSchema, inputRequired, ProtocolError } from "@modelcontextprotocol/server";

import { text } from "./features.mjs";
import { capabilities } from "./tools.mjs";

const elicitation = (message, properties) => ({
  method: "elicitation/create",
  params: { message, requestedSchema: { type: "object", properties, required: Object.keys(properties) } },
});
const sampling = (question, maxTokens) => ({
  method: "sampling/createMessage",
  params: { messages: [{ role: "user", content: { type: "text", text: question } }], maxTokens },
});
const NAME = elicitation("What is your name?", { name: { type: "string" } });
const ROOTS = { method: "roots/list", params: {} };

/** The answer to a question, when it is one that can be used. */
export function answerTo(context, key, isUsable = (answer) => answer.action === "accept" && answer.content != null) {
  const answer = context.mcpReq.inputResponses?.[key];
  return answer !== null && typeof answer === "object" && isUsable(answer) ? answer : undefined;
}

export function addQuestions(server, states) {
  const add = (name, description, call) =>
    server.registerTool(name, { description, inputSchema: fromJsonSchema({ type: "object", properties: {} }) }, (_, context) =>
      call(context),
    );

  const greet = async (context) => {
    const answer = answerTo(context, "user_name", (answer) => typeof answer.content?.name === "string");
    return answer === undefined
      ? inputRequired({ inputRequests: { user_name: NAME } })
      : text(`Hello, ${answer.content.name}!`);
  };
  add("test_input_required_result_elicitation", "Asks for a name.", greet);
  add("test_streaming_elicitation", "Asks for a name, and not on a stream.", greet);
  const askModel = async (context) => {
    const answer = answerTo(context, "capital_question", (answer) => answer.content !== undefined);
    return answer === undefined
      ? inputRequired({ inputRequests: { capital_question: sampling("What is the capital of France?", 100) } })
      : text(JSON.stringify(answer.content));
  };
  add("test_input_required_result_sampling", "Asks the client's model.", askModel);
  // The SDK refuses the question where the client did not say that it can sample.
  add("test_missing_capability", "Needs a client that can sample.", askModel);
  add("test_input_required_result_list_roots", "Asks for roots.", async (context) => {
    const answer = answerTo(context, "client_roots", (answer) => Array.isArray(answer.roots));
    return answer === undefined
      ? inputRequired({ inputRequests: { client_roots: ROOTS } })
      : text(JSON.stringify(answer.roots));
  });
  add("test_input_required_result_capabilities", "Asks for what the client can do.", async (context) => {
    const can = capabilities(context);
    const inputRequests = {
      ...(can.elicitation && { user_name: NAME }),
      ...(can.sampling && { greeting: sampling("Generate a greeting", 50) }),
      ...(can.roots && { client_roots: ROOTS }),
    };
    return context.mcpReq.inputResponses === undefined ? inputRequired({ inputRequests }) : text("ok");
  });
  addStates(add, states);
}

function addStates(add, states) {
  const confirm = (done) => async (context) => {
    const isAnswered = answerTo(context, "confirm") !== undefined;
    if (isAnswered && context.mcpReq.requestState()?.round === 1) return text(done);
    if (isAnswered) throw new ProtocolError(-32602, "the state of the request is missing");
    const inputRequests = { confirm: elicitation("Please confirm", { ok: { type: "boolean" } }) };
    return inputRequired({ inputRequests, requestState: await states.mint({ round: 1 }, context) });
  };
  add("test_input_required_result_request_state", "Keeps its state at the client.", confirm("state-ok"));
  add("test_input_required_result_tampered_state", "Knows its own state.", confirm("state-ok"));
  add("test_input_required_result_multiple_inputs", "Asks for several things at once.", async (context) => {
    const isAnswered = ["user_name", "greeting", "client_roots"].every((key) => answerTo(context, key, () => true));
    if (isAnswered) return text("All answers are here.");
    const inputRequests = { user_name: NAME, greeting: sampling("Generate a greeting", 50), client_roots: ROOTS };
    return inputRequired({ inputRequests, requestState: await states.mint({ round: 1 }, context) });
  });
  add("test_input_required_result_multi_round", "Asks twice.", async (context) => {
    const state = context.mcpReq.requestState();
    const name = answerTo(context, "step1")?.content.name;
    const color = answerTo(context, "step2")?.content.color;
    if (state?.round === 2 && color !== undefined) return text(`${state.name} likes ${color}.`);
    if (state?.round === 1 && name !== undefined) {
      const step2 = elicitation("Step 2: What is your favorite color?", { color: { type: "string" } });
      return inputRequired({ inputRequests: { step2 }, requestState: await states.mint({ round: 2, name }, context) });
    }
    const step1 = elicitation("Step 1: What is your name?", { name: { type: "string" } });
    return inputRequired({ inputRequests: { step1 }, requestState: await states.mint({ round: 1 }, context) });
  });
}

/** What the prompt that needs an answer asks. */
export const CONTEXT = elicitation("What context should the prompt use?", { context: { type: "string" } });
