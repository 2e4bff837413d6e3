import { commands, ExtensionContext, LogOutputChannel, window, workspace } from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions, TransportKind } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

// The files that the server has something to say about. It also reads what else is in a build context, but from the disk.
const documents = [
  { scheme: "file", language: "dockerfile" },
  { scheme: "untitled", language: "dockerfile" },
  { scheme: "file", pattern: "**/{Dockerfile,Containerfile}{,.*}" },
  { scheme: "file", pattern: "**/{compose,docker-compose}*.{yaml,yml}" },
  { scheme: "file", pattern: "**/docker-bake*.{hcl,json}" },
  { scheme: "file", pattern: "**/{.dockerignore,*.dockerignore,.dockvet.yaml,.dockvet.yml}" },
];

export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel("dockvet", { log: true });
  context.subscriptions.push(
    log,
    commands.registerCommand("dockvet.restart", () => restart(log)),
    workspace.onDidChangeConfiguration((e) => (e.affectsConfiguration("dockvet.path") ? restart(log) : undefined)),
    workspace.onDidGrantWorkspaceTrust(() => restart(log)),
  );
  await start(log);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
  client = undefined;
}

async function restart(log: LogOutputChannel): Promise<void> {
  await deactivate();
  await start(log);
}

async function start(log: LogOutputChannel): Promise<void> {
  const path = workspace.getConfiguration("dockvet").get("path", "dockvet");
  const server: ServerOptions = { command: path, args: ["lsp"], transport: TransportKind.stdio };
  const options: LanguageClientOptions = {
    documentSelector: documents,
    initializationOptions: settings(),
    outputChannel: log,
    middleware: {
      workspace: {
        // An empty string is a setting that is not set: VS Code has no other way to say so.
        configuration: async (params, token, next) => {
          const answer = await next(params, token);
          return Array.isArray(answer) ? answer.map(withoutEmpty) : answer;
        },
      },
    },
  };
  client = new LanguageClient("dockvet", "dockvet", server, options);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const again = "Open Settings";
    const text = `dockvet could not be started as "${path}": ${String(error)}`;
    if ((await window.showErrorMessage(text, again)) === again) {
      await commands.executeCommand("workbench.action.openSettings", "dockvet.path");
    }
  }
}

function settings(): unknown {
  return withoutEmpty(JSON.parse(JSON.stringify(workspace.getConfiguration("dockvet"))));
}

function withoutEmpty(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== "" && v !== null));
}
