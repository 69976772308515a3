import { existsSync } from "node:fs";
import tseslint from "typescript-eslint";

// They run in a browser: their types are its types.
const PAGES = ["src/panel", "src/page", "src/page/worker", "src/station-page"].filter((folder) => existsSync(folder));

const RULES = {
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  // `return this.fail(...)` in a function that returns nothing says that nothing comes after it.
  "@typescript-eslint/no-confusing-void-expression": [
    "error",
    { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
  ],
  "@typescript-eslint/consistent-type-imports": "error",
  eqeqeq: "error",
  "no-console": "error",
};

export default tseslint.config(
  { ignores: ["dist/", ".ci/cache/", "node_modules/", "coverage/", "docs/api/"] },
  {
    files: ["**/*.ts", "examples/**/*.mjs"],
    ignores: PAGES.map((folder) => `${folder}/**`),
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: "./test/tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: RULES,
  },
  {
    files: PAGES.flatMap((folder) => [`${folder}/**/*.ts`, `${folder}/**/*.tsx`]),
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: PAGES.map((folder) => `./${folder}/tsconfig.json`),
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: RULES,
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
