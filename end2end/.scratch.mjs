// scratch, never committed
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { hasStatus, hydrated, launch, openPage, row } from './support/browser.mjs'
import { VALUES, makeProject } from './support/project.mjs'
import { connect, fill, openTab, signIn } from './support/road.mjs'
import { removeRepository, startServer } from './support/server.mjs'
const server = await startServer()
const browser = await launch()
const { page, context, complaints } = await openPage(browser)
await signIn(page, server); await hydrated(page)
const project = makeProject()
const session = await connect(page, project)
await hasStatus(page, 'DATABASE_URL', 'missing')
const insert = (id, keys, message, state='pending') => execFileSync('python3', ['-c', `
import sqlite3,json,time,glob,sys
p=[f for f in glob.glob('${server.data}/*.db*')+glob.glob('${server.data}/*.sqlite*') if not f.endswith(('-wal','-shm'))][0]
db=sqlite3.connect(p,timeout=20)
s=db.execute("select organization_id from sessions where id=?",('${session}',)).fetchone()[0]
now=int(time.time()*1000)
keys=json.loads(sys.argv[2])
db.execute("insert into value_requests values (?,?,?,?,?,?,?,?,?,?)",(sys.argv[1],s,'${session}','Deploy agent',sys.argv[3],sys.argv[4],json.dumps(keys),now,now+86400000-5000, None if sys.argv[4]=='pending' else now))
seq=db.execute("select max(seq) from thread_entries where session_id=?",('${session}',)).fetchone()[0]+1
db.execute("insert into thread_entries(organization_id,session_id,seq,kind,body,created_at) values (?,?,?,?,?,?)",(s,'${session}',seq,'request',json.dumps({"kind":"request","request":sys.argv[1],"author":"Deploy agent","keys":[k["asked"]["key"] for k in keys]}),now))
db.execute("update sessions set thread_seq=? where id=?",(seq,'${session}')) if 'thread_seq' in [r[1] for r in db.execute("pragma table_info(sessions)")] else None
db.commit()`, id, JSON.stringify(keys), message, state])
const k = (key, o={}, outcome=null) => ({ asked: { key, required: true, secret: true, ...o }, place: '.env', outcome })
await fill(page, 'DATABASE_URL', VALUES.DATABASE_URL, { scope: 'Organization' })
insert('r-closed', [k('OLD', {}, 'skipped'), k('DATABASE_URL', {}, 'already_set'), k('GONE', {}, 'cancelled')], 'An earlier one', 'cancelled')
insert('r-open', [k('DATABASE_URL', {}, 'already_set'),
  k('DEPLOY_REGION', { secret: false, description: 'Where the preview is deployed', documentationUrl: 'https://example.test/regions', suggestions: ['eu-central-1', 'us-east-1'] }),
  k('DEPLOY_TOKEN', { description: 'Token of the deploy service, with the scope "write"', generate: 'hex32' }),
  k('SENTRY_DSN', { required: false, description: 'Only for error reports' })],
  'I can deploy a preview of the shop. For that I need to know where, and a token.')
const at = `${server.origin}/sessions/${session}`
const out = '/tmp/cards-scratch'
await (await import(process.argv[2])).default({ server, browser, page, context, session, at, out, complaints, hydrated, hasStatus, row, fill, openPage, openTab, insert, k })
console.log('complaints', complaints)
await browser.close(); await server.stop(); server.remove(); removeRepository(project)
