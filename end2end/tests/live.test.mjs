// Every open surface moves at once: browsers beside each other, server processes beside each other, and a connection
// that drops and heals, without disturbing whoever types.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { hasStatus, hydrated, row } from '../support/browser.mjs'
import { VALUES } from '../support/project.mjs'
import { badge, connect, expectBadge, fill, finishAnyway, goToWork, openTab } from '../support/road.mjs'
import { commitFiles } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

const notice = (page) => page.locator('.link-notice[role="status"]')
const readiness = (page, text) => page.locator('[data-readiness]', { hasText: text })
const list = (page) => page.locator('[data-configuration]')

/** A browser of somebody else who is signed in, at a path of a server. */
async function another(stage, server, path) {
  const opened = await stage.signedIn({ link: server.anotherLink() })
  await opened.page.goto(server.origin + path)
  await hydrated(opened.page)
  return opened
}

/** Counts what a page fetches from here on, by function. */
function countFetches(page) {
  const counts = {}
  page.on('request', (request) => {
    const called = new URL(request.url()).pathname.match(/^\/fn\/(\w+)/)?.[1]
    if (called) counts[called] = (counts[called] ?? 0) + 1
  })
  return counts
}

/** Types half a value and puts the caret into its middle. */
async function typeHalf(page, key) {
  const field = row(page, key).getByLabel(`Value for ${key}`, { exact: true })
  await field.click()
  await field.pressSequentially('half a value')
  for (let step = 0; step < 8; step++) await field.press('ArrowLeft')
  await field.evaluate((field) => (field.marked = true))
}

/** Where the keyboard is, what stands there, and where on the screen. */
const atWork = (page) =>
  page.evaluate(() => {
    const { marked, value, selectionStart, selectionEnd } = document.activeElement
    const top = Math.round(document.activeElement.getBoundingClientRect().top)
    return { marked, value, caret: [selectionStart, selectionEnd], top }
  })

describe('two browsers on one session', () => {
  const stage = setStage()
  let server, project, mine, theirs, session
  before(async () => {
    mine = await stage.setup()
    ;({ server, project, session } = mine)
    await mine.page.getByText('Open', { exact: true }).first().waitFor()
    theirs = await another(stage, server, `/sessions/${session}?tab=environment`)
  })

  it('agree on a value: status, badge, title and thread, and the change is read out politely', async () => {
    await expectBadge(theirs.page, '5')
    await fill(mine.page, 'DATABASE_URL', VALUES.DATABASE_URL, { scope: 'Organization' })
    await hasStatus(theirs.page, 'DATABASE_URL', 'set')
    await expectBadge(theirs.page, '4')
    await theirs.page.waitForFunction(() => document.title.startsWith('(4)'))
    await theirs.page.locator('[aria-live="polite"]', { hasText: '4 values are missing.' }).waitFor({ state: 'attached' })
    await theirs.page.locator('.thread').getByText('saved DATABASE_URL').first().waitFor()
    assert.equal(await badge(mine.page), await badge(theirs.page))
  })

  it('leave focus, caret and half-typed text alone when values and the spec change under them', async () => {
    await typeHalf(theirs.page, 'STRIPE_SECRET_KEY')
    const before = await atWork(theirs.page)
    assert.deepEqual({ ...before, top: 0 }, { marked: true, value: 'half a value', caret: [4, 4], top: 0 })

    await fill(mine.page, 'PUBLIC_NAME', VALUES.PUBLIC_NAME)
    await hasStatus(theirs.page, 'PUBLIC_NAME', 'set')
    assert.deepEqual(await atWork(theirs.page), before, 'after a value was saved elsewhere')

    // The project grows; another setup's scan saves the new spec of the same configuration.
    const example = readFileSync(join(project, '.env.example'), 'utf8')
    commitFiles(project, { '.env.example': `${example}\n# Sends mails\nMAIL_TOKEN=\n` })
    const setup = await another(stage, server, '/')
    await setup.page.getByRole('button', { name: 'Start setup session' }).click()
    await setup.page.waitForURL(/\/sessions\//)
    await hasStatus(theirs.page, 'MAIL_TOKEN', 'missing')
    await expectBadge(theirs.page, '4')
    assert.deepEqual(await atWork(theirs.page), before, 'after the spec was saved anew')

    // The very slot that is being typed into.
    await fill(mine.page, 'STRIPE_SECRET_KEY', VALUES.STRIPE_SECRET_KEY)
    await hasStatus(theirs.page, 'STRIPE_SECRET_KEY', 'set')
    assert.deepEqual({ ...(await atWork(theirs.page)), top: 0 }, { ...before, top: 0 }, 'after somebody else filled it')
    await setup.context.close()
  })

  it('fetch nothing when they open, and each thing once when something may have been missed', async () => {
    const fresh = await stage.open({ storageState: await theirs.context.storageState() })
    const counts = countFetches(fresh.page)
    const watching = fresh.page.waitForResponse(/\/events\/sessions\//)
    await fresh.page.goto(`${server.origin}/sessions/${session}?tab=environment`)
    await hydrated(fresh.page)
    assert.equal((await watching).status(), 200)
    // Something that is certainly heard proves that nothing was fetched before it.
    await fill(mine.page, 'PRIVATE_KEY', VALUES.PRIVATE_KEY)
    await hasStatus(fresh.page, 'PRIVATE_KEY', 'set')
    assert.ok(counts.get_environment >= 1 && counts.get_environment <= 3, JSON.stringify(counts))
    assert.equal(counts.get_auto_start, undefined)
    await fresh.context.close()
  })

  it('show a browser that signed out that its page stands still', async () => {
    const leaving = await another(stage, server, `/sessions/${session}`)
    const second = await leaving.context.newPage()
    await second.goto(`${server.origin}/`)
    await second.getByRole('button', { name: 'Sign out' }).click()
    await notice(leaving.page).getByText('You are signed out').waitFor()
    await notice(leaving.page).getByRole('link', { name: 'Sign in' }).waitFor()
    await leaving.context.close()
  })
})

describe('the repositories page', () => {
  const stage = setStage()
  let server, project, second, page, elsewhere
  before(async () => {
    ;[project, second] = [stage.project(), stage.project()]
    server = await stage.server()
    ;({ page } = await stage.signedIn(server))
    elsewhere = await another(stage, server, '/')
  })

  it('turns from invitation to list around whoever types an address', async () => {
    const field = page.getByLabel('Git URL or local path')
    await field.pressSequentially('/half/an/addr')
    await field.evaluate((field) => (field.marked = true))
    await connect(elsewhere.page, project)
    await list(page).first().waitFor()
    await page.getByRole('heading', { name: 'Repositories', level: 1 }).waitFor()
    const { marked, value } = await atWork(page)
    assert.deepEqual({ marked, value }, { marked: true, value: '/half/an/addr' })
  })

  it('shows readiness, files and sessions as they change, and the keyboard stays where it is', async () => {
    const shop = list(page).first()
    await shop.getByText('Needs 5 values').waitFor()
    await shop.getByText('Open').waitFor()
    const button = shop.getByRole('button', { name: 'Start setup session' })
    await button.focus()
    await button.evaluate((button) => (button.marked = true))
    await elsewhere.page.getByText('Open', { exact: true }).first().waitFor()
    await fill(elsewhere.page, 'PUBLIC_NAME', VALUES.PUBLIC_NAME)
    await shop.getByText('Needs 4 values').waitFor()
    await shop.locator('.file-count', { hasText: 'apps/web/.env.local' }).getByText('1/2').waitFor()
    await page.locator('[aria-live="polite"]', { hasText: 'shop: Needs 4 values.' }).waitFor({ state: 'attached' })
    await finishAnyway(elsewhere.page)
    await shop.getByRole('button', { name: 'Start work session' }).waitFor()
    await shop.getByText('Finished').waitFor()
    assert.ok(await page.evaluate(() => document.activeElement.marked), 'the very same button has the keyboard')
  })

  it('gains a row when somebody connects another repository', async () => {
    await elsewhere.page.goto(`${server.origin}/`)
    await hydrated(elsewhere.page)
    await connect(elsewhere.page, second)
    await page.waitForFunction(() => document.querySelectorAll('[data-configuration]').length === 2)
  })
})

describe('a connection that drops', () => {
  const stage = setStage()
  let server, page, context, complaints, home, session
  before(async () => {
    ;({ server, page, context, complaints, session } = await stage.setup())
    await page.getByText('Open', { exact: true }).first().waitFor()
    home = await context.newPage()
    await home.goto(`${server.origin}/`)
    await hydrated(home)
  })

  it('is shown on every page, heals by itself, and then shows what changed meanwhile', async () => {
    await typeHalf(page, 'SESSION_SECRET')
    const before = await atWork(page)
    const { port } = server
    await server.stop()
    for (const open of [page, home]) await notice(open).getByText('Connection lost. Reconnecting…').waitFor()
    assert.deepEqual(await atWork(page), before, 'the notice moves nothing')

    // Another process on the same data, which this browser knows nothing of.
    const meanwhile = await stage.server({ like: server })
    const other = await stage.beside(context, `${meanwhile.origin}/sessions/${session}?tab=environment`)
    await fill(other.page, 'PUBLIC_NAME', VALUES.PUBLIC_NAME)
    await other.context.close()
    await meanwhile.stop()
    assert.equal(await row(page, 'PUBLIC_NAME').getAttribute('data-status'), 'missing', 'nobody told this page')

    const counts = countFetches(page)
    await stage.server({ like: server, port })
    // At once: the good news goes away by itself.
    await Promise.all([page, home].map((open) => notice(open).getByText('Connected again').waitFor()))
    await hasStatus(page, 'PUBLIC_NAME', 'set')
    await readiness(home, 'Needs 4 values').waitFor()
    assert.deepEqual(await atWork(page), before, 'focus, caret and half-typed text are still there')
    assert.equal(counts.get_environment, 1, 'a gap leads to one fetch')
    const gone = () => document.querySelector('.link-notice').textContent === ''
    for (const open of [page, home]) await open.waitForFunction(gone)
    // The page tried while nobody listened; the browser says so in its console.
    complaints.splice(0)
  })
})

describe('two server processes on one PostgreSQL', () => {
  const stage = setStage()
  let one, here, there, home, session
  before(async () => {
    one = await stage.server({ backend: 'postgres' })
    here = await stage.signedIn(one)
    const other = await stage.server({ like: one })
    home = await another(stage, other, '/')
    session = await connect(here.page, stage.project())
    await hasStatus(here.page, 'DATABASE_URL', 'missing')
    there = await another(stage, other, `/sessions/${session}?tab=environment`)
  })

  it('keep a browser at each of them up to date', async () => {
    await readiness(home.page, 'Needs 5 values').waitFor()
    await fill(here.page, 'DATABASE_URL', VALUES.DATABASE_URL)
    await hasStatus(there.page, 'DATABASE_URL', 'set')
    await readiness(home.page, 'Needs 4 values').waitFor()
    await fill(there.page, 'PUBLIC_NAME', VALUES.PUBLIC_NAME)
    await hasStatus(here.page, 'PUBLIC_NAME', 'set')
    await expectBadge(here.page, '3')
    await expectBadge(there.page, '3')
    await readiness(home.page, 'Needs 3 values').waitFor()
  })

  it('carry a whole session course from one to the other', async () => {
    await finishAnyway(here.page)
    const work = await goToWork(there.page, session)
    await hydrated(there.page)
    await here.page.goto(`${one.origin}/sessions/${work}`)
    await hydrated(here.page)
    await here.page.getByText('Running', { exact: true }).first().waitFor()
    await openTab(here.page, 'Info')
    await here.page.getByRole('heading', { name: 'Boot receipt' }).waitFor()
  })
})
