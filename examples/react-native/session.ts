import * as SecureStore from 'expo-secure-store';
import { createAuthClient, createSession, customStore, refreshEndpoint } from 'latchkey';
import { AppState } from 'react-native';

const base = 'https://api.example.com/';
const key = 'session';

/** The tokens rest in the keychain; the session is loaded at the first use. */
export const session = createSession({
  refresh: refreshEndpoint(`${base}auth/refresh`),
  store: customStore({
    read: () => SecureStore.getItemAsync(key),
    write: (text) => SecureStore.setItemAsync(key, text),
  }),
  // Timers sleep with the app: what expired meanwhile is renewed when it is back.
  onResume: (resume) => {
    const subscription = AppState.addEventListener('change', (state) => {
      if (state === 'active') resume();
    });
    return () => subscription.remove();
  },
});

export const api = createAuthClient({ baseUrl: base, auth: session });

export async function signIn(name: string, password: string): Promise<void> {
  const response = await fetch(`${base}auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  });
  if (!response.ok) throw new Error('wrong name or password');
  await session.signIn(response);
}
