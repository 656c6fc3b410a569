#!/usr/bin/env node
// 50 sessions with 4 watchers each while values are saved all the time, for two minutes (KEYSLOT_SOAK_SECONDS). Fails
// if a watcher misses the final state, or if the server's memory grows without bound.
//
// A watcher does what a page does: it follows the event stream and, when told so, fetches what changed; every so often
// its connection breaks and it comes back with the id of the last event it heard.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { makeProject } from '../support/project.mjs'
import { removeRepository, startServer } from '../support/server.mjs'
import { megabytes, report } from './figures.mjs'

const SECONDS = Number(process.env.KEYSLOT_SOAK_SECONDS ?? 120)
const [SESSIONS, WATCHERS] = [50, 4]
/** Longest wait for the final state, and largest growth of the server between the middle and the end of the run. */
const [PATIENCE, GROWTH] = [30_000, 48e6]

const project = makeProject()
const server = await startServer({ log: 'warn', folder: process.env.KEYSLOT_BENCH_BUILD ?? 'release' })
const sleep = (time) => new Promise((done) => setTimeout(done, time))
let cookie

async function signedIn() {
  const answer = await fetch(server.link, { method: 'POST', redirect: 'manual' })
  return answer.headers.get('set-cookie').split(';')[0]
}

/** Calls a server function. */
async function call(name, fields, signal) {
  const answer = await fetch(`${server.origin}/fn/${name}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { cookie, accept: 'application/json', origin: server.origin },
    signal,
  })
  const text = await answer.text()
  assert.ok(answer.ok, `${name}: ${answer.status} ${text}`)
  return JSON.parse(text)
}

const residentBytes = () => Number(readFileSync(`/proc/${server.pid}/statm`, 'utf8').split(' ')[1]) * 4096

async function soak() {
  const first = (await call('connect_repository', { location: project })).split('/').pop()
  await until(first, 'open')
  const { configuration } = await call('get_session', { session: first })
  await call('finish_setup', { session: first, anyway: 'true' })
  const sessions = []
  for (let number = 0; number < SESSIONS; number++) {
    sessions.push((await call('start_session', { configuration, kind: 'work' })).split('/').pop())
  }
  const booted = Date.now()
  for (const session of sessions) await until(session, 'running')
  console.log(`soak: ${sessions.length} sessions running after ${Date.now() - booted} ms`)
  const watchers = sessions.flatMap((session) => Array.from({ length: WATCHERS }, () => new Watcher(session)))
  await Promise.all(watchers.map((watcher) => watcher.opened))
  const before = residentBytes()

  const saves = await saveUntil(Date.now() + SECONDS * 1000, sessions)
  const final = await lastSaves(sessions)
  const settled = Date.now()
  const missed = await whoMissed(watchers, final)
  const after = residentBytes()
  for (const watcher of watchers) watcher.stop()

  const heard = watchers.reduce((sum, watcher) => sum + watcher.heard, 0)
  const drops = watchers.reduce((sum, watcher) => sum + watcher.drops, 0)
  const resyncs = watchers.reduce((sum, watcher) => sum + watcher.resyncs, 0)
  console.log(`soak: ${sessions.length} sessions, ${watchers.length} watchers, ${saves.times.length} saves, ${SECONDS} s`)
  console.log(`events heard: ${heard}; connections broken and resumed: ${drops}; gaps told: ${resyncs}`)
  report('a save during the soak', saves.times)
  console.log(`final state everywhere after ${Date.now() - settled} ms; watchers that missed it: ${missed.length}`)
  const memory = [before, saves.middle, after].map(megabytes).join(', ')
  console.log(`memory of the server before, in the middle, after: ${memory}`)
  assert.deepEqual(missed, [], 'every watcher knows the final state')
  assert.ok(after - saves.middle < GROWTH, `the server grew by ${megabytes(after - saves.middle)} in the second half`)
}

async function until(session, state) {
  const end = Date.now() + PATIENCE
  for (;;) {
    const view = await call('get_session', { session })
    if (view.state === state) return
    assert.ok(Date.now() < end && view.state !== 'failed', `${session} is ${view.state}, not ${state}`)
    await sleep(20)
  }
}

const save = (session, value) =>
  call('set_value', { target: `session:${session}`, file: '.env', key: 'DATABASE_URL', scope: 'session', value })

/** Saves values in session after session, two at a time. */
async function saveUntil(end, sessions) {
  const [times, half] = [[], end - (SECONDS * 1000) / 2]
  let [turn, middle] = [0, 0]
  const saver = async () => {
    while (Date.now() < end) {
      const [session, started] = [sessions[turn++ % sessions.length], performance.now()]
      await save(session, `value ${turn}`)
      times.push(performance.now() - started)
      if (!middle && Date.now() > half) middle = residentBytes()
    }
  }
  await Promise.all([saver(), saver()])
  return { times, middle: middle || residentBytes() }
}

/** One last save in every session; answers the version that its watchers must come to know. */
async function lastSaves(sessions) {
  const versions = new Map()
  for (const session of sessions) {
    versions.set(session, versionIn(await save(session, 'the last one')))
  }
  return versions
}

/** The version of the session's value, as an environment shows it. */
function versionIn(environment) {
  const slots = environment.files.flatMap((file) => file.slots)
  return slots.find((slot) => slot.key === 'DATABASE_URL').winner?.version ?? 0
}

async function whoMissed(watchers, final) {
  const end = Date.now() + PATIENCE
  const behind = () => watchers.filter((watcher) => watcher.version !== final.get(watcher.session))
  while (behind().length && Date.now() < end) await sleep(50)
  return behind().map(({ session, version }) => `${session}: version ${version} of ${final.get(session)}`)
}

/** One open page, without the browser. */
class Watcher {
  constructor(session) {
    Object.assign(this, { session, version: undefined, heard: 0, drops: 0, resyncs: 0, wanted: false, fetching: false })
    this.stopper = new AbortController()
    this.opened = new Promise((open) => (this.open = open))
    this.run()
  }

  stop() {
    this.stopped = true
    this.stopper.abort()
  }

  async run() {
    while (!this.stopped) {
      this.stopper = new AbortController()
      // Connections break at times of their own; each is resumed from the last event.
      const breaks = setTimeout(() => this.stopper.abort(), 10_000 + Math.random() * 30_000)
      await this.follow().catch(() => {})
      clearTimeout(breaks)
      if (!this.stopped) this.drops++
      await sleep(200)
    }
  }

  async follow() {
    const headers = { cookie, accept: 'text/event-stream', ...(this.seen && { 'last-event-id': this.seen }) }
    const { signal } = this.stopper
    const answer = await fetch(`${server.origin}/events/sessions/${this.session}`, { headers, signal })
    assert.equal(answer.status, 200)
    let text = ''
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop()
      for (const block of blocks) this.take(block)
    }
  }

  take(block) {
    const field = (name) => block.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1]
    this.seen = field('id') ?? this.seen
    const [event, data] = [field('event'), field('data')]
    if (event === 'resync' || event === 'watching') this.open()
    if (event === 'change') this.heard++
    if (event === 'resync') this.resyncs++
    if (event === 'resync' || (event === 'change' && data === '"environment"')) this.fetch()
  }

  /** Fetches the environment; calls while one is under way become one more after it. */
  async fetch() {
    this.wanted = true
    if (this.fetching) return
    this.fetching = true
    while (this.wanted && !this.stopped) {
      this.wanted = false
      const fields = { target: `session:${this.session}` }
      await call('get_environment', fields).then(
        (environment) => (this.version = versionIn(environment)),
        () => sleep(200).then(() => (this.wanted = true)),
      )
    }
    this.fetching = false
  }
}

let failed = false
try {
  cookie = await signedIn()
  await soak()
} catch (error) {
  failed = true
  console.error(error)
} finally {
  await server.stop()
  server.remove()
  removeRepository(project)
}
process.exit(failed ? 1 : 0)
