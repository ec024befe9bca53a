import { isSignInRequired } from 'latchkey';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { Button, Text, TextInput, View } from 'react-native';
import { api, session, signIn } from './session.ts';

export default function App() {
  const { status } = useSyncExternalStore(session.subscribe, session.getSnapshot);
  useEffect(() => {
    // A keychain that cannot be read now is no sign-out: the next request tries again.
    session.ready().catch(() => {});
  }, []);
  switch (status) {
    case 'loading':
      return <Text>…</Text>;
    case 'signed-out':
      return <SignIn />;
    case 'signed-in':
      return <Profile />;
  }
}

function SignIn() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  const submit = () => signIn(name, password).catch((error: Error) => setProblem(error.message));
  return (
    <View>
      <TextInput placeholder="Name" value={name} onChangeText={setName} />
      <TextInput placeholder="Password" value={password} onChangeText={setPassword} secureTextEntry />
      <Button title="Sign in" onPress={submit} />
      <Text>{problem}</Text>
    </View>
  );
}

function Profile() {
  const [text, setText] = useState('');
  const load = () =>
    api
      .get('me')
      .json<{ name: string }>()
      .then(
        ({ name }) => setText(`Hello ${name}`),
        // The session has ended: App shows the sign-in page by itself.
        (error: unknown) => setText(isSignInRequired(error) ? '' : 'Not now: try again'),
      );
  return (
    <View>
      <Button title="Who am I?" onPress={load} />
      <Text>{text}</Text>
      <Button title="Sign out" onPress={() => session.signOut().catch(() => setText('Not now: try again'))} />
    </View>
  );
}
