/** One `sms/send` or `telegram/send` that reached a gate, however it ended: the truth that tests judge by. */
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
