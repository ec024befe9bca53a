import type { Counts, RealmOptions } from '../../behaviour/server.ts';
import { answer, type Exchange } from './exchange.ts';
import type { Realm } from './realm.ts';

/** What a case does with its realm, and asks of it. */
export async function control(realm: Realm, verb: string, exchange: Exchange): Promise<void> {
  const given = JSON.parse(exchange.body.toString() || '{}') as Record<string, unknown>;
  const { response } = exchange;
  switch (verb) {
    case 'issue':
      return answer(response, 200, realm.issue());
    case 'expire':
      realm.expire();
      break;
    case 'end':
      for (const family of realm.refresh.values()) realm.end(family);
      break;
    case 'hold':
      realm.hold(String(given['gate']));
      break;
    case 'release':
      realm.release(String(given['gate']));
      break;
    case 'script':
      realm.script.push(...((given['answers'] ?? []) as NonNullable<RealmOptions['script']>));
      break;
    case 'set':
      Object.assign(realm.options, given);
      break;
    case 'until':
      await realm.until(given as Partial<Counts>);
      break;
    case 'state':
      break;
    default:
      return answer(response, 404, 'no such verb');
  }
  return answer(response, 200, { counts: realm.counts, log: verb === 'state' ? realm.log : [] });
}
