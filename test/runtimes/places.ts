import { fileURLToPath } from 'node:url';

/** The folder of latchkey. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url));
/** This folder, whose packages are not those of the root. */
export const here: string = fileURLToPath(new URL('./', import.meta.url));
/** What a run makes. */
export const cache: string = `${here}.cache/`;

/** A file of a package that is installed here. */
export const installed = (path: string): string => `${here}node_modules/${path}`;
