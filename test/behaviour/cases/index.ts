import type { Case } from '../case.ts';
import { aborts } from './aborts.ts';
import { basicScheme } from './basic.ts';
import { bodies } from './bodies.ts';
import { challenges } from './challenges.ts';
import { client } from './client.ts';
import { clock } from './clock.ts';
import { cookies } from './cookies.ts';
import { digestScheme } from './digest.ts';
import { dpopScheme } from './dpop.ts';
import { errors } from './errors.ts';
import { events } from './events.ts';
import { headers } from './headers.ts';
import { late401 } from './late-401.ts';
import { loading } from './loading.ts';
import { oauth } from './oauth.ts';
import { origins } from './origins.ts';
import { redirects } from './redirects.ts';
import { responses } from './responses.ts';
import { signOut } from './sign-out.ts';
import { singleFlight } from './single-flight.ts';
import { storage } from './storage.ts';

/** The whole suite, in the order in which it runs. */
export const cases: readonly Case[] = [
  loading,
  singleFlight,
  late401,
  bodies,
  headers,
  responses,
  aborts,
  challenges,
  redirects,
  origins,
  clock,
  storage,
  signOut,
  basicScheme,
  digestScheme,
  dpopScheme,
  oauth,
  client,
  cookies,
  errors,
  events,
].flat();
