// An application protected by http-cas-client, as its documentation shows it for Node's own server. It
// says in JSON who came; /ask?of=URL what another application says to it in the person's name.
//
// application.js PORT OPTIONS: the client's options, as JSON.
"use strict";
const http = require("http");
const httpCasClient = require("http-cas-client");

const [port, options] = process.argv.slice(2);
const handler = httpCasClient(JSON.parse(options));

http
  .createServer(async (request, response) => {
    try {
      if (!(await handler(request, response))) {
        return response.end();
      }
      const asked = new URL(request.url, "http://localhost");
      response.setHeader("Content-Type", "application/json");
      if (asked.pathname === "/ask") {
        const other = await request.ticket.request(asked.searchParams.get("of"));
        return response.end(JSON.stringify((await other.get("/")).data));
      }
      response.end(JSON.stringify(request.principal));
    } catch (error) {
      console.log(error.stack);
      response.statusCode = 500;
      response.end(JSON.stringify({ error: error.message }));
    }
  })
  .listen(Number(port), "127.0.0.1");
