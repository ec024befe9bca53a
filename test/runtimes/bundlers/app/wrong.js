// What every bundler but Metro warns of: a name that is not there.
import * as front from 'latchkey';

globalThis.__used = front.createAuthClinet;
