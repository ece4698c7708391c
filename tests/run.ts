/**
 * Runs test files, all by default, several at once: two for each processor, since half of a test's time is waiting for sockets.
 *
 * --coverage: of `lib/`, and fails below the least shares of lines and branches
 */
import { globSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { findChromium } from './support/browser.ts';
import reporter from './support/reporter.ts';

/** Shares of `lib/` in percent. */
const LEAST = { lineCoverage: 95, branchCoverage: 90 };

/** A failed test may leave a server open, which keeps its process. The longest file takes 20 s on an idle machine. */
const FILE_TIMEOUT_MS = 300_000;

/** Long ones first, so that no processor waits for another in the end. */
const FOLDERS = ['browser', 'e2e', 'infra', 'integration', 'contract', 'fuzz', 'unit'];

/** Below the system's folder for temporary files, where Node itself would put it. */
const COMPILE_CACHE = join(tmpdir(), 'node-compile-cache');

const { values, positionals } = parseArgs({
  options: { coverage: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const chromium = findChromium();
if (positionals.length === 0 && chromium === undefined) {
  process.stdout.write('Skipped tests/browser: no Chromium here. Install one, or set CHROMIUM_PATH.\n');
}
const folders = FOLDERS.filter((folder) => folder !== 'browser' || chromium !== undefined);

// Every file loads the same packages: compiled once, they take a third less CPU time. Coverage would be less precise.
if (!values.coverage) process.env['NODE_COMPILE_CACHE'] ??= COMPILE_CACHE;

const stream = run({
  files:
    positionals.length > 0
      ? globSync(positionals)
      : folders.flatMap((folder) => globSync(`tests/${folder}/**/*.test.ts`)),
  concurrency: 2 * availableParallelism(),
  timeout: FILE_TIMEOUT_MS,
  ...(values.coverage ? { coverage: true, coverageIncludeGlobs: ['lib/**'], ...LEAST } : {}),
});
stream.on('test:fail', () => {
  process.exitCode = 1;
});
stream.compose(reporter).pipe(process.stdout);
