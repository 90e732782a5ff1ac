// Adds a grant's token to every request on its way to a gateway, because the suite cannot send one. Everything else
// passes as it came, `Host` and `Origin` included. Prints its URL when it listens.

import { createServer, request as send } from "node:http";

const target = new URL(process.env.OSTIARY_MCP_URL);
const token = process.env.OSTIARY_MCP_TOKEN;

const http = createServer((request, response) => {
  const headers = [...request.rawHeaders, "authorization", `Bearer ${token}`];
  const options = { host: target.hostname, port: target.port, path: target.pathname, method: request.method, headers };
  const sent = send({ ...options, setHost: false }, (answer) => {
    response.writeHead(answer.statusCode, answer.rawHeaders);
    response.flushHeaders();
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  sent.on("error", () => response.destroy());
  response.on("close", () => sent.destroy());
  request.pipe(sent);
});

http.listen(0, "127.0.0.1", () => console.log(`http://localhost:${http.address().port}/mcp`));
