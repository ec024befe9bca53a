import { nodeHash } from '../schemes/digest/support.js';
import type { Place, Program, Setup } from '../support/server-process.js';

export const APACHE: Program = { name: 'apache2', packages: ['apache2'] };
const REALM = 'http-auth@example.org';
export const USER = { username: 'Mufasa', password: 'Circle of Life' };

const MODULES = [
  'mpm_event',
  'authn_core',
  'authn_file',
  'authz_core',
  'authz_user',
  'auth_basic',
  'auth_digest',
  'alias',
  'dir',
  'mime',
];

/** Folder, and what it has besides the user file. */
const FOLDERS = [
  ['plain', 'AuthDigestDomain /plain /inside'],
  ['inside', ''],
  // a nonce is good for two seconds
  ['short', 'AuthDigestNonceLifetime 2'],
  // and for one request
  ['once', 'AuthDigestNonceLifetime 0'],
] as const;

/** mod_auth_digest with a folder for each kind of nonce, and one with Basic. */
export const digestFolders: Setup = {
  files: (place) => ({
    'httpd.conf': configuration(place),
    users: `${USER.username}:${REALM}:${nodeHash('MD5', `${USER.username}:${REALM}:${USER.password}`)}\n`,
    ...Object.fromEntries(FOLDERS.map(([folder]) => [`htdocs/${folder}/file.txt`, folder])),
    'htdocs/open.txt': 'open',
  }),
  args: ({ folder }) => ['-f', `${folder}/httpd.conf`, '-DFOREGROUND'],
};

function configuration({ folder, port }: Place): string {
  const modules = MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
  const folders = FOLDERS.map(
    ([name, more]) => `
<Location /${name}>
  AuthType Digest
  AuthName "${REALM}"
  AuthDigestProvider file
  AuthUserFile ${folder}/users
  ${more}
  Require valid-user
</Location>`,
  );
  return `
ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/httpd.pid
DefaultRuntimeDir ${folder}
Mutex file:${folder}
Listen 127.0.0.1:${port}
${modules.join('\n')}
TypesConfig /dev/null
# who has a one-time nonce is remembered: by default hardly a dozen
AuthDigestShmemSize 65536
ErrorLog ${folder}/error.log
LogLevel info
User www-data
Group www-data
DocumentRoot ${folder}/htdocs
StartServers 1
MaxRequestWorkers 50
<Directory ${folder}/htdocs>
  Require all granted
</Directory>
Redirect /moved /plain/file.txt
${folders.join('\n')}
`;
}
