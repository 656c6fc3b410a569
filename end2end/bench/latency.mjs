#!/usr/bin/env node
// From an accepted spec save to the badge painted in Chromium, over 200 saves by an agent through the HTTP API. Beside
// it, in the same run and taking turns with it: a bare fetch of the same server whose answer is painted.
//
// Both pages of the browser read the same clock. A save counts as accepted when its answer has arrived; a badge as
// painted in the first task after the frame that shows it.
import { hasStatus, hydrated, launch, openPage } from '../support/browser.mjs'
import { agentOf } from '../support/agent.mjs'
import { connect, signIn } from '../support/road.mjs'
import { makeProject } from '../support/project.mjs'
import { removeRepository, startServer } from '../support/server.mjs'
import { report } from './figures.mjs'

const SAVES = Number(process.env.KEYSLOT_BENCH_SAVES ?? 200)
const GOAL = 50

const project = makeProject()
const folder = process.env.KEYSLOT_BENCH_BUILD ?? 'release'
// Far more saves than an agent may do within a minute.
const options = ['--max-spec-saves-per-minute', '100000', '--keep-spec-versions', '100000']
const server = await startServer({ log: 'warn', folder, options })
const browser = await launch()
try {
  await measure()
} finally {
  await browser.close()
  await server.stop()
  server.remove()
  removeRepository(project)
}

/** A spec whose badge says `count`. */
function specOf(count) {
  const keys = Array.from({ length: count }, (_, number) => ({ key: `KEY_${number}` }))
  return { files: [{ path: '.env', keys }] }
}

async function measure() {
  const { page, context } = await openPage(browser)
  await signIn(page, server)
  await hydrated(page)
  const session = await connect(page, project)
  await hasStatus(page, 'DATABASE_URL', 'missing')
  await page.getByText('Open', { exact: true }).first().waitFor()
  const { token } = await agentOf(context, server, session)
  const sender = (await openPage(browser)).page
  await sender.goto(`${server.origin}/healthz`)
  await page.evaluate(watchBadge)

  const figures = { save: [], painted: [], whole: [], bare: [] }
  for (let turn = 0; turn < SAVES; turn++) {
    const count = 20 + (turn % 2)
    await page.evaluate((text) => window.expectBadge(text), String(count))
    const { sent, accepted } = await sender.evaluate(save, { token, spec: specOf(count) })
    const painted = await page.evaluate(() => window.badgePainted)
    figures.save.push(accepted - sent)
    figures.painted.push(painted - accepted)
    figures.whole.push(painted - sent)
    figures.bare.push(await page.evaluate(bareFetch))
  }
  report('save_env_files, asked to accepted', figures.save)
  report('save_env_files, asked to badge painted', figures.whole)
  const { p95 } = report('save_env_files, accepted to badge painted', figures.painted)
  const bare = report('baseline: a bare fetch, painted', figures.bare)
  console.log(`accepted to painted against the baseline: ${(p95 / bare.p95).toFixed(2)} times its p95`)
  console.log(`goal p95 below ${GOAL} ms: ${p95 < GOAL ? 'met' : 'missed'}`)
}

/** In the page of the sender: one save. */
async function save({ token, spec }) {
  const now = () => performance.timeOrigin + performance.now()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  for (;;) {
    const sent = now()
    const answer = await fetch('/api/v1/env-files', { method: 'PUT', headers, body: JSON.stringify(spec) })
    const accepted = now()
    if (answer.ok) return { sent, accepted }
    if (answer.status !== 429) throw new Error(`${answer.status} ${await answer.text()}`)
    await new Promise((again) => setTimeout(again, 1000 * Number(answer.headers.get('retry-after') ?? 1)))
  }
}

/** In the page of the watcher: tells when a badge was painted. */
function watchBadge() {
  const now = () => performance.timeOrigin + performance.now()
  const afterPaint = () =>
    new Promise((painted) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => painted(now())
        port2.postMessage(null)
      })
    })
  window.afterPaint = afterPaint
  window.expectBadge = (text) => {
    const shows = () => document.querySelector('[data-badge]')?.firstChild.textContent === text
    window.badgePainted = new Promise((painted) => {
      const observer = new MutationObserver(() => {
        if (!shows()) return
        observer.disconnect()
        afterPaint().then(painted)
      })
      observer.observe(document.querySelector('.tabs'), { childList: true, characterData: true, subtree: true })
    })
  }
}

/** In the page of the watcher: how long a bare fetch takes until its answer is painted. */
async function bareFetch() {
  const started = performance.timeOrigin + performance.now()
  const answer = await fetch('/style/access.css', { cache: 'no-store' })
  document.title = `${answer.status} ${await answer.text()}`
  return (await window.afterPaint()) - started
}
