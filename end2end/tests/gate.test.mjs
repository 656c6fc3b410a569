// The readiness gate: a work session that waits for required values, with and without JavaScript.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { hasStatus, hydrated, row } from '../support/browser.mjs'
import { expectBadge, fill, finishAnyway, goToWork, holds, lacks, openTab, reloadUntil, sessionOf } from '../support/road.mjs'
import { makeRepository, read } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

const makeProject = () => makeRepository({ '.env.example': 'DATABASE_URL=\nAPI_TOKEN=\n' })
const gate = (page) => page.locator('[data-gate]')
const chip = (page, text) => page.locator('.session-head .chip', { hasText: text })

for (const backend of ['sqlite', 'postgres']) {
  describe(`the readiness gate on ${backend}`, () => {
    const stage = setStage()
    let server, page, context, setup, work
    before(async () => {
      ;({ server, page, context, session: setup } = await stage.setup({ backend, project: makeProject() }))
    })

    it('is chosen on the Info tab, in plain words and by keyboard', async () => {
      await openTab(page, 'Info')
      const start = page.getByRole('radio', { name: 'Start without them' })
      assert.ok(await start.isChecked())
      await start.focus()
      await page.keyboard.press('ArrowDown')
      await page.getByText('Saved. It counts for every session').waitFor()
      assert.ok(await page.getByRole('radio', { name: 'Wait for them' }).isChecked())
      await page.getByText('made work sessions wait for missing required values').waitFor()
    })

    it('has a work session wait with the Environment tab in front and a banner that counts', async () => {
      await finishAnyway(page)
      work = await goToWork(page, setup)
      await hydrated(page)
      await gate(page).getByText('This session waits for 2 required values: API_TOKEN and DATABASE_URL.').waitFor()
      await chip(page, 'Waiting for values').waitFor()
      assert.equal(await page.getByRole('link', { name: /^Environment/ }).getAttribute('aria-current'), 'true')
      await expectBadge(page, '2')
      await lacks(work, server, '.env')
      const other = await stage.beside(context, `${server.origin}/`)
      await other.page.getByRole('link', { name: /Waiting for values/ }).waitFor()
      await other.page.getByText('A work session would wait for 2 required values.').waitFor()
      await other.context.close()
    })

    it('goes on by itself with the last value, from whatever page it comes', async () => {
      await fill(page, 'API_TOKEN', 'token-of-the-api')
      await gate(page).getByText('This session waits for 1 required value: DATABASE_URL.').waitFor()
      await lacks(work, server, '.env')
      const other = await stage.beside(context, `${server.origin}/sessions/${setup}?tab=environment`)
      await fill(other.page, 'DATABASE_URL', 'postgres://db/shop')
      await other.context.close()
      await chip(page, 'Running').waitFor()
      await gate(page).waitFor({ state: 'detached' })
      await holds(work, server, '.env', /API_TOKEN=.?token-of-the-api/)
      await openTab(page, 'Info')
      await page.getByText('2 of 2 keys written').waitFor()
    })

    it('lets a person start anyway, which the receipt and the thread record', async () => {
      await openTab(page, 'Environment')
      await row(page, 'API_TOKEN').getByRole('button', { name: 'Delete API_TOKEN' }).click()
      await row(page, 'API_TOKEN').getByRole('button', { name: 'Yes, delete API_TOKEN' }).click()
      await hasStatus(page, 'API_TOKEN', 'missing')
      await page.goto(`${server.origin}/`)
      await hydrated(page)
      await page.getByRole('button', { name: 'Start work session' }).click()
      await page.waitForURL(/\/sessions\//)
      await gate(page).getByRole('button', { name: 'Start anyway' }).click()
      await chip(page, 'Running').waitFor()
      await page.getByText('had the session start anyway, without API_TOKEN.').waitFor()
      await openTab(page, 'Info')
      await page.getByText('Started anyway by Owner, without waiting for the rest.').waitFor()
      const file = read(sessionOf(page), server, '.env')
      assert.ok(file.includes('DATABASE_URL=') && !file.includes('API_TOKEN'), 'a missing key is left out')
    })
  })
}

describe('the readiness gate without JavaScript', () => {
  const stage = setStage()

  it('is chosen, waited at and passed by plain forms', async () => {
    const made = await stage.setup({ project: makeProject(), javaScriptEnabled: false })
    const { server, page } = made
    await page.getByRole('link', { name: /^Info/ }).click()
    await page.getByRole('radio', { name: 'Wait for them' }).check()
    await page.getByRole('button', { name: 'Save choice' }).click()
    await page.getByRole('link', { name: /^Info/ }).click()
    assert.ok(await page.getByRole('radio', { name: 'Wait for them' }).isChecked())
    await finishAnyway(page)
    const work = await goToWork(page, made.session)
    await reloadUntil(page, gate(page))
    assert.ok(await page.locator('[data-slot="DATABASE_URL"]').isVisible(), 'the Environment tab is in front')
    for (const key of ['DATABASE_URL', 'API_TOKEN']) {
      await row(page, key).getByLabel(`Value for ${key}`, { exact: true }).fill('some-value')
      await row(page, key).getByRole('button', { name: `Save ${key}` }).click()
    }
    await reloadUntil(page, chip(page, 'Running'))
    await holds(work, server, '.env', /API_TOKEN=.?some-value/)
    await page.getByRole('link', { name: /^Environment/ }).click()
    await row(page, 'API_TOKEN').getByRole('button', { name: 'Delete API_TOKEN' }).click()
    await row(page, 'API_TOKEN').getByRole('button', { name: 'Yes, delete API_TOKEN' }).click()
    await page.goto(`${server.origin}/`)
    await page.getByRole('button', { name: 'Start work session' }).click()
    await reloadUntil(page, gate(page))
    await gate(page).getByRole('button', { name: 'Start anyway' }).click()
    await reloadUntil(page, chip(page, 'Running'))
  })
})
