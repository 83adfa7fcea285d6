"use strict";

/**
 * Ends the output with one line, `N passed, N failed, N skipped`. It is written as the process exits, since jest itself
 * may still have something to say after the run. A test file that does not load counts as one failure, a run that ends
 * early as well, and a run in which no test ran is a failed one.
 */
class ClosingLineReporter {
    constructor() {
        this.complete = false;
        this.results = {};
        process.once("exit", (status) => this.writeLine(status));
    }

    onTestResult(_test, _result, results) {
        this.results = results;
    }

    onRunComplete(_contexts, results) {
        this.results = results;
        this.complete = true;
    }

    writeLine(status) {
        const count = (name) => this.results[name] ?? 0;
        const passed = count("numPassedTests");
        const skipped = count("numPendingTests") + count("numTodoTests");
        let failed = count("numFailedTests") + count("numRuntimeErrorTestSuites");
        // Whatever else made jest fail (an obsolete snapshot, a reporter, an exit in a test) counts too.
        if (failed === 0 && (status !== 0 || !this.complete)) failed = 1;
        if (failed > 0 || passed === 0) process.exitCode = 1;
        process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    }
}

module.exports = ClosingLineReporter;
