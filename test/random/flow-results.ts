/**
 * What the consumer of a flow has got: right results, in the right order, none twice.
 *
 * @module
 */
import type { Outcome } from 'skein';
import type { Call } from './call.ts';
import { type Item, isErrorOf } from './flow-items.ts';
import type { FlowRun } from './flow-run.ts';
import type { Flow } from './model.ts';

/** Whether a list holds the values of all items that have one. In the order of the input, and of a stream as it was told. */
export function listFits({ work }: Call<Flow>, items: readonly Item[], list: unknown): boolean {
  if (!Array.isArray(list)) return false;
  // What a stream has handed out is judged apart.
  if (work.consumer !== undefined) return list.length >= items.filter(isSurelyValue).length;
  return (
    list.length === items.length &&
    items.every((item, i) => item.close || Object.is(list[i], item.value))
  );
}

function isSurelyValue({ state }: Item): boolean {
  return state === 'value';
}

/** Judges the results that a consumer has taken. */
export function judgeTaken(call: Call<Flow>, { taken }: FlowRun, items: readonly Item[]): void {
  const { work } = call;
  if (work.call === 'asCompleted' || work.consumer?.how === 'settled') {
    judgeOutcomes(call, taken as Outcome<unknown>[], items);
  } else judgeValues(call, taken, items);
}

function judgeOutcomes(
  call: Call<Flow>,
  taken: readonly Outcome<unknown>[],
  items: readonly Item[],
): void {
  let last = -1;
  for (const { index, status, ...outcome } of taken) {
    const item = items[index];
    if (inOrder(call.work) ? index !== last + 1 : index === last) {
      call.blame('order', `outcome ${index} came after ${last}`);
    }
    last = index;
    const fits =
      item !== undefined &&
      ('value' in outcome
        ? item.close || (item.state === 'value' && Object.is(item.value, outcome.value))
        : 'error' in outcome && isErrorOf(item, unwrapped(call.work, outcome.error)));
    if (!fits) call.blame('wrong value', `outcome ${index} is ${status}`);
  }
  if (new Set(taken.map(({ index }) => index)).size < taken.length)
    call.blame('twice', 'an outcome was given twice');
}

function unwrapped({ call }: Flow, error: unknown): unknown {
  return call === 'concurrent' ? (error as Error).cause : error;
}

function judgeValues(call: Call<Flow>, taken: readonly unknown[], items: readonly Item[]): void {
  // Where an item may have timed out or not, the rest does not tell which value is whose.
  if (items.some(({ close }) => close)) return;
  const values = items.filter(isSurelyValue);
  if (inOrder(call.work)) {
    taken.forEach((value, i) => {
      if (values[i] === undefined || !Object.is(values[i]?.value, value))
        call.blame('order', `result ${i} is not that of its item`);
    });
    return;
  }
  const left = values.map(({ value }) => value);
  for (const value of taken) {
    const at = left.findIndex((each) => Object.is(each, value));
    if (at < 0) call.blame('twice', 'a result was given twice, or is that of no item');
    else left.splice(at, 1);
  }
}

function inOrder({ call, order }: Flow): boolean {
  return call === 'resolve' || (call === 'mapStream' && order === undefined);
}
