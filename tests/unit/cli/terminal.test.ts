import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WriteStream } from 'node:tty';
import { shown } from '../../../cli/format.ts';
import { Terminal } from '../../../cli/terminal.ts';

const CLEAR = '\r\u001b[K';

/** Streams of a terminal, as far as they are looked at, or of a pipe. */
function streams(isTTY: boolean) {
  const make = () =>
    Object.assign(new PassThrough(), { isTTY, getColorDepth: WriteStream.prototype.getColorDepth });
  const [stdin, stdout, stderr] = [make(), make(), make()];
  const printed = () => String(stdout.read() ?? '');
  const noted = () => String(stderr.read() ?? '');
  const clock = { now: () => 0, sleep: async () => {} };
  const terminal = new Terminal({ stdin, stdout, stderr, signals: new EventEmitter(), clock });
  return { input: stdin, printed, noted, terminal };
}

describe('Terminal', () => {
  // Node looks at a dozen variables, CI among them: a test has none that it does not set.
  const environment = process.env;
  beforeEach(() => {
    process.env = { TERM: 'xterm-256color' };
  });
  afterEach(() => {
    process.env = environment;
  });

  it('writes a live line over and takes it away, on a terminal', () => {
    const { terminal, printed } = streams(true);
    terminal.live('sent');
    terminal.print('accepted');
    terminal.live(undefined);
    assert.equal(printed(), `${CLEAR}⠋ sent${CLEAR}accepted\n${CLEAR}⠋ sent${CLEAR}`);
  });

  it('takes y and yes for a yes, and everything else for a no', async () => {
    for (const answer of ['y\n', 'YES\n', '\n', 'n\n', 'yes, but\n', '']) {
      const { terminal, input, printed } = streams(true);
      const asked = terminal.confirm('Write it?', 'Nothing was written');
      input.end(answer);
      assert.equal(await asked, ['y\n', 'YES\n'].includes(answer), answer);
      assert.match(printed(), /^.*Write it\? \[y\/N\] /s);
    }
  });

  it('takes a secret without showing it, on a terminal and from a pipe', async () => {
    for (const isTTY of [true, false]) {
      const { terminal, input, printed, noted } = streams(isTTY);
      const modes: boolean[] = [];
      Object.assign(input, { setRawMode: (on: boolean) => modes.push(on) });
      const read = terminal.readSecret('The secret of ZITADEL: ');
      input.write('\n kGWf7lYvxMT5\u007f6');
      input.end('\n');
      assert.equal(await read, isTTY ? 'kGWf7lYvxMT6' : 'kGWf7lYvxMT5\u007f6');
      assert.equal(printed(), '');
      assert.equal(noted(), isTTY ? 'The secret of ZITADEL: \n' : '');
      assert.deepEqual(modes, isTTY ? [true, false] : [], 'the terminal itself shows what is typed');
    }
  });

  it('says so if there is no secret', async () => {
    for (const typed of ['', '\n\n', 'kGWf\u0003']) {
      const { terminal, input } = streams(true);
      const read = terminal.readSecret('The secret of ZITADEL: ');
      input.end(typed);
      await assert.rejects(read, /^UsageError: The secret of ZITADEL is read from standard input/);
    }
  });
});

describe('shown', () => {
  it('masks a number in any writing', () => {
    for (const [text, masked] of [
      ['order 79031234567', 'order +7903•••4567'],
      ['+7 (903) 123-45-67', '+7903•••4567'],
      ['8.903.123.45.67!', '+7903•••4567!'],
      ['8 (495) 123-45-67', '8495•••4567'],
      ['84951234567', '8495•••4567'],
      ['+84951234567', '+8495•••4567'],
      ['79031234567 79161112233', '7903•••2233'],
      ['7–903–123–45–67', '+7903•••4567'],
      ['٧٩٠٣١٢٣٤٥٦٧', '•••'],
    ]) {
      assert.equal(shown(text ?? ''), masked);
    }
  });

  it('leaves what is not a number', () => {
    for (const text of [
      ...['order-1', '2026-11-24T23:44', '123456789', '12345678901234567890', 'https://a.example/1'],
    ]) {
      assert.equal(shown(text), text);
    }
  });

  it('leaves nothing that a terminal obeys', () => {
    assert.equal(shown('a\u001b[2J\nb\r\u009bc\u202ed\u0000'), 'a�[2J�b��c�d�');
  });
});
