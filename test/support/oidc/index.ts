export { Browser } from './browser.ts';
export { boundService, services } from './clients.ts';
export { startDpopResource } from './dpop-resource.ts';
export { type Posting, type ReferenceProvider, startProvider } from './provider.ts';
export { type ReferenceResource, startResource } from './resource.ts';
