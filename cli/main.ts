#!/usr/bin/env node
import { program } from "./program";

void program(
    {
        out: (text) => process.stdout.write(text),
        err: (text) => process.stderr.write(text),
        isTerminal: process.stdout.isTTY,
    },
    process.argv.slice(2),
).then((code) => {
    process.exitCode = code;
});
