import * as SecureStore from 'expo-secure-store';
import { createAuthClient, createSession, refreshEndpoint } from 'latchkey';
import { asyncStorageStore } from 'latchkey/stores/async-storage';
import { AppState } from 'react-native';

const base = 'https://api.example.com/';

/** The tokens rest in the keychain; the session is loaded at the first use. */
export const session = createSession({
  refresh: refreshEndpoint(`${base}auth/refresh`),
  store: asyncStorageStore(SecureStore, 'session'),
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
