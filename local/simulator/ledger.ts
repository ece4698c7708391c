/** One `sms/send` or `telegram/send` of one recipient that reached a gate, however it ended. */
export interface LedgerEntry {
  /** Position in the ledger, from 1, over all gates of the account. */
  sequence: number;
  /** Name of the gate that received it. */
  gate: string;
  /** Epoch milliseconds at which the whole request had arrived. */
  at: number;
  /** Recipient as it was sent; empty when the request named none. */
  number: string;
  text: string;
  /** The code of a `telegram/send`, whose `text` is that of the SMS behind it; an `sms/send` has none. */
  telegramCode?: string;
  /** Sender name (`sign`). */
  from: string;
  /** `lost`: it arrived, and a fault dropped it before the account accepted or refused it. */
  outcome: 'accepted' | 'refused' | 'lost';
  /** Id of the accepted message. */
  messageId?: number;
  /** Name of the fault that was played on this request. */
  fault?: string;
  /** True once a complete HTTP answer was written back (complete as HTTP: its JSON may be cut). */
  answered: boolean;
}

/** What a gate knows of a request before it is decided. */
export type Arrival = Pick<
  LedgerEntry,
  'gate' | 'at' | 'number' | 'text' | 'from' | 'telegramCode' | 'fault'
>;

/** Adds a request to the ledger as `lost` and unanswered; the gate then completes the entry it gets back. */
export function recordArrival(ledger: LedgerEntry[], arrival: Arrival): LedgerEntry {
  const entry: LedgerEntry = { sequence: ledger.length + 1, ...arrival, outcome: 'lost', answered: false };
  ledger.push(entry);
  return entry;
}
