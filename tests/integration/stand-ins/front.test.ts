import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, it } from 'node:test';
import { startFront } from '../../../local/front.ts';
import { type Listening, listen } from '../../../local/loopback.ts';
import { startParameterStore } from '../../../local/parameter-store.ts';

let api: Listening;
let front: Listening;
const passed: string[] = [];
before(async () => {
  api = await listen(
    createServer((request, response) => {
      passed.push(request.url ?? '');
      response.writeHead(200, { 'Access-Control-Allow-Origin': request.headers.origin ?? '*' }).end('yes');
    }),
  );
  front = await startFront({ target: api.port }, () => {});
});
after(async () => {
  await front.close();
  await api.close();
});

it('passes on what programs ask, and nothing of a web page: neither its question beforehand nor its request', async () => {
  const url = `http://${front.authority}/sms/logto`;
  assert.equal((await fetch(url, { method: 'POST', body: '{}' })).status, 200);
  for (const origin of ['https://evil.example', 'null', `http://${front.authority}`]) {
    for (const method of ['OPTIONS', 'POST']) {
      const { status, headers } = await fetch(url, { method, headers: { Origin: origin } });
      assert.deepEqual([status, headers.get('access-control-allow-origin')], [403, null]);
    }
  }
  assert.equal(passed.length, 1);
});

it('and so do the stand-ins of AWS, whatever name a page has for 127.0.0.1', async () => {
  const store = await startParameterStore({ parameters: {} });
  const headers = { Origin: store.url, 'X-Amz-Target': 'AmazonSSM.GetParameter' };
  assert.equal((await fetch(store.url, { method: 'POST', headers, body: '{}' })).status, 403);
  await store.close();
});
