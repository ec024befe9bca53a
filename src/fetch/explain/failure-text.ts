import type { AnyAuthError, AuthError } from '../../errors.js';
import { saidBy } from './renewal.js';
import { shown } from './shown.js';
import { span } from './span.js';
import { text } from './text.js';

type Failure<Code> = Extract<AnyAuthError, { code: Code }>;

const INTACT = 'the session is intact: nobody has to sign in because of this';

/** What is the matter with `rspauth` (RFC 7616, section 3.5). */
function proofText({ reason }: Failure<'server-not-verified'>): string {
  if (reason === 'absent') return 'there is no `rspauth`';
  return reason === 'mismatch'
    ? 'its `rspauth` is wrong'
    : 'its `rspauth` is over a body that cannot be read';
}

/** An error of latchkey's that carries no response; undefined: none of those. */
export function failureText(error: AnyAuthError): string | undefined {
  switch (error.code) {
    case 'signed-out':
      return text('Nobody is signed in: the session ended before the request was sent.', [
        ['Try', 'sign in, then repeat the request'],
      ]);
    case 'refresh-rejected':
      return text(`The refresh was rejected${saidBy(error)}. The session is over.`, [
        ['Try', 'sign in again'],
        [
          'Try',
          'if this comes often: who else uses the refresh token (another tab, device or process without a shared store), and how long the server lets it live',
        ],
      ]);
    case 'refresh-unavailable':
      return text(`The token could not be renewed now: ${shown(error.message)}.`, [
        ['Session', INTACT],
        ['Next', nextAt(error)],
        [
          'Try',
          'repeat the request later; see whether the authorization server and the store can be reached',
        ],
      ]);
    case 'refresh-misconfigured':
      return text(`The authorization server does not take this client${saidBy(error)}.`, [
        ['Said', shown(error.message)],
        ['Session', INTACT],
        ['Try', misconfiguredNext(error)],
      ]);
    case 'token-response':
      return text('The authorization server answered with success, but with no usable tokens.', [
        ['Wrong', error.issues.slice(0, 5).map(issueText).join('; ')],
        ['Session', INTACT],
        [
          'Try',
          'compare the answer with RFC 6749, section 5.1, or translate it (`tokens` of `refreshEndpoint`)',
        ],
      ]);
    case 'not-replayable':
      return text('The request was refused, and its body could be sent only once.', [
        ['Refresh', 'beside this call, for the next one'],
        [
          'Try',
          'repeat it with a new body; a Blob, text or bytes, or a stream below `maxReplayBytes`, is sent again',
        ],
      ]);
    case 'server-not-verified':
      return text(`The server has not proven that it knows the password: ${proofText(error)}.`, [
        ['Try', 'see who answers at this address: another server, or a proxy that changes responses'],
        ['Try', 'if the server never sends a proof, leave `verifyServer` out'],
      ]);
    default:
      return otherText(error);
  }
}

/** One that has no words of its own, or is of a version to come. */
function otherText({ code, message, signInRequired }: AuthError): string | undefined {
  // without their response these say nothing
  if (code === 'unauthorized' || code === 'forbidden') return undefined;
  return text(`${shown(message)} (${shown(code)}).`, [
    [
      'Try',
      signInRequired
        ? 'sign in, then repeat the request'
        : 'look up this code among the errors of the README',
    ],
  ]);
}

function nextAt({ retryAt }: Failure<'refresh-unavailable'>): string | undefined {
  if (typeof retryAt !== 'number') return undefined;
  const wait = retryAt - Date.now();
  return wait > 0 ? `a refresh may be tried in ${span(wait)}` : 'a refresh may be tried now';
}

function misconfiguredNext({ error }: Failure<'refresh-misconfigured'>): string {
  switch (error) {
    case 'invalid_client':
      return 'check client id, secret or key, and how the client authenticates (`clientAuth`)';
    case 'unauthorized_client':
      return 'allow this client the grant at the authorization server';
    case 'invalid_scope':
      return 'ask only for scopes that this client may have';
    default:
      return 'check the token endpoint, the client and its grant; a sign-in does not help';
  }
}

function issueText({ message, path }: Failure<'token-response'>['issues'][number]): string {
  const where = path.map(String).join('.');
  return shown(where === '' ? message : `${where}: ${message}`);
}
