#!/usr/bin/env node
// Runs the binary of this platform, which npm installed as an optional dependency.
"use strict";
const { spawnSync } = require("node:child_process");

const name = `@dockvet/${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "dockvet.exe" : "dockvet";
let program;
try {
  program = require.resolve(`${name}/${file}`);
} catch {
  console.error(`dockvet: ${name} is not installed; either there is no binary for this platform, or npm was told to omit optional dependencies`);
  process.exit(2);
}
const { status, signal, error } = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`dockvet: ${error.message}`);
  process.exit(2);
}
if (signal) {
  process.kill(process.pid, signal);
}
process.exit(status);
