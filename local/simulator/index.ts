/** SMS Aero API v2 on loopback: an account, gates in front of it, delivery reports, and faults to order. */
export { Account, createAccount } from './account.ts';
export { type AccountOptions, type Submission, sharedSenderNames } from './account-options.ts';
export {
  type ConnectionFault,
  type Fault,
  type FaultName,
  type FaultOrder,
  faultKinds,
  faultNames,
  type RequestFault,
} from './faults/kinds.ts';
export { FaultOrderError } from './faults/order.ts';
export type { FaultConnection, FaultQueue, FaultRequest } from './faults/queue.ts';
export { type Gate, type GateOptions, startGate } from './gate.ts';
export type { LedgerEntry } from './ledger.ts';
export {
  extendStatuses,
  isFinal,
  type Message,
  type MessageStatus,
  type ReportFormat,
  type Step,
} from './message.ts';
export type { Course, Progress } from './progress.ts';
export type { Report, ReportAttempt, ReportOptions, ReportPlan, Reports } from './reports/index.ts';
