/** What oidc-provider keeps, by model and id. */
interface Stored {
  readonly payload: Record<string, unknown>;
  readonly grantId: unknown;
}

/** oidc-provider's adapter over a Map of its own: nothing is evicted, nothing is shared between providers. */
export class Storage {
  readonly #models = new Map<string, Map<string, Stored>>();

  adapter = (model: string): object => {
    const entries = this.#of(model);
    const byUid = (uid: string) =>
      [...entries.values()].find(({ payload }) => payload['uid'] === uid)?.payload;
    return {
      upsert: async (id: string, payload: Record<string, unknown>) => {
        entries.set(id, { payload, grantId: payload['grantId'] });
      },
      find: async (id: string) => entries.get(id)?.payload,
      findByUid: async (uid: string) => byUid(uid),
      findByUserCode: async (code: string) =>
        [...entries.values()].find(({ payload }) => payload['userCode'] === code)?.payload,
      consume: async (id: string) => {
        const stored = entries.get(id);
        if (stored) stored.payload['consumed'] = Math.floor(Date.now() / 1000);
      },
      destroy: async (id: string) => {
        entries.delete(id);
      },
      revokeByGrantId: async (grantId: string) => {
        for (const [id, stored] of entries) if (stored.grantId === grantId) entries.delete(id);
      },
    };
  };

  /** Every access and refresh token is unknown from now on. */
  forgetTokens(): void {
    for (const model of ['AccessToken', 'RefreshToken', 'ClientCredentials', 'Grant'])
      this.#of(model).clear();
  }

  /** Every access token is unknown from now on, before its time; refresh tokens stay. */
  forgetAccessTokens(): void {
    for (const model of ['AccessToken', 'ClientCredentials']) this.#of(model).clear();
  }

  #of(model: string): Map<string, Stored> {
    const entries = this.#models.get(model) ?? new Map<string, Stored>();
    this.#models.set(model, entries);
    return entries;
  }
}
