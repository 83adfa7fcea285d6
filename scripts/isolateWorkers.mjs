// Loaded into jest's first process: each of its workers then starts in a network namespace of its own, so that test
// files side by side can both have 192.0.2.10. jest has no setting for how its workers are started.
import childProcess from "node:child_process";
import { join } from "node:path";

const { fork } = childProcess;

childProcess.fork = (module, args, options) => {
    if (!String(module).includes("jest-worker")) return fork(module, args, options);
    const execPath = join(import.meta.dirname, "nodeInOwnNetwork.sh");
    const env = { ...options.env, VPSFW_NODE: process.execPath };
    return fork(module, args, { ...options, execPath, env });
};
