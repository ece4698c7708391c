import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { orAbort } from '../../lib/abort.ts';

const work = () => Promise.withResolvers<string>();
const REASON = new Error('out of time');

describe('orAbort', () => {
  it('gives what the work gives or fails with, if that comes first', async () => {
    const controller = new AbortController();
    const { promise, resolve } = work();
    const result = orAbort(promise, controller.signal);
    resolve('done');
    assert.equal(await result, 'done');
    const error = new Error('broken');
    await assert.rejects(orAbort(Promise.reject(error), controller.signal), error);
  });

  it('fails for a signal that was aborted before, even if the work is done', async () => {
    await assert.rejects(orAbort(Promise.resolve('done'), AbortSignal.abort(REASON)), REASON);
    await assert.rejects(orAbort(work().promise, AbortSignal.abort(REASON)), REASON);
  });

  for (const end of ['resolve', 'reject'] as const) {
    it(`fails with the signal's reason at once, and drops what comes of the work later: ${end}`, async () => {
      const unhandled: unknown[] = [];
      const note = (error: unknown) => unhandled.push(error);
      process.on('unhandledRejection', note);
      const controller = new AbortController();
      const late = work();
      const result = orAbort(late.promise, controller.signal);
      controller.abort(REASON);
      await assert.rejects(result, REASON);
      late[end]('too late');
      await new Promise((resolve) => setImmediate(resolve));
      process.off('unhandledRejection', note);
      assert.deepEqual(unhandled, []);
    });
  }

  it('leaves no listener behind: a signal may outlive many calls', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await orAbort(Promise.resolve('done'), signal);
    await orAbort(Promise.reject(new Error('broken')), signal).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    const open = orAbort(work().promise, signal);
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    controller.abort(REASON);
    await assert.rejects(open, REASON);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});
