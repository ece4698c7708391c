import type { Item, Table, Update } from '../../lib/dynamodb.ts';

/** What a table answers to a write: the item after it, or why it failed. */
export type Answer = Item | Error;

/**
 * A table whose answers are given: what two processes do at once cannot be ordered with a real one.
 *
 * @param answerTo the answer to a write; without one the item is empty
 */
export function givenTable(answerTo: (update: Update, signal: AbortSignal) => Answer | undefined) {
  const updates: Update[] = [];
  const update = async (one: Update, signal: AbortSignal): Promise<Item> => {
    updates.push(one);
    const answer = answerTo(one, signal);
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  };
  return { table: { update } as unknown as Table, updates };
}
