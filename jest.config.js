/** Every test file runs once; those under test/host need the lab (see test/lab/README.md). */
module.exports = {
    testEnvironment: "node",
    roots: ["<rootDir>/test"],
    transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.json" }] },
    modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/examples/"],
    testSequencer: "<rootDir>/test/support/slowFirst.mjs",
    reporters: ["default", "<rootDir>/test/support/closingLineReporter.js"],
    // Tests of hosts mostly wait for windows to close, so a few more than the cores keep these busy.
    maxWorkers: 4,
    // Against tests that hang; a machine that does other things beside takes its time.
    testTimeout: 180000,
};
