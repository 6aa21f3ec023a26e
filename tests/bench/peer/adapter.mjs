// Keeps what oidc-provider stores in one SQLite file: WAL, synchronous=NORMAL, a table per model, every statement prepared once.

import Database from "better-sqlite3";

const now = () => Math.floor(Date.now() / 1000);

export function openDatabase(file) {
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  return database;
}

export function durabilityOf(database) {
  const levels = ["OFF", "NORMAL", "FULL", "EXTRA"];
  const journal = database.pragma("journal_mode", { simple: true });
  const synchronous = levels[database.pragma("synchronous", { simple: true })];
  return `SQLite ${journal.toUpperCase()}, synchronous=${synchronous}`;
}

function prepare(database, model) {
  const table = `"${model}"`;
  database.exec(`
    CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, payload TEXT NOT NULL, grant_id TEXT, uid TEXT, user_code TEXT,
      expires_at INTEGER, consumed_at INTEGER) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS "${model}_by_grant" ON ${table} (grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS "${model}_by_uid" ON ${table} (uid) WHERE uid IS NOT NULL;
    CREATE INDEX IF NOT EXISTS "${model}_by_user_code" ON ${table} (user_code) WHERE user_code IS NOT NULL`);
  const live = `SELECT payload, consumed_at FROM ${table} WHERE (expires_at IS NULL OR expires_at > ?)`;
  return {
    upsert: database.prepare(`INSERT INTO ${table} (id, payload, grant_id, uid, user_code, expires_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
      user_code = excluded.user_code, expires_at = excluded.expires_at`),
    find: database.prepare(`${live} AND id = ?`),
    findByUid: database.prepare(`${live} AND uid = ?`),
    findByUserCode: database.prepare(`${live} AND user_code = ?`),
    consume: database.prepare(`UPDATE ${table} SET consumed_at = ? WHERE id = ?`),
    destroy: database.prepare(`DELETE FROM ${table} WHERE id = ?`),
    revokeByGrantId: database.prepare(`DELETE FROM ${table} WHERE grant_id = ?`),
  };
}

function payloadOf(row) {
  if (!row) return undefined;
  const payload = JSON.parse(row.payload);
  return row.consumed_at ? { ...payload, consumed: row.consumed_at } : payload;
}

export function adapterOver(database) {
  return class SqliteAdapter {
    constructor(model) {
      this.statements = prepare(database, model);
    }

    async upsert(id, payload, expiresIn) {
      const { grantId = null, uid = null, userCode = null } = payload;
      const expiresAt = expiresIn ? now() + expiresIn : null;
      this.statements.upsert.run(id, JSON.stringify(payload), grantId, uid, userCode, expiresAt);
    }

    async find(id) {
      return payloadOf(this.statements.find.get(now(), id));
    }

    async findByUid(uid) {
      return payloadOf(this.statements.findByUid.get(now(), uid));
    }

    async findByUserCode(userCode) {
      return payloadOf(this.statements.findByUserCode.get(now(), userCode));
    }

    async consume(id) {
      this.statements.consume.run(now(), id);
    }

    async destroy(id) {
      this.statements.destroy.run(id);
    }

    async revokeByGrantId(grantId) {
      this.statements.revokeByGrantId.run(grantId);
    }
  };
}
