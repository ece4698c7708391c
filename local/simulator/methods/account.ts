import type { Account } from '../account.ts';
import { type Answer, success } from '../envelope.ts';

const operators = { 1: 'MEGAFON', 4: 'MTS', 5: 'BEELINE', 6: 'TELE2' };

/** `balance`: roubles, as a number (SMS Aero API v2). */
export function balance(account: Account): Answer {
  return success({ balance: account.balance });
}

/** `tariffs`: roubles a segment by channel and operator, as strings (SMS Aero API v2). */
export function tariffs(account: Account): Answer {
  const price = account.price.toFixed(2);
  const prices = Object.fromEntries(
    [...Object.values(operators), 'OTHER'].map((operator) => [operator, price]),
  );
  return success({ 'FREE SIGN': prices, 'PAY SIGN': prices });
}

/** `sign/list`: an object with string indices, all sender names approved everywhere (SMS Aero API v2). */
export function senderNameList(account: Account): Answer {
  const approved = { status: 1, extendStatus: 'approve' };
  const statusOperators = Object.fromEntries(
    Object.entries(operators).map(([id, name]) => [
      id,
      { operator: Number(id), extendOperator: name, ...approved },
    ]),
  );
  const names = account.senderNames.map((name, index) => [
    String(index),
    { id: 12_345 + index, name, ...approved, statusOperators },
  ]);
  return success({ totalCount: String(names.length), ...Object.fromEntries(names) });
}
