// What Metro warns of: a package whose `exports` names a file that is not there.
import * as wrong from 'wrong-exports';

globalThis.__used = wrong;
