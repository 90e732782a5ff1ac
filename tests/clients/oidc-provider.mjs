// A provider of sign-ins (OpenID Connect) for tests: it lets whoever comes in as the person it was told last.
//
// `node oidc-provider.mjs CLIENT_ID SECRET REDIRECT_URI` prints its port. `PUT /person` with `{sub, email,
// email_verified}` says who is in front of the browser.
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

const [client_id, client_secret, redirect_uri] = process.argv.slice(2);
let person = { sub: "ada", email: "ada@example.com", email_verified: true };

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id, client_secret, redirect_uris: [redirect_uri] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ ...person, sub }),
  }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ["of no use to anybody"] },
});

async function read(request) {
  let text = "";
  for await (const part of request) text += part;
  return JSON.parse(text);
}

/** Answers every question of the provider with yes. */
async function interact(request, response) {
  const { prompt, params, session, grantId } =
    await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    const result = { login: { accountId: person.sub } };
    return provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: false,
    });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({
        accountId: session.accountId,
        clientId: params.client_id,
      });
  grant.addOIDCScope(params.scope);
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, {
    mergeWithLastSubmission: true,
  });
}

const answer = provider.callback();
server.on("request", (request, response) => {
  if (request.method === "PUT" && request.url === "/person") {
    void read(request).then((told) => {
      person = told;
      response.writeHead(204).end();
    });
  } else if (request.url.startsWith("/interaction/")) {
    interact(request, response).catch((error) =>
      response.writeHead(500).end(String(error)),
    );
  } else {
    void answer(request, response);
  }
});
console.log(server.address().port);
