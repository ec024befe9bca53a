export { Browser } from './browser.ts';
export { services } from './clients.ts';
export { type ReferenceProvider, startProvider } from './provider.ts';
export { type ReferenceResource, startResource } from './resource.ts';
