// Real Chromium, with a console that must stay clean.
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'

export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })

/** A page in a browser profile of its own. `complaints` collects console errors and uncaught exceptions. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const complaints = []
  page.on('console', (message) => {
    // The browser itself reports each answer that is no success; tests look at those where they expect them.
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text())
    }
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { context, page, complaints }
}

/** Waits until the WASM bundle has taken the page over. */
export const hydrated = (page) => page.locator('html[data-hydrated]').waitFor()

export const row = (page, key, file) =>
  page.locator(`[data-slot="${key}"]${file ? `[data-file="${file}"]` : ''}`)

/** Waits until a slot has a status. */
export const hasStatus = (page, key, status, file) =>
  page.locator(`[data-slot="${key}"]${file ? `[data-file="${file}"]` : ''}[data-status="${status}"]`).first().waitFor()

export function assertQuiet(complaints) {
  assert.deepEqual(complaints, [], 'the browser console stays clean')
}
