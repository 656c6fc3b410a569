#!/usr/bin/env node
// Lighthouse on the workspace page, signed in, as a desktop and a phone see it that have nothing in their cache:
// performance, accessibility and best practices. Beside it, in the same run: the repositories page of the same server.
import lighthouse, { desktopConfig } from 'lighthouse'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { FLAGS, hasStatus, hydrated } from '../support/browser.mjs'
import { makeProject } from '../support/project.mjs'
import { connect, signIn } from '../support/road.mjs'
import { removeRepository, startServer } from '../support/server.mjs'

/** Lighthouse's own settings; without any it is a phone, with a slow network and a slow processor. */
const DEVICES = { desktop: desktopConfig, phone: undefined }
const CATEGORIES = ['performance', 'accessibility', 'best-practices']

const project = makeProject()
const server = await startServer({ log: 'warn', folder: process.env.KEYSLOT_BENCH_BUILD ?? 'release' })
const profile = mkdtempSync(join(tmpdir(), 'keyslot-lighthouse-'))
const port = await freePort()
// Lighthouse comes in by the debugging port, into the one profile of this browser, which is signed in.
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [...FLAGS, `--remote-debugging-port=${port}`],
})
try {
  const page = await browser.newPage()
  await signIn(page, server)
  await hydrated(page)
  const session = await connect(page, project)
  await hasStatus(page, 'DATABASE_URL', 'missing')
  await page.close()
  for (const device of Object.keys(DEVICES)) {
    await judge(device, 'the workspace page', `${server.origin}/sessions/${session}?tab=environment`)
    await judge(device, 'the repositories page, beside it', `${server.origin}/`)
  }
} finally {
  await browser.close()
  await server.stop()
  server.remove()
  removeRepository(project)
  rmSync(profile, { recursive: true, force: true })
}

async function judge(device, name, url) {
  await clearCache()
  const options = { port, logLevel: 'error', onlyCategories: CATEGORIES, disableStorageReset: true }
  const { lhr } = await lighthouse(url, options, DEVICES[device])
  if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`)
  const scores = CATEGORIES.map((id) => `${lhr.categories[id].title} ${Math.round(lhr.categories[id].score * 100)}`)
  const figures = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift']
  const shown = figures.map((id) => `${lhr.audits[id].title} ${lhr.audits[id].displayValue}`)
  const [element] = lhr.audits['largest-contentful-paint-element'].details?.items[0]?.items ?? []
  const painted = Math.round(lhr.audits.metrics.details.items[0].observedLargestContentfulPaint)
  console.log(`Lighthouse, ${device}, on ${name}: ${scores.join(', ')}; ${shown.join(', ')}`)
  console.log(`  largest paint: ${element?.node.snippet}, painted after ${painted} ms without slowing down`)
  for (const id of CATEGORIES) {
    for (const { id: audit, weight } of lhr.categories[id].auditRefs) {
      const { score, title, scoreDisplayMode } = lhr.audits[audit]
      if (weight > 0 && score !== null && score < 0.9) console.log(`  ${id}: ${title} (${scoreDisplayMode} ${score})`)
    }
  }
}

/** What is signed in stays; what was fetched goes. */
async function clearCache() {
  const page = await browser.newPage()
  const session = await browser.newCDPSession(page)
  await session.send('Network.clearBrowserCache')
  await page.close()
}

async function freePort() {
  const probe = createServer()
  await new Promise((ready) => probe.listen(0, '127.0.0.1', ready))
  const { port } = probe.address()
  await new Promise((closed) => probe.close(closed))
  return port
}
