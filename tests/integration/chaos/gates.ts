import { type Account, type Gate, startGate } from '../../../local/simulator/index.ts';
import type { Certificate } from '../../support/certificate.ts';
import type { Knowable } from './gate-faults.ts';
import type { GateState, Plan } from './plan.ts';

/** Opens three gates of one account that play a plan, all up. `onUnauthorized` is told of each refused key that the plan orders, before the answer. */
export async function startGates(account: Account, plan: Plan, tls: Certificate, onUnauthorized: () => void) {
  const knowable = new Map<number, Knowable>();
  const played = new Map<string, number>();
  const count = (name: string) => played.set(name, (played.get(name) ?? 0) + 1);
  const closings: number[] = [];
  const attempts = new Map<string, number>();
  const states: GateState[] = ['up', 'up', 'up'];

  const open = async (index: number, port = 0): Promise<Gate> => {
    const gate = await startGate(account, { name: `gate-${index + 1}`, port, tls });
    gate.faults.choose = ({ method, number }) => {
      if (method !== 'sms/send') return undefined;
      const attempt = (attempts.get(number) ?? 0) + 1;
      attempts.set(number, attempt);
      const fault = plan.gateFault(number, attempt);
      if (!fault) return undefined;
      count(fault.name);
      knowable.set(account.ledger.length + 1, fault.knowable); // the entry follows at once
      if (fault.order.fault === 'unauthorized') onUnauthorized();
      if (fault.order.fault === 'close_keepalive') closings.push(Date.now());
      return fault.order;
    };
    gate.faults.chooseConnection = () => {
      const state = states[index];
      if (state === undefined || state === 'up' || state === 'down') return undefined;
      count(state);
      return { fault: state };
    };
    return gate;
  };
  const gates = await Promise.all(states.map((_, index) => open(index)));

  const change = async (index: number, state: GateState) => {
    const gate = gates[index];
    const before = states[index];
    if (!gate || (state === 'up' && before === 'up')) return;
    states[index] = state;
    closings.push(Date.now());
    if (state === 'down' && before !== 'down') await gate.close();
    if (state !== 'down' && before === 'down') gates[index] = await open(index, gate.port);
    if (state !== 'down') gate.dropConnections(); // faults of connections strike new ones
  };

  return {
    urls: gates.map(({ url }) => url),
    /** What is knowable after a request that was answered, by its sequence in the ledger; absent for one without a fault. */
    knowable,
    /** Faults of requests by name, and of connections by state. */
    played,
    /** Times at which a gate closed connections of its own accord, in ms of the Unix epoch. */
    closings,
    /** Takes each gate to the state that the plan has for a phase; one that goes down owes its answers for ever. */
    async enter(phase: number) {
      for (const [index, state] of plan.gateStates(phase).entries()) await change(index, state);
    },
    /** Takes all gates up, until the next phase. */
    async open() {
      for (const index of states.keys()) await change(index, 'up');
    },
    async close() {
      await Promise.all(gates.map((gate, index) => (states[index] === 'down' ? undefined : gate.close())));
    },
  };
}
