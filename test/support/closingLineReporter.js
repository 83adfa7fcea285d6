"use strict";

/**
 * Ends the output with one line, `N passed, N failed, N skipped`. It is written as the process exits, since jest itself
 * may still have something to say after the run. A test file that does not load counts as one failure, and no test that
 * ran is a failed run.
 */
class ClosingLineReporter {
    onRunComplete(_contexts, results) {
        process.once("exit", (status) => {
            const passed = results.numPassedTests;
            const counted = results.numFailedTests + results.numRuntimeErrorTestSuites;
            // Whatever else made jest fail (an obsolete snapshot under --ci, a reporter) counts too.
            const failed = counted === 0 && status !== 0 ? 1 : counted;
            const skipped = results.numPendingTests + results.numTodoTests;
            if (failed > 0 || passed === 0) process.exitCode = 1;
            process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
        });
    }
}

module.exports = ClosingLineReporter;
