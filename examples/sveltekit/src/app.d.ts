import type { AuthClient, Session } from 'latchkey';

declare global {
  namespace App {
    interface Locals {
      session: Session;
      api: AuthClient;
    }
  }
}
