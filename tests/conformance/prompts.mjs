// Prompts with and without arguments.

import { completable, inputRequired } from "@modelcontextprotocol/server";
import { z } from "zod";

import { PICTURE } from "./features.mjs";
import { answerTo, CONTEXT } from "./questions.mjs";

const CITIES = ["paris", "park", "party"];

export function addPrompts(server) {
  const add = (name, description, argsSchema, get) => server.registerPrompt(name, { description, argsSchema }, get);
  const said = (...contents) => ({ messages: contents.map((content) => ({ role: "user", content })) });
  const text = (text) => ({ type: "text", text });

  add("test_simple_prompt", "A prompt.", undefined, async () => said(text("This is a simple prompt for testing.")));
  const two = z.object({
    arg1: completable(z.string().describe("First test argument"), (typed) =>
      CITIES.filter((city) => city.startsWith(typed)),
    ),
    arg2: z.string().describe("Second test argument"),
  });
  add("test_prompt_with_arguments", "A prompt with arguments.", two, async ({ arg1, arg2 }) =>
    said(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  const embedded = z.object({ resourceUri: z.string().describe("The resource to embed") });
  add("test_prompt_with_embedded_resource", "A prompt with a resource.", embedded, async ({ resourceUri }) =>
    said(
      {
        type: "resource",
        resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." },
      },
      text("Please process the embedded resource above."),
    ),
  );
  add("test_prompt_with_image", "A prompt with a picture.", undefined, async () =>
    said({ type: "image", data: PICTURE, mimeType: "image/png" }, text("Please analyze the image above.")),
  );
  add("test_input_required_result_prompt", "A prompt that needs an answer.", undefined, async (context) => {
    const answer = answerTo(context, "user_context");
    return answer === undefined
      ? inputRequired({ inputRequests: { user_context: CONTEXT } })
      : said(text(`Use this context: ${answer.content.context}`));
  });
}
