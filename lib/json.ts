/** An object of an answer, of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The value of a JSON text, also of one with a byte order mark, as Windows' editors write it; undefined, which no JSON text has, if it is
 * not one. The parser's message quotes the text, and so a key.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

/** What the parser says of a text that is not JSON. It may quote the text, and so a key. */
export function jsonProblem(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

/** The JSON object of a text; undefined if it is not one. */
export function parseObject(text: string): Fields | undefined {
  return asObject(parseJson(text));
}

/** The value if it is an object and not an array. */
export function asObject(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A finite number, also one written as a string, as SMS Aero does in some answers. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) {
    return undefined;
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
