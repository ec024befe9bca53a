export type Statements = Readonly<
  Record<'migrate' | 'load' | 'save' | 'replace' | 'take' | 'renew' | 'release', string>
>;

/** The statements over a table: each is a transaction of its own, and all of its values are text. */
export function statementsFor(table: string): Statements {
  const until = (ms: string) => `clock_timestamp() + ${ms}::double precision * interval '1 millisecond'`;
  return {
    /** Inside a lock: of two at once one would fail. Where the table is, nothing need be allowed to create it. */
    migrate: `DO $$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('latchkey ${table}'));
  IF to_regclass('${table}') IS NULL THEN
    CREATE TABLE ${table} (
      key text PRIMARY KEY,
      revision bigint NOT NULL DEFAULT 0,
      record text,
      holder text,
      until timestamptz
    );
  END IF;
END $$`,
    load: `SELECT record, revision FROM ${table} WHERE key = $1::text`,
    /** key, text, its revision, the revision to write over, channel. A row: saved. */
    save: `WITH saved AS (
  INSERT INTO ${table} AS held (key, record, revision)
  SELECT $1::text, $2::text, $3::bigint
  WHERE $4::bigint = 0 OR EXISTS (SELECT FROM ${table} WHERE key = $1::text)
  ON CONFLICT (key) DO UPDATE SET record = excluded.record, revision = excluded.revision
  WHERE held.revision = $4::bigint
  RETURNING key
) SELECT pg_notify($5::text, 'saved') IS NULL AS done FROM saved`,
    /** key, text, its revision, the text to write over, channel. A row: saved. */
    replace: `WITH saved AS (
  UPDATE ${table} SET record = $2::text, revision = $3::bigint
  WHERE key = $1::text AND record = $4::text
  RETURNING key
) SELECT pg_notify($5::text, 'saved') IS NULL AS done FROM saved`,
    /**
     * key, holder, milliseconds. 0: taken; otherwise how long another has it, or no row: that is not seen yet. Whoever
     * asks in vain only reads: what it wrote or locked would be in the holder's way.
     */
    take: `WITH other AS (
  SELECT greatest(1, ceil(extract(epoch FROM until - clock_timestamp()) * 1000))::int AS ms FROM ${table}
  WHERE key = $1::text AND holder <> $2::text AND until > clock_timestamp()
), taken AS (
  INSERT INTO ${table} AS held (key, holder, until)
  SELECT $1::text, $2::text, ${until('$3')} WHERE NOT EXISTS (SELECT FROM other)
  ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, until = ${until('$3')}
  WHERE held.holder IS NULL OR held.holder = excluded.holder OR held.until <= clock_timestamp()
  RETURNING 0 AS ms
) SELECT ms FROM taken UNION ALL SELECT ms FROM other`,
    /** key, holder, milliseconds. A row: renewed. */
    renew: `UPDATE ${table} SET until = ${until('$3')}
  WHERE key = $1::text AND holder = $2::text AND until > clock_timestamp()
  RETURNING key`,
    /** key, holder, channel. */
    release: `WITH released AS (
  UPDATE ${table} SET holder = NULL, until = NULL
  WHERE key = $1::text AND holder = $2::text
  RETURNING key
) SELECT pg_notify($3::text, 'released') IS NULL AS done FROM released`,
  };
}
