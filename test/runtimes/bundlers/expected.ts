/** What app/use.js returns, wherever it runs. */
export const expected = {
  challenges: ['basic', 'bearer'],
  storm: { answers: ['/a new', '/b new', '/c new'], stored: 'new' },
  refused: {
    isOurs: true,
    reason: 'session-ended',
    signIn: true,
    words: '401: the refresh was rejected, and the session is over.',
  },
  schemes: { digest: 200, dpop: { path: '/proved', token: 'bound' }, anonymous: 'signed-out' },
  requests: {
    'api/a': 4,
    'api/b': 2,
    'api/c': 2,
    'api/proved': 1,
    'camera/picture': 2,
    'id/gone': 1,
    'id/token': 2,
  },
};
