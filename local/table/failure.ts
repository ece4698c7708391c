import type { IncomingMessage, ServerResponse } from 'node:http';

/** How the table can fail: `hang` never answers, `lost_answer` does the work and resets, `reset` only resets. */
export type TableFailure = 'throttle' | 'server_error' | 'hang' | 'reset' | 'lost_answer';

/** A call that may be made to fail. */
export interface TableCall {
  readonly operation: string;
  /** The item's partition key; empty for a call that names no item. */
  readonly key: string;
}

/** What a request calls, with its body. */
export function callOf(operation: string, body: Buffer): TableCall {
  const { Key, Item } = JSON.parse(body.toString('utf8')) as Record<'Key' | 'Item', { pk?: { S?: string } }>;
  return { operation, key: (Key ?? Item)?.pk?.S ?? '' };
}

/**
 * Makes a call fail whose body has been read.
 *
 * @param work lets it through and answers it
 */
export function play(
  failure: TableFailure,
  request: IncomingMessage,
  response: ServerResponse,
  work: () => void,
): void {
  const fail = (status: number, type: string) => {
    response
      .writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type }));
  };
  switch (failure) {
    case 'throttle':
      fail(400, 'ProvisionedThroughputExceededException');
      break;
    case 'server_error':
      fail(500, 'InternalServerError');
      break;
    case 'reset':
      request.socket.resetAndDestroy();
      break;
    case 'lost_answer':
      // biome-ignore lint/suspicious/noExplicitAny: `end` has four overloads, of which none is called
      response.end = ((): any => request.socket.resetAndDestroy()) as any;
      work();
      break;
    case 'hang':
  }
}
