// Without JavaScript: every form of the road works as a plain post, with the same checks and words.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { row } from '../support/browser.mjs'
import { VALUES } from '../support/project.mjs'
import { connect, holds, reloadUntil, sessionOf, signIn } from '../support/road.mjs'
import { read } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

describe('without JavaScript', () => {
  const stage = setStage()
  let server, page, setup
  before(async () => {
    server = await stage.server()
    ;({ page } = await stage.open({ javaScriptEnabled: false }))
  })

  const save = async (key, value) => {
    const slot = row(page, key)
    await slot.getByLabel(`Value for ${key}`, { exact: true }).fill(value)
    await slot.getByRole('button', { name: `Save ${key}` }).click()
  }

  it('a wrong address is refused in words', async () => {
    await signIn(page, server)
    await page.getByLabel('Git URL or local path').fill('/nowhere/at/all')
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByText('There is no git repository at /nowhere/at/all').waitFor()
  })

  it('values are saved, generated, refused and deleted, and reach the files', async () => {
    setup = await connect(page, stage.project())
    await reloadUntil(page, page.locator('[data-slot="DATABASE_URL"] textarea'))
    await save('DATABASE_URL', VALUES.DATABASE_URL)
    await page.locator('[data-slot="DATABASE_URL"][data-status="set"]').waitFor()
    await save('PRIVATE_KEY', VALUES.PRIVATE_KEY)
    await page.locator('[data-slot="PRIVATE_KEY"][data-status="set"]').waitFor()
    // With its line breaks.
    await holds(setup, server, 'apps/web/.env.local', `PRIVATE_KEY='${VALUES.PRIVATE_KEY}'`)
    await row(page, 'SESSION_SECRET').getByRole('button', { name: 'Generate SESSION_SECRET' }).click()
    await page.locator('[data-slot="SESSION_SECRET"][data-status="set"]').waitFor()
    await holds(setup, server, '.env', /^SESSION_SECRET=[0-9a-f]{64}$/m)

    await save('STRIPE_SECRET_KEY', 'it\'s "both"')
    await reloadUntil(page, page.getByText('no spelling of a single quote together with').first())
    assert.ok(!page.url().includes('both'), 'what was typed stands in no address')

    await row(page, 'DATABASE_URL').getByRole('button', { name: 'Delete DATABASE_URL' }).click()
    await row(page, 'DATABASE_URL').getByRole('button', { name: 'Yes, delete DATABASE_URL' }).click()
    await page.locator('[data-slot="DATABASE_URL"][data-status="missing"]').waitFor()
    await holds(setup, server, '.env', /^(?![^]*DATABASE_URL)[^]*SESSION_SECRET=/)
  })

  it('auto-start commands are edited', async () => {
    await page.getByRole('link', { name: 'Auto-start' }).click()
    const command = page.getByRole('textbox', { name: /command/i }).first()
    await command.fill('npm run dev')
    await page.getByRole('button', { name: /save/i }).click()
    await page.getByRole('link', { name: 'Auto-start' }).click()
    assert.equal(await page.getByRole('textbox', { name: /command/i }).first().inputValue(), 'npm run dev')
  })

  it('finishing asks first, and a work session starts', async () => {
    await page.getByRole('button', { name: 'Finish setup' }).click()
    await page.getByRole('button', { name: 'Finish anyway' }).click()
    await page.getByRole('button', { name: 'Start work session' }).click()
    assert.notEqual(sessionOf(page), setup)
    await reloadUntil(page, page.getByText('Boot receipt'))
    await page.getByRole('link', { name: /^Info/ }).click()
    await reloadUntil(page, page.getByText('SESSION_SECRET'))
    assert.match(read(sessionOf(page), server, '.env'), /^SESSION_SECRET=[0-9a-f]{64}$/m)
  })
})
