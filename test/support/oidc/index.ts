export { services } from './clients.ts';
export { type ProviderCounts, type ReferenceProvider, startProvider } from './provider.ts';
export { type Answered, type ReferenceResource, startResource } from './resource.ts';
export type { SignedIn } from './sign-in.ts';
