// Signs in over a file, and finds the session there again: for Node.
import { createSession } from 'latchkey/fetch';
import { fileStore } from 'latchkey/stores/file';

const path = process.argv.at(-1);
const first = createSession({ store: fileStore(path) });
await first.signIn({ accessToken: 'a', refreshToken: 'r', expiresIn: 300 });
await first.close();
const second = createSession({ store: fileStore(path) });
const { status } = await second.ready();
console.log(status, (await second.token()).accessToken);
await second.close();
