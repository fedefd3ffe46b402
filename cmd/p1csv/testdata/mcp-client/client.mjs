// Asks p1csv --mcp as the TypeScript SDK's client does, and writes what came of it as JSON:
//
//	node client.mjs p1csv ARCHIVE <questions.json
//
// questions.json is a list of {name, tool, arguments}. The first thing that is asked is taken
// back as soon as the server tells of its progress.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { text } from "node:stream/consumers";

const [command, archive] = process.argv.slice(2);
const questions = JSON.parse(await text(process.stdin));
const found = { tools: [], progress: 0, cancelled: "", answers: {}, refusals: {}, milliseconds: {} };
const patience = { timeout: 3600_000 };

const transport = new StdioClientTransport({ command, args: ["--mcp", archive], env: process.env, stderr: "inherit" });
const client = new Client({ name: "owner", version: "1" });
await client.connect(transport);
found.server = client.getServerVersion();
found.instructions = client.getInstructions();
found.tools = (await client.listTools()).tools;

// A question that is taken back while the archive is read for the first time.
const stop = new AbortController();
try {
  const onprogress = () => stop.abort("taken back");
  await client.callTool({ name: "energy", arguments: {} }, undefined, { ...patience, signal: stop.signal, onprogress });
} catch (error) {
  found.cancelled = String(error?.message ?? error);
}

for (const { name, tool, arguments: given } of questions) {
  const begun = Date.now();
  try {
    const onprogress = () => found.progress++;
    const result = await client.callTool({ name: tool, arguments: given }, undefined, { ...patience, onprogress });
    const said = result.content.map((part) => part.text).join("");
    if (result.isError) found.refusals[name] = said;
    else if (JSON.stringify(result.structuredContent) !== JSON.stringify(JSON.parse(said))) found.refusals[name] = "text and structured content differ";
    else found.answers[name] = said; // as text, since a number in JavaScript is no decimal
  } catch (error) {
    found.refusals[name] = String(error?.message ?? error);
  }
  found.milliseconds[name] = Date.now() - begun;
}
await client.close();
process.stdout.write(JSON.stringify(found));
