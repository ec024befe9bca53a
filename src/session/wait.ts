export { isPromise, pause, reasonOf, unlessAborted, within } from '../promise.js';
