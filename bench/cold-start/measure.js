// Loads one bundle and, when there is an event, has it answered once; prints the times as one line of JSON, last.
// JavaScript: stripping types would warm the process up before the measurement.
const [, , file, event] = process.argv;

// The first thing that a function does once all of its code is loaded is to read this variable.
const environment = process.env;
let loaded;
process.env = new Proxy(environment, {
  get(target, name) {
    if (name === 'SMSAERO_CONFIG_PATH') {
      loaded ??= performance.now();
      process.env = environment;
    }
    return target[name];
  },
});

const start = performance.now();
const { handler } = await import(file);
const imported = performance.now();
const times = { load: (loaded ?? imported) - start, import: imported - start };
if (event) {
  const { statusCode } = await handler(JSON.parse(event), {
    awsRequestId: 'bench',
    functionName: 'bench',
    getRemainingTimeInMillis: () => 6_000,
  });
  times.answer = performance.now() - start;
  times.statusCode = statusCode;
}
console.log(JSON.stringify(times));
process.exit();
