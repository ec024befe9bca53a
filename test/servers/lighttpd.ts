import { nodeHash } from '../schemes/digest/support.js';
import type { Place, Program, Setup } from '../support/server-process.js';

export const LIGHTTPD: Program = { name: 'lighttpd', packages: ['lighttpd'] };
const REALM = 'http-auth@example.org';

/** The users of every folder. lighttpd compares a quoted name as it is written: none that must be escaped. */
export const USERS: readonly (readonly [username: string, password: string])[] = [
  ['Mufasa', 'Circle of Life'],
  ['Jäsøn Doe', 'Secret, or not?'],
  ["Zoë's (1*) %41", 'p:a:"s\\s'],
];

/** Folder, algorithms as lighttpd names them, userhash. */
const FOLDERS = [
  ['md5', 'MD5', false],
  ['sha256', 'SHA-256', false],
  ['sha512', 'SHA-512-256', false],
  ['userhash', 'SHA-512-256', true],
  ['both', 'MD5|SHA-256', false],
] as const;

/** mod_auth with a folder for each algorithm. */
export const digestFolders: Setup = {
  files: (place) => ({
    'lighttpd.conf': configuration(place),
    ...Object.fromEntries(
      FOLDERS.flatMap(([folder, algorithms]) => [
        [`www/${folder}/file.txt`, folder],
        [`www/${folder}/deep/a file.txt`, 'deep'],
        [`users.${folder}`, algorithms.split('|').flatMap(linesOf).join('')],
      ]),
    ),
    'www/open.txt': 'open',
  }),
  args: ({ folder }) => ['-D', '-f', `${folder}/lighttpd.conf`],
};

function linesOf(algorithm: string): string[] {
  return USERS.map(([username, password]) => {
    const bytes = (text: string) => Buffer.from(text).toString('latin1');
    const name = bytes(username);
    const key = nodeHash(algorithm, `${name}:${REALM}:${bytes(password)}`);
    return `${username}:${REALM}:${key}:${nodeHash(algorithm, `${name}:${REALM}`)}\n`;
  });
}

function configuration({ folder, port }: Place): string {
  const spaces = FOLDERS.map(
    ([name, algorithms, userhash]) => `
$HTTP["url"] =~ "^/${name}/" {
  auth.backend.htdigest.userfile = "${folder}/users.${name}"
  auth.require = ( "/" => ( "method" => "digest", "realm" => "${REALM}", "require" => "valid-user",
    "algorithm" => "${algorithms}"${userhash ? ', "userhash" => "enable"' : ''} ) )
}`,
  );
  return `
server.modules = ( "mod_auth", "mod_authn_file" )
server.document-root = "${folder}/www"
server.bind = "127.0.0.1"
server.port = ${port}
server.errorlog = "${folder}/error.log"
mimetype.assign = ( ".txt" => "text/plain" )
auth.backend = "htdigest"
auth.cache = ()
${spaces.join('\n')}
`;
}
