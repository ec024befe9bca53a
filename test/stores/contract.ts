import { faultCases } from './contract/faults.ts';
import { loadCases } from './contract/loads.ts';
import { saveCases } from './contract/saves.ts';
import {
  type Case,
  type ContractOptions,
  casesFor,
  type Faults,
  type Handles,
  type Plan,
} from './contract/tools.ts';
import { turnCases } from './contract/turns.ts';
import { watchCases } from './contract/watches.ts';

/**
 * What every store must do, as a list of cases for any test runner.
 *
 * @param make Two handles of one new, empty place: what two contexts would have.
 * @param faults What can be done to that place; a case that needs what is not given is not in the list.
 * @example
 * ```ts
 * for (const { name, run } of storeContract(async () => ({ a: myStore(file), b: myStore(file) }))) it(name, run);
 * ```
 */
export function storeContract<H extends Handles>(
  make: () => Promise<H>,
  faults: Faults<H> = {},
  options: ContractOptions = {},
): readonly Case[] {
  const plans: Plan[] = [...loadCases, ...saveCases, ...turnCases, ...watchCases, ...faultCases];
  return casesFor(plans, make, faults, options);
}
