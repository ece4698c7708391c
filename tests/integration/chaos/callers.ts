import { setTimeout as sleep } from 'node:timers/promises';
import type { CallerKind } from './plan.ts';

/** An answer as a caller sees it; undefined when the time was up or the connection broke. */
export type Heard = { readonly status: number; readonly retryAfter: string | undefined } | undefined;

/** Asks for the message once, waiting at most so many ms for the answer. */
export type Ask = (patience: number) => Promise<Heard>;

/** The pause of a caller whose connection broke, in ms: Supabase makes it 2 s, which would only lengthen the run. */
const BACK_OFF = 100;

/** How identity platforms take an answer, and when they ask again. */
export const callers: Readonly<Record<CallerKind, (ask: Ask) => Promise<void>>> = {
  /** Logto repeats nothing; the person whose connection broke does. */
  async plain(ask) {
    if (!(await ask(10_000))) await ask(10_000);
  },

  /** Supabase Auth: 5 s for all tries; at once after 429 and 503 with Retry-After, after a pause when the connection broke. */
  async supabase(ask) {
    const until = Date.now() + 5_000;
    for (let tries = 0; tries < 3 && Date.now() < until; tries += 1) {
      const heard = await ask(until - Date.now());
      const again = heard && [429, 503].includes(heard.status) && heard.retryAfter !== undefined;
      if (heard && !again) return;
      if (!heard) await sleep(BACK_OFF);
    }
  },

  /** Okta: 3 s a try, one more try after 5xx or silence. */
  async okta(ask) {
    const heard = await ask(3_000);
    if (!heard || heard.status >= 500) await ask(3_000);
  },

  /** An event of Lambda, as Cognito's: two more tries of what failed; never after an outcome that nobody knows. */
  async async(ask) {
    for (let tries = 0; tries < 3; tries += 1) {
      const heard = await ask(30_000);
      if (heard && ![502, 503].includes(heard.status)) return;
      await sleep(BACK_OFF);
    }
  },
};
