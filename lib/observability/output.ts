/** Where lines go: level INFO and metrics to standard output, the rest to standard error. */
type Stream = 'stdout' | 'stderr';

const ready = new Set<Stream>();

/**
 * Writes a line as a `Console` of Node's does, without its search for formats: a log that cannot be written stops nobody.
 *
 * @param line without a line break in it
 */
export function writeLine(stream: Stream, line: string): void {
  if (!ready.has(stream)) {
    ready.add(stream);
    process[stream].on('error', () => undefined);
  }
  process[stream].write(`${line}\n`);
}

/** The service's name in log lines and metrics. */
export function serviceName(): string {
  return process.env['POWERTOOLS_SERVICE_NAME'] || 'smsaero';
}
