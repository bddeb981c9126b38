/** Types of the outputs that are drawn. */

export const RUN_MIME = "application/vnd.prismq.run+json";
export const RUNS_MIME = "application/vnd.prismq.runs+json";
