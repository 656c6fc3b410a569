// Snapshots on the screen: saving with progress, a value that stops one, choosing, deleting, and starting from one; with
// JavaScript and without.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { keyboard } from '../support/browser.mjs'
import { VALUES } from '../support/project.mjs'
import { fill, finishAnyway, goToWork, holds, lacks, openTab, reloadUntil, sessionOf } from '../support/road.mjs'
import { until } from '../support/sandbox.mjs'
import { folderOf, read } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

const rows = (page) => page.locator('[data-snapshot]')
const inState = (page, state) => page.locator(`[data-snapshot][data-state="${state}"]`)
const archives = (server) => {
  const folder = join(server.data, 'snapshots')
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((name) => /\.tar\.zst/.test(name)) : []
}

describe('snapshots', () => {
  const stage = setStage()
  let server, project, page, context, setup
  before(async () => {
    ;({ server, project, page, context, session: setup } = await stage.setup())
    await fill(page, 'DATABASE_URL', VALUES.DATABASE_URL)
    await fill(page, 'PRIVATE_KEY', VALUES.PRIVATE_KEY)
    await openTab(page, 'Snapshots')
  })

  it('are saved by keyboard, and the values come back', async () => {
    await holds(setup, server, '.env', 'DATABASE_URL=')
    await page.getByRole('heading', { name: 'No snapshots yet' }).waitFor()
    const name = page.getByLabel('Snapshot name (optional)')
    await name.fill('First one')
    await name.press('Enter')
    await inState(page, 'ready').waitFor()
    await keyboard(page, (here) => here.id === 'snapshots')
    const row = rows(page).first()
    assert.match(await row.textContent(), /First one.*Ready.*Current/)
    assert.match(await row.textContent(), /kB, \d+ files, 3 of 6 required set/)
    await row.getByText('2 files scrubbed').click()
    await row.getByText('apps/web/.env.local').waitFor()
    await holds(setup, server, '.env', 'DATABASE_URL=')
    assert.equal(archives(server).length, 1)
  })

  it('show how far they are, and can be called off', async () => {
    writeFileSync(join(folderOf(setup, server), 'large'), '')
    truncateSync(join(folderOf(setup, server), 'large'), 4 * 2 ** 30)
    await page.getByRole('button', { name: 'Save snapshot' }).click()
    const saving = inState(page, 'saving')
    await saving.getByText(/\d+% of 4\.3 GB, \d+ files/).waitFor()
    await saving.getByText('The env files are away until it is done.').waitFor()
    await lacks(setup, server, '.env')
    await saving.getByRole('button', { name: 'Cancel saving' }).click()
    await inState(page, 'cancelled').waitFor()
    await holds(setup, server, '.env', 'DATABASE_URL=')
    rmSync(join(folderOf(setup, server), 'large'))
    const cancelled = inState(page, 'cancelled')
    await cancelled.getByText('Delete', { exact: true }).click()
    await cancelled.getByText('nothing of it was kept').waitFor()
    await cancelled.getByRole('button', { name: 'Yes, delete' }).click()
    await cancelled.waitFor({ state: 'detached' })
    assert.equal(await rows(page).count(), 1)
  })

  it('are stopped by a value in the workspace, which is named without itself', async () => {
    writeFileSync(join(folderOf(setup, server), 'notes.md'), `# Notes\n\nuse ${VALUES.DATABASE_URL}\n`)
    await page.getByRole('button', { name: 'Save snapshot' }).click()
    const blocked = inState(page, 'blocked')
    await blocked.waitFor()
    await blocked.getByText('notes.md').waitFor()
    assert.match(await blocked.getByRole('list', { name: 'Values found' }).textContent(), /notes\.md\s*line 3: the value of DATABASE_URL/)
    assert.ok(!(await page.content()).includes('canary-Pa'), 'the value stands nowhere')
    // A person says that it is none, and takes that back, by keyboard.
    await blocked.getByRole('button', { name: 'DATABASE_URL is not a secret' }).focus()
    await page.keyboard.press('Enter')
    await blocked.getByText(/^Not a secret, according to /).waitFor()
    await keyboard(page, (here) => here.getAttribute('aria-label') === 'Undo: DATABASE_URL is a secret')
    await openTab(page, 'Environment')
    const slot = page.locator('[data-slot="DATABASE_URL"]')
    await slot.locator('.slot-source summary').click()
    await slot.getByText(/^Not a secret, according to /).waitFor()
    await slot.getByRole('button', { name: 'Undo: DATABASE_URL is a secret' }).click()
    await slot.getByRole('button', { name: 'DATABASE_URL is not a secret' }).waitFor()
    await openTab(page, 'Snapshots')
    await blocked.getByRole('button', { name: 'DATABASE_URL is not a secret' }).waitFor()
    assert.equal(archives(server).length, 1)
    rmSync(join(folderOf(setup, server), 'notes.md'))
    await blocked.getByRole('button', { name: /^Scan again/ }).click()
    await blocked.waitFor({ state: 'detached' })
    await until('both are ready', async () => (await inState(page, 'ready').count()) === 2)
    assert.equal(archives(server).length, 2)
  })

  it('are chosen and deleted', async () => {
    const first = rows(page).filter({ hasText: 'First one' })
    await first.getByRole('button', { name: 'Make current: First one' }).click()
    await first.getByText('Current', { exact: true }).waitFor()
    const other = rows(page).filter({ hasText: 'Snapshot without a name' })
    await other.getByText('Delete', { exact: true }).click()
    await other.getByRole('button', { name: /^Yes, delete/ }).click()
    await other.waitFor({ state: 'detached' })
    assert.equal(archives(server).length, 1)
  })

  it('are what the next session starts from', async () => {
    rmSync(join(project, '.git'), { recursive: true })
    await finishAnyway(page)
    const work = await goToWork(page, setup)
    await page.getByText('Workspace unpacked from the snapshot “First one”; nothing was cloned.').waitFor()
    await holds(work, server, '.env', 'DATABASE_URL=')
    assert.equal(read(work, server, 'README.md'), '# Shop\n')
  })

  it('work without JavaScript', async () => {
    const work = sessionOf(page)
    const tab = `${server.origin}/sessions/${work}?tab=snapshots`
    const plain = await stage.beside(context, tab, { javaScriptEnabled: false })
    const seen = (locator) => reloadUntil(plain.page, locator, tab)
    await plain.page.getByLabel('Snapshot name (optional)').fill(`With ${VALUES.DATABASE_URL}`)
    await plain.page.getByLabel('Start the next sessions from it').uncheck()
    await plain.page.getByRole('button', { name: 'Save snapshot' }).click()
    assert.ok(!plain.page.url().includes('canary'), 'what was typed stands in no address')
    const cleaned = inState(plain.page, 'ready').filter({ hasText: 'With «secret»' })
    await seen(cleaned)
    assert.ok(!(await plain.page.content()).includes('canary'), 'the name holds no value')
    await cleaned.getByText('Delete', { exact: true }).click()
    await cleaned.getByRole('button', { name: /^Yes, delete/ }).click()
    await cleaned.waitFor({ state: 'detached' })
    writeFileSync(join(folderOf(work, server), 'notes.md'), VALUES.DATABASE_URL)
    await plain.page.goto(tab)
    await plain.page.getByLabel('Snapshot name (optional)').fill('Plain')
    await plain.page.getByLabel('Start the next sessions from it').uncheck()
    await plain.page.getByRole('button', { name: 'Save snapshot' }).click()
    const blocked = inState(plain.page, 'blocked')
    await seen(blocked)
    await blocked.getByRole('button', { name: 'DATABASE_URL is not a secret' }).click()
    await blocked.getByText(/^Not a secret, according to /).waitFor()
    await blocked.getByRole('button', { name: 'Undo: DATABASE_URL is a secret' }).click()
    await blocked.getByRole('button', { name: 'DATABASE_URL is not a secret' }).waitFor()
    rmSync(join(folderOf(work, server), 'notes.md'))
    await plain.page.getByRole('button', { name: 'Scan again: Plain' }).click()
    const mine = inState(plain.page, 'ready').filter({ hasText: 'Plain' })
    await seen(mine)
    await mine.getByRole('button', { name: 'Make current: Plain' }).click()
    await seen(mine.getByText('Current', { exact: true }))
    await mine.getByRole('button', { name: /^Use a fresh clone instead/ }).click()
    await seen(plain.page.getByText('None is the current one'))
    await mine.getByText('Delete', { exact: true }).click()
    await mine.getByRole('button', { name: 'Yes, delete Plain' }).click()
    await seen(rows(plain.page).filter({ hasText: 'First one' }))
    assert.equal(await rows(plain.page).count(), 1)
    await holds(work, server, '.env', 'DATABASE_URL=')
    await plain.context.close()
  })
})
