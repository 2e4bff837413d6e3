// Times language servers: from the start of the process to the answer to initialize, and to the first diagnostics of a Dockerfile of 60
// lines in a directory of 2,000 files; and the memory after edits.
//
//     node test/bench.mjs PROGRAM [ARGUMENT…]
//
// RUNS is how often it is started (15), EDITS how many edits are made (10,000).
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import protocol from "vscode-languageserver-protocol/node";

const [program, ...args] = process.argv.slice(2);
const runs = Number(process.env.RUNS ?? 15);
const edits = Number(process.env.EDITS ?? 10_000);

let text = "ARG TAG=24-slim\nFROM node:${TAG} AS base\nWORKDIR /app\nENV NODE_ENV=production \\\n    PORT=3000\n";
for (let i = 0; text.split("\n").length < 52; i++) {
  text += [
    `\n# step ${i}\nRUN apt-get update && \\\n    apt-get install -y --no-install-recommends curl=8.${i} && \\\n    rm -rf /var/lib/apt/lists/*\n`,
    `COPY dir${i}/ ./dir${i}/\n`, `ENV KEY${i}=$PORT\n`, `LABEL org.example.n${i}="${i}"\n`, `RUN test -f dir${i}/file && echo "$KEY2" | tee /tmp/x${i}\n`,
  ][i % 5];
}
text += 'COPY package.json package-lock.json ./\nRUN npm ci --omit=dev\nCOPY . .\nUSER node\nEXPOSE 3000\nMAINTAINER x\nCMD ["node", "server.js"]\n';

const dir = await mkdtemp(join(tmpdir(), "bench-"));
const files = { Dockerfile: text, "package.json": "{}", "package-lock.json": "{}", "server.js": "", ".dockerignore": ".git\n", ".git/HEAD": "ref: x\n" };
for (let i = 0; i < 2000; i++) files[`dir${i % 40}/file${i}.js`] = "x\n";
for (const [name, content] of Object.entries(files)) {
  await mkdir(join(dir, name, ".."), { recursive: true });
  await writeFile(join(dir, name), content);
}

async function start(more) {
  const begin = performance.now();
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
  const c = protocol.createProtocolConnection(child.stdout, child.stdin);
  let told;
  const diagnosed = new Promise((resolve) => (told = resolve));
  c.onNotification(protocol.PublishDiagnosticsNotification.type, (p) => p.diagnostics.length > 0 && told());
  c.onRequest(protocol.RegistrationRequest.type, () => undefined);
  c.listen();
  const uri = pathToFileURL(join(dir, "Dockerfile")).href;
  await c.sendRequest(protocol.InitializeRequest.type, {
    processId: process.pid, rootUri: pathToFileURL(dir).href, capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
  });
  const answered = performance.now();
  await c.sendNotification(protocol.InitializedNotification.type, {});
  await c.sendNotification(protocol.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "dockerfile", version: 1, text } });
  await diagnosed;
  const shown = performance.now();
  await more?.(c, uri, child.pid);
  c.dispose();
  child.kill();
  return [answered - begin, shown - answered, shown - begin];
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1].toFixed(1);
const times = [];
for (let i = 0; i < runs; i++) times.push(await start());
console.log(`start to answer ${median(times.map((t) => t[0]))} ms; to the first diagnostics ${median(times.map((t) => t[1]))} ms more`);

if (edits > 0) {
  await start(async (c, uri, pid) => {
    for (let i = 0; i < edits; i++) {
      const p = { line: 2, character: 12 };
      await c.sendNotification(protocol.DidChangeTextDocumentNotification.type, {
        textDocument: { uri, version: i + 2 },
        contentChanges: [i % 2 === 0 ? { range: { start: p, end: p }, text: "x" } : { range: { start: p, end: { ...p, character: 13 } }, text: "" }],
      });
      // An answer to each tenth, so that the server is not only told.
      if (i % 10 === 0) await c.sendRequest(protocol.DocumentSymbolRequest.type, { textDocument: { uri } });
    }
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    console.log(`after ${edits} edits: ${/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? "?"} kB resident, at most ${/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? "?"} kB`);
  });
}
await rm(dir, { recursive: true });
process.exit(0);
