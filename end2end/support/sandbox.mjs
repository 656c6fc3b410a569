// A sandbox elsewhere: a folder that the real `keyslot env watch` keeps up to date.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const program = resolve(import.meta.dirname, '../../target/debug/keyslot')
/** How long tests wait for anything: only what never comes takes so many milliseconds. */
export const PATIENCE = 60_000

/** A token of the session that the page shows, made as the Info tab makes one. */
export const makeToken = (page, session, purpose = 'sandbox') =>
  page.evaluate(
    async ([session, purpose]) => {
      const body = new URLSearchParams({ session, name: 'Laptop', purpose, days: '1' })
      const answer = await fetch('/fn/create_token', { method: 'POST', headers: { accept: 'application/json' }, body })
      if (!answer.ok) throw new Error(`no token: ${answer.status}`)
      return (await answer.json()).token
    },
    [session, purpose],
  )

/** Starts the program. `elsewhere.workspace` is its folder; it runs until `stop()` or `kill()`. */
export function watchElsewhere(address, token, { name = 'laptop', workspace = mkdtempSync(join(tmpdir(), 'keyslot-elsewhere-')) } = {}) {
  const child = spawn(program, ['env', 'watch', '--server', address, '--name', name, '--workspace', workspace], {
    env: { PATH: process.env.PATH, KEYSLOT_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const over = new Promise((done) => child.on('exit', (code, signal) => done(code ?? signal)))
  const end = (signal) => (child.exitCode === null && child.kill(signal), over)
  return {
    workspace,
    pid: child.pid,
    said: () => said,
    over,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    remove: () => rmSync(workspace, { recursive: true, force: true }),
    files: () => readdirSync(workspace, { recursive: true }).map(String).sort(),
    read: (path) => {
      try {
        return readFileSync(join(workspace, path), 'utf8')
      } catch {
        return ''
      }
    },
  }
}

/** Asks until it is so. */
export async function until(what, isSo) {
  for (const since = Date.now(); !(await isSo()); await pause(20)) {
    if (Date.now() - since > PATIENCE) throw new Error(`never: ${what}`)
  }
}
