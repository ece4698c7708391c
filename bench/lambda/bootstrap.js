// Plays AWS Lambda's Node.js runtime (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), the same for all
// subjects: loads the handler of a package, takes invocations from the Runtime API one after the other, answers them there,
// and adds what was measured as the header `bench-report`.
// JavaScript: to strip types would warm the process up. `getBuiltinModule`, because an `import` of node:http reads its lazy
// exports as well, and would load undici for everybody. Lambda's runtime has node:http loaded, too, and nothing of TLS.
const { Agent, request: send } = process.getBuiltinModule('node:http');
const { createRequire } = process.getBuiltinModule('node:module');
const { Socket } = process.getBuiltinModule('node:net');
const { join } = process.getBuiltinModule('node:path');

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const { LAMBDA_TASK_ROOT, _HANDLER, BENCH_GATE_PORT, BENCH_LOADED_AT_READ_OF } = process.env;

// One peer sends to a fixed name. So all send to that name, and it is this machine: what DNS would do, for everybody alike.
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (options?.host !== 'gate.smsaero.ru') return connect.apply(this, args);
  return connect.call(this, { ...options, host: '127.0.0.1', port: Number(BENCH_GATE_PORT) }, args[1]);
};

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const call = (method, path, body, headers = {}) =>
  new Promise((resolve, reject) => {
    const request = send(`${api}${path}`, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ headers: response.headers, text }));
    });
    request.on('error', reject).end(body);
  });

const report = {};

// A function reads this variable first when all of its code is loaded, and before it asks for its configuration.
const environment = process.env;
process.env = new Proxy(environment, {
  get(target, name) {
    if (name === BENCH_LOADED_AT_READ_OF) {
      report.load ??= performance.now() - start;
      process.env = environment;
    }
    return target[name];
  },
});

const [path, name] = _HANDLER.split('.');
const file = join(LAMBDA_TASK_ROOT, `${path}.${process.env.BENCH_EXTENSION}`);
const errorOf = ({ name: errorType, message: errorMessage, stack, cause }) =>
  JSON.stringify({ errorType, errorMessage, stackTrace: stack?.split('\n'), cause: cause?.message });

const start = performance.now();
let handler;
try {
  const loaded = file.endsWith('.mjs') ? await import(file) : createRequire(file)(file);
  report.init = performance.now() - start;
  report.load ??= report.init;
  process.env = environment;
  handler = loaded[name];
} catch (error) {
  await call('POST', '/init/error', errorOf(error));
  process.exit(1);
}

const contextOf = ({ headers }) => ({
  awsRequestId: headers['lambda-runtime-aws-request-id'],
  invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
  functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: '$LATEST',
  memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  getRemainingTimeInMillis: () => Number(headers['lambda-runtime-deadline-ms']) - Date.now(),
});

/** Lambda's runtime sends one event; with the header `bench-many` it is a list, to be handled in a row or at once. */
async function handle(next) {
  const payload = JSON.parse(next.text);
  const many = next.headers['bench-many'];
  if (!many) return await handler(payload, contextOf(next));
  if (many === 'at-once') return await Promise.all(payload.map((event) => handler(event, contextOf(next))));
  const answers = [];
  report.each = [];
  for (const event of payload) {
    const before = performance.now();
    answers.push(await handler(event, contextOf(next)));
    report.each.push(Math.round((performance.now() - before) * 1_000));
  }
  return answers;
}

for (;;) {
  const next = await call('GET', '/invocation/next');
  const id = next.headers['lambda-runtime-aws-request-id'];
  environment._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'];
  const [cpu, before] = [process.cpuUsage(), performance.now()];
  try {
    const answer = await handle(next);
    const now = performance.now();
    const { user, system } = process.cpuUsage(cpu);
    Object.assign(report, { answer: now - start, took: now - before, cpu: (user + system) / 1_000 });
    const all = process.cpuUsage();
    report.cpuSoFar = (all.user + all.system) / 1_000;
    report.peakMemory = process.resourceUsage().maxRSS; // KiB
    await call('POST', `/invocation/${id}/response`, JSON.stringify(answer ?? null), {
      'bench-report': JSON.stringify(report),
    });
  } catch (error) {
    await call('POST', `/invocation/${id}/error`, errorOf(error));
  }
}
