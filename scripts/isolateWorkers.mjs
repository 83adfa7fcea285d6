// Loaded into jest's first process: each of its workers then starts in a network namespace of its own, so that test
// files side by side can both have 192.0.2.10. (A worker is forked from `process.execPath`, and nothing else can be set.)
import { join } from "node:path";

if (process.env.JEST_WORKER_ID === undefined) {
    process.env.VPSFW_NODE = process.execPath;
    process.execPath = join(import.meta.dirname, "nodeInOwnNetwork.sh");
}
