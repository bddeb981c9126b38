// `css`: the contrast test reads the style sheet, which vitest would otherwise leave empty.
export default { test: { include: ["tests/**/*.test.ts"], css: true } };
