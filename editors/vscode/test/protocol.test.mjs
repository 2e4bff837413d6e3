// Drives the real server as VS Code does, with Microsoft's own implementation of the protocol. DOCKVET is the program.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import protocol from "vscode-languageserver-protocol/node";

const program = process.env.DOCKVET;
assert.ok(program, "set DOCKVET to the program that is tested");

const dockerfile = [
  "FROM node:24-bookworm AS Base",
  "MAINTAINER somebody",
  "FROM base",
  "COPY . .",
  "RUN apt-get update && apt-get install -y curl",
  "COPY --from=base /etc/os-release /",
  "",
].join("\n");

/** A client that has every capability that matters, push and pull of diagnostics included. */
async function connect(t, files, change = (c) => c) {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "dockvet-")));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(dir, name, ".."), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  const child = spawn(program, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const c = protocol.createProtocolConnection(child.stdout, child.stdin);
  const seen = { pushed: [], logs: [], registered: [], refreshed: 0 };
  c.onNotification(protocol.PublishDiagnosticsNotification.type, (p) => void seen.pushed.push(p));
  c.onNotification(protocol.LogMessageNotification.type, (p) => void seen.logs.push(p.message));
  c.onRequest(protocol.ConfigurationRequest.type, (p) => p.items.map(() => ({ profile: "strict" })));
  c.onRequest(protocol.RegistrationRequest.type, (p) => void seen.registered.push(...p.registrations.map((r) => r.method)));
  c.onRequest(protocol.DiagnosticRefreshRequest.type, () => void seen.refreshed++);
  c.onRequest(protocol.InlayHintRefreshRequest.type, () => undefined);
  c.listen();
  t.after(async () => {
    await c.sendRequest(protocol.ShutdownRequest.type);
    await c.sendNotification(protocol.ExitNotification.type);
    assert.equal(await ended, 0, "the exit code after shutdown and exit");
    c.dispose();
    await rm(dir, { recursive: true });
    assert.deepEqual(seen.logs.filter((m) => m.includes("bug")), []);
  });
  const root = pathToFileURL(dir).href;
  const capabilities = change({
    general: { positionEncodings: ["utf-8", "utf-16"] },
    textDocument: {
      diagnostic: { dynamicRegistration: true, relatedDocumentSupport: true },
      publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true, tagSupport: { valueSet: [1, 2] } },
      codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "source.fixAll"] } } },
      hover: { contentFormat: ["markdown"] },
      completion: { completionItem: { snippetSupport: true, insertReplaceSupport: true, documentationFormat: ["markdown"] } },
      rename: { prepareSupport: true },
      documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    },
    workspace: {
      configuration: true,
      didChangeConfiguration: { dynamicRegistration: true },
      didChangeWatchedFiles: { dynamicRegistration: true },
      workspaceEdit: { documentChanges: true, resourceOperations: ["create"] },
      diagnostics: { refreshSupport: true },
      workspaceFolders: true,
    },
  });
  const server = await c.sendRequest(protocol.InitializeRequest.type, {
    processId: process.pid,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: "test" }],
    capabilities,
  });
  await c.sendNotification(protocol.InitializedNotification.type, {});
  const uri = (name) => `${root}/${name}`;
  const open = (name, languageId, text) =>
    c.sendNotification(protocol.DidOpenTextDocumentNotification.type, { textDocument: { uri: uri(name), languageId, version: 1, text } });
  const pull = async (name) =>
    (await c.sendRequest(protocol.DocumentDiagnosticRequest.type, { textDocument: { uri: uri(name) } })).items;
  return { c, server, seen, uri, open, pull };
}

/** text after edits, which are from the end of the text to its beginning. */
function applied(text, edits) {
  const lines = text.split("\n");
  const offset = (p) => lines.slice(0, p.line).join("\n").length + (p.line > 0 ? 1 : 0) + p.character;
  for (const e of [...edits].sort((a, b) => offset(b.range.start) - offset(a.range.start))) {
    text = text.slice(0, offset(e.range.start)) + e.newText + text.slice(offset(e.range.end));
  }
  return text;
}

async function until(what, cond) {
  for (let i = 0; i < 500; i++) {
    if (cond()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`no ${what}`);
}

test("a client that offers push and pull sees each diagnostic once", async (t) => {
  const { seen, uri, open, pull, server } = await connect(t, { Dockerfile: dockerfile });
  assert.equal(server.capabilities.positionEncoding, "utf-8");
  await open("Dockerfile", "dockerfile", dockerfile);
  await until("registrations", () => seen.registered.length === 2);
  const items = await pull("Dockerfile");
  assert.ok(items.some((d) => d.code === "maintainer-instruction" && d.tags.includes(2) && d.codeDescription.href.startsWith("https://")));
  const all = items.map((d) => JSON.stringify([d.range, d.code, d.message]));
  assert.equal(new Set(all).size, all.length);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual(seen.pushed.filter((p) => p.uri === uri("Dockerfile") && p.diagnostics.length > 0), []);
});

test("a client that cannot pull is told, in UTF-16", async (t) => {
  const text = dockerfile.replace("somebody", "𝕏 é");
  const { seen, open, server, uri } = await connect(t, { Dockerfile: text }, (c) => {
    delete c.textDocument.diagnostic;
    delete c.general.positionEncodings;
    return c;
  });
  assert.equal(server.capabilities.positionEncoding ?? "utf-16", "utf-16");
  await open("Dockerfile", "dockerfile", text);
  await until("diagnostics", () => seen.pushed.some((p) => p.uri === uri("Dockerfile") && p.diagnostics.length > 0));
  for (const d of seen.pushed.at(-1).diagnostics) {
    assert.ok(d.range.end.character <= text.split("\n")[d.range.end.line].length, JSON.stringify(d));
  }
});

test("hover, completion, a fix and a rename", async (t) => {
  const compose = "services:\n  web:\n    build:\n      context: .\n      target: base\n";
  const { c, uri, open, pull } = await connect(t, { Dockerfile: dockerfile, "compose.yaml": compose, "src/main.js": "x\n" });
  await open("Dockerfile", "dockerfile", dockerfile);
  const textDocument = { uri: uri("Dockerfile") };
  const diagnostics = await pull("Dockerfile");

  const hover = await c.sendRequest(protocol.HoverRequest.type, { textDocument, position: { line: 0, character: 8 } });
  assert.match(hover.contents.value, /node:24-bookworm.*Docker official image/s);

  const completion = await c.sendRequest(protocol.CompletionRequest.type, { textDocument, position: { line: 5, character: 12 } });
  assert.ok(completion.items.some((i) => i.label === "Base"));

  const maintainer = diagnostics.find((d) => d.code === "maintainer-instruction");
  const actions = await c.sendRequest(protocol.CodeActionRequest.type, {
    textDocument, range: maintainer.range, context: { diagnostics: [maintainer] },
  });
  const fix = actions.find((a) => a.kind === "quickfix" && a.edit && !a.title.startsWith("Ignore"));
  const edits = fix.edit.documentChanges.flatMap((d) => d.edits);
  const fixed = applied(dockerfile, edits);
  assert.match(fixed, /LABEL org\.opencontainers\.image\.authors="?somebody"?/);
  await c.sendNotification(protocol.DidChangeTextDocumentNotification.type, {
    textDocument: { ...textDocument, version: 2 }, contentChanges: edits.map((e) => ({ range: e.range, text: e.newText })),
  });
  assert.ok(!(await pull("Dockerfile")).some((d) => d.code === "maintainer-instruction"), "the finding is gone");

  const all = await c.sendRequest(protocol.CodeActionRequest.type, {
    textDocument, range: maintainer.range, context: { diagnostics: [], only: ["source.fixAll"] },
  });
  assert.ok(all.every((a) => a.kind === "source.fixAll.dockvet"));

  const rename = await c.sendRequest(protocol.RenameRequest.type, { textDocument, position: { line: 0, character: 26 }, newName: "deps" });
  const changed = Object.fromEntries(rename.documentChanges.map((d) => [d.textDocument.uri, d.edits]));
  assert.equal(applied(compose, changed[uri("compose.yaml")]), compose.replace("base", "deps"));
  assert.equal(applied(fixed, changed[uri("Dockerfile")]), fixed.replaceAll(/\b[Bb]ase\b/g, "deps"));
});

test("everything that the server offers answers", async (t) => {
  const { c, server, uri, open } = await connect(t, { Dockerfile: dockerfile });
  await open("Dockerfile", "dockerfile", dockerfile);
  const textDocument = { uri: uri("Dockerfile") };
  const position = { line: 5, character: 13 };
  const range = { start: { line: 0, character: 0 }, end: { line: 6, character: 0 } };
  const p = protocol;
  for (const [capability, request, params] of [
    ["definitionProvider", p.DefinitionRequest, { textDocument, position }],
    ["referencesProvider", p.ReferencesRequest, { textDocument, position, context: { includeDeclaration: true } }],
    ["documentHighlightProvider", p.DocumentHighlightRequest, { textDocument, position }],
    ["documentSymbolProvider", p.DocumentSymbolRequest, { textDocument }],
    ["foldingRangeProvider", p.FoldingRangeRequest, { textDocument }],
    ["selectionRangeProvider", p.SelectionRangeRequest, { textDocument, positions: [position] }],
    ["semanticTokensProvider", p.SemanticTokensRequest, { textDocument }],
    ["semanticTokensProvider", p.SemanticTokensRangeRequest, { textDocument, range }],
    ["documentLinkProvider", p.DocumentLinkRequest, { textDocument }],
    ["inlayHintProvider", p.InlayHintRequest, { textDocument, range }],
    ["workspaceSymbolProvider", p.WorkspaceSymbolRequest, { query: "" }],
    ["documentFormattingProvider", p.DocumentFormattingRequest, { textDocument, options: { tabSize: 4, insertSpaces: true } }],
    ["renameProvider", p.PrepareRenameRequest, { textDocument, position }],
  ]) {
    assert.ok(server.capabilities[capability], capability);
    assert.ok(await c.sendRequest(request.type, params), request.type.method);
  }
});
