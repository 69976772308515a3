import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", ".ci/cache/", "node_modules/", "coverage/", "docs/api/"] },
  {
    files: ["**/*.ts", "examples/**/*.mjs"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: "./test/tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // `return this.fail(...)` in a function that returns nothing says that nothing comes after it.
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    // An example talks to whoever runs it.
    files: ["examples/**/*.{ts,mjs}"],
    rules: { "no-console": "off" },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
