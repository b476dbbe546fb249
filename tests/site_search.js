// Ask the search of a built site, by the script that runs in the reader's browser.
// node site_search.js SITE '["query", …]' prints the pages found for each query, best first.
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [site, queries] = [process.argv[2], JSON.parse(process.argv[3])];
const workers = path.join(site, "assets/javascripts/workers");
const script = fs.readdirSync(workers).find((name) => /^search.*\.js$/.test(name));
const index = JSON.parse(fs.readFileSync(path.join(site, "search/search_index.json")));

// What the script expects of a browser: messages in, messages out.
let listen;
let answered;
globalThis.self = globalThis;
globalThis.addEventListener = (_, listener) => { listen = listener; };
globalThis.postMessage = (message) => answered(message);
vm.runInThisContext(fs.readFileSync(path.join(workers, script), "utf8"));

const SETUP = 0;
const QUERY = 2;
const send = (type, data) => new Promise((resolve) => {
  answered = resolve;
  listen({ data: { type, data } });
});

(async () => {
  await send(SETUP, { ...index, options: { suggest: true } });
  const found = {};
  for (const query of queries) {
    const { data } = await send(QUERY, query);
    found[query] = data.items.map(([first]) => first.location.split(".html")[0]);
  }
  console.log(JSON.stringify(found));
})();
