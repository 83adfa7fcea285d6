/** Every test file runs once; those under test/host need the lab (see test/lab/README.md). */
module.exports = {
    testEnvironment: "node",
    roots: ["<rootDir>/test"],
    transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.json" }] },
    modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/examples/"],
    reporters: ["default", "<rootDir>/test/support/closingLineReporter.js"],
    maxWorkers: 2,
    testTimeout: 60000,
};
