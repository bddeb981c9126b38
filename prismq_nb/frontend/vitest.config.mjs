// `testTimeout`: a busy machine is no failure; a hang is.
// `css`: the contrast test reads the style sheet, which vitest would otherwise leave empty.
export default { test: { include: ["tests/**/*.test.ts"], css: true, testTimeout: 60_000 } };
