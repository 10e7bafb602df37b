/* What ESLint looks for in the page's scripts, and in the stand-in for Stash's pages. */
const browser = {};
for (const name of ["window", "document", "fetch", "localStorage", "console", "URL", "FormData", "AbortController"])
	browser[name] = "readonly";
for (const name of ["setTimeout", "clearTimeout", "setInterval"]) browser[name] = "readonly";

const rules = {
	eqeqeq: "error",
	"no-implicit-globals": "error",
	"no-shadow": "error",
	"no-undef": "error",
	"no-unused-vars": "error",
	"no-use-before-define": ["error", { functions: false }],
	"no-var": "error",
	"prefer-const": "error",
	"max-lines-per-function": ["error", { max: 70, IIFEs: false }],
	/* A title is text, whatever it holds. */
	"no-restricted-properties": [
		"error",
		...["innerHTML", "outerHTML", "insertAdjacentHTML", "write"].map((property) => ({ property })),
	],
	"no-restricted-syntax": ["error", "[name.name='dangerouslySetInnerHTML']", "[key.name='dangerouslySetInnerHTML']"],
	"no-eval": "error",
	"no-implied-eval": "error",
	"no-new-func": "error",
};

module.exports = [
	{
		files: ["plugin/*.js"],
		languageOptions: { ecmaVersion: 2020, sourceType: "script", globals: browser },
		rules,
	},
	{
		files: ["tests/page/*.js"],
		languageOptions: { ecmaVersion: 2020, sourceType: "module", globals: browser },
		rules: { ...rules, "max-lines-per-function": "off" },
	},
];
