/** SMS Aero API v2 on loopback: an account, gates in front of it, delivery reports, and faults to order. */
export { Account, type AccountOptions, createAccount, type LedgerEntry, type Progress } from './account.ts';
export { type FaultOrder, faultKinds, faultNames, type RequestFault } from './faults/kinds.ts';
export { FaultOrderError } from './faults/queue.ts';
export { type Gate, startGate } from './gate.ts';
export type { Message, MessageStatus, Step } from './message.ts';
export type { ReportOptions } from './reports/options.ts';
