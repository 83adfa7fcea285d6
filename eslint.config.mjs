import { importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

// The rooms of docs/architecture.md, top to bottom. An import only ever points down this list.
const rooms = ["./components", "./provider", "./targets", "./core/dialects", "./core/analysis", "./core/model"];
const zones = [
    ...rooms.flatMap((room, index) => rooms.slice(0, index).map((upper) => ({ target: room, from: upper }))),
    // The command stands beside the components: neither knows the other, nor does anything below know the command.
    ...rooms.map((room) => ({ target: room, from: "./cli" })),
    { target: "./cli", from: "./components" },
    // The review of previews reads documents: it knows the core alone, and nothing but the command knows it.
    ...["./components", "./cli", "./provider", "./targets"].map((from) => ({ target: "./review", from })),
    ...rooms.map((room) => ({ target: room, from: "./review" })),
];
// The engine runs programs; the library never knows it, and it knows the library only through its published entries.
const apart = rooms.flatMap((room) => [
    { target: room, from: "./engine" },
    { target: "./engine", from: room },
]);

export default tseslint.config(
    { ignores: ["dist/**", ".dist-*/**", "**/node_modules/**", "test/engine/recorded/**"] },
    ...tseslint.configs.recommended,
    {
        files: ["**/*.ts"],
        plugins: { "import-x": importX },
        settings: { "import-x/resolver": { node: { extensions: [".ts", ".js"] } } },
        rules: {
            "import-x/no-restricted-paths": ["error", { basePath: import.meta.dirname, zones: [...zones, ...apart] }],
            "import-x/no-cycle": ["error", { ignoreExternal: true }],
            "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
            "@typescript-eslint/consistent-type-imports": "error",
            eqeqeq: ["error", "always", { null: "ignore" }],
        },
    },
    {
        // Nothing below components and engine knows Pulumi.
        files: ["cli/**/*.ts", "review/**/*.ts", "core/**/*.ts", "targets/**/*.ts", "provider/**/*.ts"],
        // The thin host of the dynamic provider speaks to the engine.
        ignores: ["provider/v1.ts", "provider/engineLog.ts"],
        rules: {
            "no-restricted-imports": ["error", { patterns: ["@pulumi/*"] }],
        },
    },
);
