import Sequencer from "@jest/test-sequencer";

/** The tests that wait for hosts and engines begin first, so that no long one is left over at the end. */
export default class SlowFirst extends Sequencer {
    sort(tests) {
        const slow = ({ path }) => /\/test\/(host|engine|targets\/protocol)\//.test(path);
        const sorted = super.sort(tests);
        return [...sorted.filter(slow), ...sorted.filter((test) => !slow(test))];
    }
}
