import { isSignInRequired } from 'latchkey';
import { api, session } from './session.ts';

const element = (id: string) => document.getElementById(id) as HTMLElement;
const say = (text: string) => element('log').append(`${new Date().toLocaleTimeString()}  ${text}\n`);

function render(): void {
  const { status, ...rest } = session.getSnapshot();
  const why = 'cause' in rest && rest.cause !== 'never' ? ` (${rest.cause})` : '';
  element('status').textContent = `You are ${status}${why}${rest.refreshing ? ', refreshing' : ''}.`;
  element('login').hidden = status !== 'signed-out';
  element('actions').hidden = status !== 'signed-in';
}

async function load(): Promise<void> {
  const notes = Array.from({ length: 20 }, (_, i) => api.get(`notes/${i}`).json<{ text: string }>());
  const texts = (await Promise.all(notes)).map(({ text }) => text);
  say(`${texts.length} notes, the last: ${texts.at(-1)}`);
}

element('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { name } = Object.fromEntries(new FormData(event.target as HTMLFormElement));
  const response = await fetch('/auth/login', { method: 'POST', body: JSON.stringify({ name }) });
  if (response.ok) await session.signIn(response);
  else say('wrong name');
});
element('load').addEventListener('click', () => {
  load().catch((error: unknown) => say(isSignInRequired(error) ? 'Please sign in again.' : String(error)));
});
element('logout').addEventListener('click', () => {
  session.signOut().catch((error: unknown) => say(String(error)));
});
session.subscribe(render);
session.on('refreshed', ({ here }) =>
  say(here ? 'this tab renewed the token' : 'another tab renewed the token'),
);
session.ready().then(render, (error: unknown) => say(String(error)));
