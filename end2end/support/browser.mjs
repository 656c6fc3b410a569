// Real Chromium, with a console that must stay clean.
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'
import { until } from './sandbox.mjs'

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
    // The browser itself reports each answer that is no success; tests look at those where they expect them. And it
    // finds a bundle useless that a slow machine takes seconds to start, or that nothing starts without scripts.
    const expected = /^Failed to load resource|was preloaded using link preload but not used/
    if (['error', 'warning'].includes(message.type()) && !expected.test(message.text())) complaints.push(message.text())
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

/**
 * Waits until the keyboard is where `at` says, a function of the focused element and of `argument` that runs in the
 * page. If it never gets there, the error tells where it is instead.
 */
export async function keyboard(page, at, argument) {
  const arrived = `(${at})(document.activeElement, ${JSON.stringify(argument)})`
  try {
    await until(`the keyboard is where ${at}`, () => page.evaluate(arrived))
  } catch (cause) {
    const place = await page.evaluate(() => {
      const here = document.activeElement
      const row = here.closest('li, form, section, main')
      return { hidden: document.hidden, here: here.outerHTML.slice(0, 500), row: row?.outerHTML.slice(0, 3000) }
    })
    throw new Error(`the keyboard is elsewhere: ${JSON.stringify(place, null, 2)}`, { cause })
  }
}

export function assertQuiet(complaints) {
  assert.deepEqual(complaints, [], 'the browser console stays clean')
}
