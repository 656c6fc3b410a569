// Which value wins and what it hides, and what looks wrong with one before and after it is saved.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { hasStatus, row } from '../support/browser.mjs'
import { fill, openTab } from '../support/road.mjs'
import { setStage } from '../support/stage.mjs'

describe('what is known of a value', () => {
  const stage = setStage()
  let page, context
  before(async () => {
    ;({ page, context } = await stage.setup())
  })

  const provenance = (key) => row(page, key).locator('.provenance li')
  const fold = (key) => row(page, key).locator('.slot-source summary')
  const replace = async (key, value, scope, on = page) => {
    await row(on, key).getByRole('button', { name: `Replace ${key}` }).click()
    await fill(on, key, value, { scope })
    await row(on, key).locator('textarea').waitFor({ state: 'detached' })
  }

  it('says which value wins and what it hides, from the session to the default', async () => {
    await fill(page, 'SESSION_SECRET', 'everybody', { scope: 'Organization' })
    await fold('SESSION_SECRET').click()
    await provenance('SESSION_SECRET').getByText('used').waitFor()
    await replace('SESSION_SECRET', 'of the shop', 'This repository (shop)')
    await replace('SESSION_SECRET', 'everybody', 'This session only')
    await provenance('SESSION_SECRET').nth(2).waitFor()
    const said = await provenance('SESSION_SECRET').allTextContents()
    assert.match(said[0], /^this sessionwins.*version 1, 9 bytes, set by Owner on /)
    assert.match(said[1], /^repository shophidden, another value.*version 1, 11 bytes/)
    assert.match(said[2], /^organizationhidden, the same value.*version 1, 9 bytes/)
    await row(page, 'SESSION_SECRET').getByText('hides 2 broader values').waitFor()

    await replace('PORT', '4000')
    await hasStatus(page, 'PORT', 'set')
    await fold('PORT').click()
    await provenance('PORT').getByText('default of the spec').waitFor()
    await provenance('PORT').getByText('3000').waitFor()
  })

  it('stays open while others save', async () => {
    const other = await stage.beside(context, page.url())
    await openTab(other.page, 'Environment')
    await replace('SESSION_SECRET', 'newer', 'Organization', other.page)
    await provenance('SESSION_SECRET').nth(2).getByText('version 2, 5 bytes').waitFor()
    assert.ok(await row(page, 'SESSION_SECRET').locator('.slot-source').evaluate((fold) => fold.open))
    await other.context.close()
  })

  it('doubts what looks like a mistake, and saves it when told twice', async () => {
    const slot = row(page, 'DATABASE_URL')
    const field = slot.getByLabel('Value for DATABASE_URL', { exact: true })
    await field.fill('your-key-here')
    await slot.getByText('It looks like a placeholder').waitFor()
    await field.fill('localhost:5432/shop')
    await slot.getByText('A URL is expected').waitFor()
    await field.press('Enter')
    await slot.getByText('Save it again to save it anyway').waitFor()
    assert.equal(await slot.getAttribute('data-status'), 'missing')
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA', 'the keyboard stays')
    await slot.getByRole('button', { name: 'Save anyway: DATABASE_URL' }).waitFor()
    // Another text is another question.
    await field.press('End')
    await field.press('x')
    await slot.getByRole('button', { name: 'Save DATABASE_URL' }).waitFor()
    await field.press('Enter')
    await slot.getByText('Save it again to save it anyway').waitFor()
    await field.press('Enter')
    await hasStatus(page, 'DATABASE_URL', 'set')
    await slot.getByText('A URL is expected').waitFor()
    await replace('DATABASE_URL', 'postgres://db/shop')
    await slot.getByText('A URL is expected').waitFor({ state: 'detached' })
  })

  it('doubts nothing in a good value', async () => {
    await fill(page, 'STRIPE_SECRET_KEY', 'sk_live_1')
    assert.equal(await row(page, 'STRIPE_SECRET_KEY').locator('.doubts p').count(), 0)
  })
})
