// Steps of the road that several tests walk.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasStatus, row } from './browser.mjs'
import { VALUES } from './project.mjs'
import { until } from './sandbox.mjs'
import { folderOf, read } from './server.mjs'

export async function signIn(page, server) {
  await page.goto(server.link)
  await page.getByRole('button', { name: 'Sign in as' }).click()
  await page.waitForURL((url) => url.pathname === '/')
  await page.getByRole('heading', { level: 1 }).waitFor()
}

/** Connects a repository and answers the id of the setup session that opens. It may use every value of the organization
 * unless it is not `trusted`. */
export async function connect(page, location, { trusted = true } = {}) {
  await page.getByLabel('Git URL or local path').fill(location)
  if (trusted) await page.getByLabel('Use all organization values').first().check()
  await page.getByRole('button', { name: 'Connect' }).click()
  await page.waitForURL(/\/sessions\//)
  return sessionOf(page)
}

/** Loads a page again, or an address, until something is to be seen: without scripts nothing arrives by itself. */
export const reloadUntil = (page, locator, address) =>
  until(`${locator} is to be seen`, async () => {
    if (await locator.first().isVisible()) return true
    await (address ? page.goto(address) : page.reload())
    return false
  })

export const sessionOf = (page) => new URL(page.url()).pathname.split('/').pop()

/** Types a value, picks a scope and saves with the keyboard. */
export async function fill(page, key, value, { scope, status = 'set' } = {}) {
  const slot = row(page, key)
  if (scope) await slot.getByLabel(`Scope for ${key}`).selectOption({ label: scope })
  const field = slot.getByLabel(`Value for ${key}`, { exact: true })
  await field.fill(value)
  await field.press('Enter')
  await hasStatus(page, key, status)
}

/** Starts a work session with the button that a setup shows when it is over; answers its id. */
export async function goToWork(page, setup) {
  await page.getByRole('button', { name: 'Start work session' }).click()
  await page.waitForURL((url) => url.pathname.startsWith('/sessions/') && !url.pathname.endsWith(setup))
  return sessionOf(page)
}

/** Finishes a setup although something is missing. */
export async function finishAnyway(page) {
  await page.getByRole('button', { name: 'Finish setup' }).click()
  await page.getByRole('button', { name: 'Finish anyway' }).click()
}

export async function openTab(page, name) {
  await page.getByRole('link', { name: new RegExp(`^${name}`) }).click()
}

export async function badge(page) {
  const badge = page.locator('[data-badge]')
  return (await badge.count()) ? (await badge.first().textContent()).trim() : ''
}

export async function expectBadge(page, text) {
  await page.waitForFunction((wanted) => {
    const found = document.querySelector('[data-badge]')?.textContent.trim() ?? ''
    return wanted === '' ? found === '' || found === '0' : found.startsWith(wanted)
  }, text)
  if (text) assert.match(await badge(page), new RegExp(`^${text}`))
}

/** Calls a server function as a form does; answers what it answers. */
export async function post(context, server, name, form) {
  const headers = { accept: 'application/json', origin: server.origin }
  const answer = await context.request.post(`${server.origin}/fn/${name}`, { form, headers })
  assert.ok(answer.ok(), `${name}: ${await answer.text()}`)
  return answer.json().catch(() => undefined)
}

/** Starts a work session of a session's configuration and waits for a state; answers its id. */
export async function startWork(context, server, session, state) {
  const { configuration } = await post(context, server, 'get_session', { session })
  const id = (await post(context, server, 'start_session', { configuration, kind: 'work' })).split('/').pop()
  await until(`${id} is ${state}`, async () => (await post(context, server, 'get_session', { session: id })).state === state)
  return id
}

/** Waits until a file of a session holds a text or matches a pattern: screens do not wait for the files. */
export const holds = (session, server, path, wanted) =>
  until(`${path} holds ${wanted}`, () => {
    const text = textOf(session, server, path) ?? ''
    return wanted instanceof RegExp ? wanted.test(text) : text.includes(wanted)
  })

/** Waits until a session has no such file (any more). */
export const lacks = (session, server, path) =>
  until(`${path} is gone`, () => textOf(session, server, path) === undefined)

function textOf(session, server, path) {
  try {
    return read(session, server, path)
  } catch {
    return undefined
  }
}

/** Saves a snapshot on the Snapshots tab, and tries to save one of a workspace with a value in it. */
export async function saveSnapshots(page, session, server) {
  await openTab(page, 'Snapshots')
  await page.getByLabel('Snapshot name (optional)').fill('Dependencies installed')
  await page.getByRole('button', { name: 'Save snapshot' }).click()
  await page.locator('[data-snapshot][data-state="ready"]').waitFor()
  const planted = join(folderOf(session, server), 'docs/notes.md')
  mkdirSync(join(planted, '..'), { recursive: true })
  writeFileSync(planted, `# Notes\n\nthe url is ${VALUES.DATABASE_URL}\n`)
  await page.getByRole('button', { name: 'Save snapshot' }).click()
  await page.locator('[data-snapshot][data-state="blocked"]').waitFor()
  rmSync(planted)
}
