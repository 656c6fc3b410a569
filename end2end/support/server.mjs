// Starts the real server program on a port of its own, with data of its own.
import './localhost.mjs'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { randomBytes } from 'node:crypto'

const root = resolve(import.meta.dirname, '../..')
export const folderOf = (session, server) => join(server.data, 'sandboxes', session, 'workspace')

/** A database of its own on the throwaway PostgreSQL, as a URL. */
export function freshPostgres() {
  const admin = process.env.KEYSLOT_TEST_POSTGRES_URL
  if (!admin) throw new Error('KEYSLOT_TEST_POSTGRES_URL is not set: run through end2end/with-postgres.sh or make test')
  const name = `keyslot_${randomBytes(6).toString('hex')}`
  execFileSync(psql(), ['--quiet', admin, '-c', `CREATE DATABASE ${name}`])
  const url = new URL(admin)
  url.pathname = `/${name}`
  return url.href
}

/** Every row of every table as text. */
export const dumpPostgres = (url) => execFileSync(psql('pg_dump'), ['--inserts', url], { maxBuffer: 1 << 30 })

/** Changes the database of a server behind its back. */
export const runPostgres = (url, statement) => execFileSync(psql(), ['--quiet', url, '-c', statement])

function psql(program = 'psql') {
  return execFileSync('bash', ['-c', `command -v ${program} || ls /usr/lib/postgresql/*/bin/${program} | tail -1`], {
    encoding: 'utf8',
  }).trim()
}

/**
 * Starts a server; `backend` is 'sqlite' or 'postgres'. `like` names a server whose data and database it shares, `port`
 * the port, `folder` the build, `options` what else the program is called with. Stop it with `stop()`, throw its data
 * away with `remove()`.
 */
export async function startServer({
  backend = 'sqlite',
  log = 'debug',
  like,
  port = 0,
  folder = 'debug',
  options = [],
} = {}) {
  const data = like?.data ?? mkdtempSync(join(tmpdir(), 'keyslot-e2e-'))
  const url = like ? like.databaseUrl : backend === 'postgres' ? freshPostgres() : undefined
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, RUST_LOG: log, ...(url && { DATABASE_URL: url }) }
  const path = join(root, 'target', folder, 'keyslot-server')
  const program = spawn(path, ['--listen', `127.0.0.1:${port}`, '--data', data, ...options], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, errors] = ['', '']
  program.stderr.on('data', (chunk) => (errors += chunk))
  const { origin, link } = await new Promise((found, failed) => {
    program.on('exit', (code) => failed(new Error(`the server stopped with ${code}: ${errors}`)))
    program.stdout.on('data', (chunk) => {
      output += chunk
      const [, serves, says] = output.match(/serves on (\S+)\n(.+)\n/) ?? []
      if (says) found({ origin: serves, link: says.match(/Sign in .*: (\S+)/)?.[1] })
    })
  }).catch((error) => {
    if (!like) rmSync(data, { recursive: true, force: true })
    throw error
  })
  const listens = new URL(origin).port
  /** Another one-time link to the same server, for another browser. Earlier ones work no more. */
  const anotherLink = () => {
    const arguments_ = ['sign-in-link', '--data', data, '--listen', `127.0.0.1:${listens}`]
    return execFileSync(path, arguments_, { cwd: root, env: { ...env, RUST_LOG: 'off' }, encoding: 'utf8' }).trim()
  }
  const stop = () =>
    new Promise((done) => {
      program.removeAllListeners('exit')
      if (program.exitCode !== null || program.signalCode !== null) return done()
      program.on('exit', done)
      program.kill('SIGTERM')
    })
  return {
    backend,
    data,
    databaseUrl: url,
    /** The link of a first start; a database that somebody came in to gets none. */
    link,
    anotherLink,
    /** Where browsers find it. */
    origin,
    /** Where programs find it, whatever names their system knows. */
    address: `http://127.0.0.1:${listens}`,
    port: Number(listens),
    pid: program.pid,
    output: () => output,
    log: () => errors,
    stop,
    remove: () => rmSync(data, { recursive: true, force: true }),
  }
}

/** A real git repository, named shop if not otherwise, with the given files (path to text), committed. */
export function makeRepository(files, name = 'shop') {
  const folder = join(mkdtempSync(join(tmpdir(), 'keyslot-project-')), name)
  mkdirSync(folder)
  git(folder, 'init', '--quiet', '--initial-branch=main')
  commitFiles(folder, files)
  return folder
}

/** Writes files into a git repository and commits them. */
export function commitFiles(folder, files) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  git(folder, 'add', '--all', '--force')
  git(folder, 'commit', '--quiet', '--message=A project')
}

const git = (folder, ...words) =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=Test', '-c', 'user.email=test@example.test', ...words])

export const read = (session, server, path) => readFileSync(join(folderOf(session, server), path), 'utf8')

/** Throws a repository away, with the folder around it. */
export const removeRepository = (folder) => rmSync(dirname(folder), { recursive: true, force: true })
