export { type WebStoreOptions, webStore } from './web-store.js';
