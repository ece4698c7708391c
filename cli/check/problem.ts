/** Something about a connector's JSON that should be otherwise. */
export interface Problem {
  /** `error`: it cannot work. `warning`: it works, and costs more, looks odd or may not arrive. */
  readonly level: 'error' | 'warning';
  /** Where: `templates.0.content`. */
  readonly path: string;
  /** What is wrong and what to do, as the rest of a sentence that begins with the path; no secret. */
  readonly text: string;
}
