/** What the doors that are built apart take of the core, in one file with it: the fewer files, the sooner they are loaded. */
export * from './fetch.js';
export { formatRecordText, parseRecordText } from './protocol/record-border.js';
