import Sequencer from "@jest/test-sequencer";

/** Folders whose tests wait for hosts and engines, the longest first. */
const slow = ["crash", "boot", "ssh", "host", "engine", "targets/protocol", "security", "lab", "kernel"];

/** The slow begin first, so that no long one is left over at the end. */
export default class SlowFirst extends Sequencer {
    sort(tests) {
        const rank = ({ path }) => slow.findIndex((folder) => path.includes(`/test/${folder}/`)) >>> 0;
        return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
    }
}
