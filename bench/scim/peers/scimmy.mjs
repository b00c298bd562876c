// SCIM peer: express + scimmy + scimmy-routers with a simple store.
//   node scimmy.mjs PORT TOKEN [sqlite-file]
// No third argument: Map by id + Map by userName. With it: better-sqlite3, WAL, synchronous=FULL, one commit a write.
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";
const require = createRequire(process.env.PEER_MODULES);
const express = require("express"), SCIMMY = require("scimmy");
const routers = require("scimmy-routers"); const SCIMMYRouters = routers.default ?? routers;
const [, , port, token, dbfile] = process.argv;

function memStore(key) {
  const byId = new Map(), byKey = new Map();
  return {
    get: id => byId.get(id),
    byKey: k => byId.get(byKey.get(String(k).toLowerCase())),
    put: (id, o) => { byId.set(id, o); byKey.set(String(o[key]).toLowerCase(), id); },
    del: id => { const o = byId.get(id); if (o) { byKey.delete(String(o[key]).toLowerCase()); byId.delete(id); } return !!o; },
    count: () => byId.size,
    page: (start, n) => { const r = []; let i = 0; for (const o of byId.values()) { if (++i < start) continue; if (r.length >= n) break; r.push(o); } return r; },
    all: () => [...byId.values()],
  };
}
function sqlStore(db, table, key) {
  db.exec(`create table if not exists ${table}(seq integer primary key, id text unique, k text unique collate nocase, doc text)`);
  const q = s => db.prepare(s.replaceAll("T", table));
  const get = q("select doc from T where id=?"), byk = q("select doc from T where k=?"), cnt = q("select count(*) c from T"),
    ins = q("insert into T(id,k,doc) values(?,?,?) on conflict(id) do update set k=excluded.k, doc=excluded.doc"),
    del = q("delete from T where id=?"), pg = q("select doc from T order by seq limit ? offset ?"), all = q("select doc from T");
  const p = r => r && JSON.parse(r.doc);
  return { get: id => p(get.get(id)), byKey: k => p(byk.get(k)), put: (id, o) => ins.run(id, o[key], JSON.stringify(o)),
    del: id => del.run(id).changes > 0, count: () => cnt.get().c, page: (s, n) => pg.all(n, s - 1).map(p), all: () => all.all().map(p) };
}
let users, groups;
if (dbfile) {
  const db = new (require("better-sqlite3"))(dbfile);
  db.pragma("journal_mode=WAL"); db.pragma("synchronous=FULL");
  users = sqlStore(db, "users", "userName"); groups = sqlStore(db, "groups", "displayName");
} else { users = memStore("userName"); groups = memStore("displayName"); }

function wire(R, store, key) {
  R.ingress((res, inst) => {
    const o = JSON.parse(JSON.stringify(inst)), now = new Date().toISOString();
    if (res.id) { const old = store.get(res.id); if (!old) throw new SCIMMY.Types.Error(404, null, "not found"); o.id = res.id; o.meta = { ...old.meta, lastModified: now }; }
    else { if (store.byKey(o[key])) throw new SCIMMY.Types.Error(409, "uniqueness", "exists"); o.id = randomUUID(); o.meta = { created: now, lastModified: now }; }
    store.put(o.id, o); return o;
  }).egress(res => {
    if (res.id) { const o = store.get(res.id); if (!o) throw new SCIMMY.Types.Error(404, null, "not found"); return o; }
    if (res.filter) {
      const f = res.filter.length === 1 && Object.entries(res.filter[0]);
      if (f && f.length === 1 && f[0][0].toLowerCase() === key.toLowerCase() && f[0][1][0] === "eq") { const o = store.byKey(f[0][1][1]); return o ? [o] : []; }
      return res.filter.match(store.all());
    }
    const { startIndex = 1, count = 20 } = res.constraints ?? {};
    if (res.constraints) res.constraints.totalResults = store.count();
    return store.page(startIndex, count);
  }).degress(res => { if (!store.del(res.id)) throw new SCIMMY.Types.Error(404, null, "not found"); });
}
SCIMMY.Resources.declare(SCIMMY.Resources.User, { extensions: [{ schema: SCIMMY.Schemas.EnterpriseUser, required: false }] });
SCIMMY.Resources.declare(SCIMMY.Resources.Group);
wire(SCIMMY.Resources.User, users, "userName"); wire(SCIMMY.Resources.Group, groups, "displayName");
const app = express();
app.use("/scim/v2", new SCIMMYRouters({ type: "bearer", docUri: "https://example.com",
  handler: r => { if (r.header("Authorization") !== "Bearer " + token) throw new Error("Authorization not detected!"); return "bench"; } }));
app.listen(+port, "127.0.0.1", () => console.log("scimmy on", port));
