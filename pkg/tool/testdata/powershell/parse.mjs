// Parses the PowerShell of standard input, and writes the lines that are none, or "parsed".
import { readFileSync } from "node:fs";
import { Language, Parser } from "web-tree-sitter";

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(new URL("node_modules/tree-sitter-powershell/tree-sitter-powershell.wasm", import.meta.url).pathname));
const tree = parser.parse(readFileSync(0, "utf8"));
const wrong = (node) => {
  if (node.isError || node.isMissing) console.log(`${node.startPosition.row + 1}: ${node.text.split("\n")[0]}`);
  node.children.forEach(wrong);
};
wrong(tree.rootNode);
if (!tree.rootNode.hasError) console.log("parsed");
