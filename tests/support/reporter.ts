import { Readable } from 'node:stream';
import { spec, type TestEvent } from 'node:test/reporters';

/**
 * Node's spec reporter, closed by one plain line with the runner's own count: `180 passed, 0 failed`.
 * A test that was skipped or cancelled counts as failed, so that nothing is left out unseen.
 */
export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const count = { passed: 0, failed: 0 };
  async function* counted() {
    for await (const event of source) {
      // The summary without a file is the whole run's.
      if (event.type === 'test:summary' && event.data.file === undefined) {
        count.passed = event.data.counts.passed;
        count.failed = event.data.counts.tests - event.data.counts.passed;
      }
      yield event;
    }
  }
  yield* Readable.from(counted()).pipe(new spec());
  yield `\n${count.passed} passed, ${count.failed} failed\n`;
}
