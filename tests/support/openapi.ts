import type { JsonSchema } from '../../infra/contracts/json-schema.ts';

/** A body of an OpenAPI document. */
export interface Media {
  readonly schema: JsonSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

/** A header or a parameter of it, or a reference to one. */
export interface Described {
  readonly $ref?: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly schema?: JsonSchema;
}

/** An answer of it. */
export interface ResponseObject {
  readonly headers?: Readonly<Record<string, Described>>;
  readonly content?: Readonly<Record<string, Media>>;
}

/** An operation of it. */
export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly Described[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

/** All operations of a document, each with its method and path: `POST /sms/logto`. */
export function operationsIn({ paths }: { paths: object }): { at: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>)
      .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, operation]) => ({ at: `${method.toUpperCase()} ${path}`, operation })),
  );
}

/** All examples of an operation's bodies, each with its schema. */
export function examplesIn({ requestBody, responses }: Operation) {
  const bodies = [['request', requestBody?.content] as const].concat(
    Object.entries(responses).map(([status, { content }]) => [status, content] as never),
  );
  return bodies.flatMap(([where, content]) =>
    Object.values(content ?? {}).flatMap(({ schema, example, examples = {} }) => {
      const values = [
        ...(example === undefined ? [] : [example]),
        ...Object.values(examples).map(({ value }) => value),
      ];
      return values.map((value) => ({ where, schema, value }));
    }),
  );
}

/** The headers of an operation's answers, behind their references. */
export function headersIn({ responses }: Operation, document: object): Described[] {
  return Object.values(responses).flatMap(({ headers = {} }) =>
    Object.values(headers).map((header) => resolve(header, document)),
  );
}

/** What a reference within a document leads to. */
export function resolve(header: Described, document: object): Described {
  const path = header.$ref?.slice(2).split('/');
  return path
    ? (path.reduce((value: unknown, key) => (value as Record<string, unknown>)[key], document) as Described)
    : header;
}
