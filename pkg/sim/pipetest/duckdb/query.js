// Reads a question in SQL from standard input, and writes the rows of its answer as JSON
// lines: numbers with all their digits as text, times and dates as text in UTC, null as null.
const { DuckDBInstance } = require("@duckdb/node-api");
const fs = require("node:fs");

const plain = (value) => (value === null || typeof value === "boolean" ? value : String(value));

(async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const db = await instance.connect();
  await db.run("SET TimeZone = 'UTC'");
  const answer = await db.runAndReadAll(fs.readFileSync(0, "utf8"));
  for (const row of answer.getRows()) console.log(JSON.stringify(row.map(plain)));
})().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
